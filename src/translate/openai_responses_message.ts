import type { Citation, TokenLogprob } from "./chat_answer.ts";
import type { ResponseEvents } from "./openai_responses_events.ts";
import {
  annotationOf,
  type ItemStatus,
  logprobsOf,
  messageOutput,
  type OutputItem,
  refusalContent,
  textContent,
} from "./openai_responses_items.ts";
import type { Opaque } from "./openai_responses_opaque.ts";

/** A message item that is being written: texts and refusals, one part open at a time. */
export class OpenMessage {
  readonly kind = "message";
  /** The signature of its text, which is told when the message is closed. */
  opaque: Opaque | undefined;
  readonly #events: ResponseEvents;
  readonly #id: string;
  readonly #index: number;
  readonly #content: OutputItem[] = [];
  #part: OpenPart | undefined;

  constructor(events: ResponseEvents, id: string) {
    this.#events = events;
    this.#id = id;
    this.#index = events.add(messageOutput(id, [], "in_progress"));
  }

  get isRefusing(): boolean {
    return this.#part?.kind === "refusal";
  }

  addText(delta: string): void {
    const part = this.#textPart();
    part.text += delta;
    this.#events.send("response.output_text.delta", { ...part.at, delta, logprobs: [] });
  }

  addLogprobs(logprobs: readonly TokenLogprob[]): void {
    const part = this.#textPart();
    const told = logprobsOf(logprobs);
    part.logprobs.push(...told);
    this.#events.send("response.output_text.delta", { ...part.at, delta: "", logprobs: told });
  }

  cite(citation: Citation): void {
    const part = this.#textPart();
    const annotation = annotationOf(citation, part.text.length);
    const annotation_index = part.annotations.push(annotation) - 1;
    this.#events.send("response.output_text.annotation.added", { ...part.at, annotation_index, annotation });
  }

  addRefusal(delta: string): void {
    let part = this.#part;
    if (part?.kind !== "refusal") {
      this.#closePart();
      part = { kind: "refusal", at: this.#place(), text: "" };
      this.#openPart(part, refusalContent(""));
    }
    part.text += delta;
    this.#events.send("response.refusal.delta", { ...part.at, delta });
  }

  close(status: ItemStatus): void {
    this.#closePart();
    this.#events.done(this.#index, messageOutput(this.#id, this.#content, status));
  }

  #textPart(): OpenText {
    if (this.#part?.kind === "text") return this.#part;
    this.#closePart();
    const part: OpenText = { kind: "text", at: this.#place(), text: "", annotations: [], logprobs: [] };
    this.#openPart(part, textContent("", [], []));
    return part;
  }

  #openPart(open: OpenPart, part: OutputItem): void {
    this.#part = open;
    this.#events.send("response.content_part.added", { ...open.at, part });
  }

  #closePart(): void {
    const open = this.#part;
    if (open === undefined) return;
    this.#part = undefined;
    const { at, text } = open;
    if (open.kind === "text") {
      this.#events.send("response.output_text.done", { ...at, text, logprobs: open.logprobs });
    } else this.#events.send("response.refusal.done", { ...at, refusal: text });
    const part = open.kind === "text"
      ? textContent(text, open.annotations, open.logprobs)
      : refusalContent(text);
    this.#content.push(part);
    this.#events.send("response.content_part.done", { ...at, part });
  }

  #place(): PartPlace {
    return { item_id: this.#id, output_index: this.#index, content_index: this.#content.length };
  }
}

interface PartPlace {
  readonly item_id: string;
  readonly output_index: number;
  readonly content_index: number;
}

interface OpenText {
  readonly kind: "text";
  readonly at: PartPlace;
  text: string;
  readonly annotations: OutputItem[];
  readonly logprobs: OutputItem[];
}

type OpenPart = OpenText | { readonly kind: "refusal"; readonly at: PartPlace; text: string };
