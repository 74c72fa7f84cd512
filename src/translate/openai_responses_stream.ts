import type { TokenUsage } from "../core/usage.ts";
import type { ChatEvent, Finish } from "./chat_answer.ts";
import { ResponseEvents } from "./openai_responses_events.ts";
import {
  callOutput,
  imageOutput,
  type ItemStatus,
  reasoningOutput,
  summaryPart,
} from "./openai_responses_items.ts";
import { OpenMessage } from "./openai_responses_message.ts";
import { endOf, itemId, type ResponseEnd, responseObject } from "./openai_responses_object.ts";
import { type Opaque, opaqueText } from "./openai_responses_opaque.ts";
import type { AnswerTold, StreamWriter } from "./sides.ts";

/**
 * Writes a response as server-sent events. The protocol repeats every text in its `done` events and the whole output
 * in the last one, so the output is kept until then; nothing else is.
 * Source: https://developers.openai.com/api/reference/resources/responses/streaming-events
 */
export class ResponsesStreamWriter implements StreamWriter {
  readonly #told: AnswerTold;
  readonly #events = new ResponseEvents();
  readonly #calls = new Map<number, OpenCall>();
  #open: OpenReasoning | OpenMessage | undefined;
  #state: "new" | "started" | "over" = "new";
  #finish: Finish | undefined;
  #usage: TokenUsage | undefined;

  constructor(told: AnswerTold) {
    this.#told = told;
  }

  write(event: ChatEvent): string {
    // The protocol has one choice.
    if (this.#state === "over" || ("choice" in event && event.choice !== 0)) return "";
    if (this.#state === "new" && event.kind !== "ping") this.#start();
    this.#write(event);
    return this.#events.take();
  }

  #write(event: ChatEvent): void {
    switch (event.kind) {
      case "start":
        return;
      case "ping":
        return this.#events.comment("ping");
      case "text":
        return event.text === "" ? undefined : this.#unsigned().addText(event.text);
      case "refusal":
        return event.text === "" ? undefined : this.#unsigned().addRefusal(event.text);
      case "thinking":
        return event.text === "" ? undefined : this.#addThinking(event.text);
      case "signature":
        return this.#sign({ of: event.of, signature: event.signature });
      case "redacted_thinking":
        return this.#addOpaque({ of: "redacted", issuer: event.issuer, data: event.data });
      case "tool_call":
        if (event.signature !== undefined) this.#addOpaque({ of: "call", signature: event.signature });
        return this.#openCall(event.call, event.id, event.name);
      case "tool_arguments":
        return this.#addArguments(event.call, event.text);
      case "tool_call_end":
        return this.#closeCall(event.call, "completed");
      case "image":
        return this.#addImage(event.mediaType, event.base64);
      case "citation":
        return this.#message().cite(event.citation);
      case "logprobs":
        return event.logprobs.length === 0 ? undefined : this.#message().addLogprobs(event.logprobs);
      case "finish":
        return this.#takeFinish(event.finish);
      case "usage":
        this.#usage = event.usage;
        return;
      case "error":
        return this.#fail(event.message, event.code);
      case "end":
        return this.#end();
    }
  }

  #start(): void {
    this.#state = "started";
    const response = responseObject(this.#told, [], undefined, undefined);
    this.#events.send("response.created", { response });
    this.#events.send("response.in_progress", { response });
  }

  #message(): OpenMessage {
    if (this.#open instanceof OpenMessage) return this.#open;
    this.#close("completed");
    return this.#open = new OpenMessage(this.#events, this.#nextId("msg"));
  }

  /** A message to add words to: what was signed is closed. */
  #unsigned(): OpenMessage {
    if (this.#open instanceof OpenMessage && this.#open.opaque !== undefined) this.#close("completed");
    return this.#message();
  }

  #addThinking(delta: string): void {
    let open = this.#open;
    if (open?.kind !== "reasoning") {
      this.#close("completed");
      const id = this.#nextId("rs");
      const index = this.#events.add(reasoningOutput(id, undefined, undefined));
      const at = { item_id: id, output_index: index, summary_index: 0 };
      open = this.#open = { kind: "reasoning", at, text: "", opaque: undefined };
      this.#events.send("response.reasoning_summary_part.added", { ...at, part: summaryPart("") });
    }
    open.text += delta;
    this.#events.send("response.reasoning_summary_text.delta", { ...open.at, delta });
  }

  /** Thoughts end with their signature. A text's is an item behind its message, which may still get citations. */
  #sign(opaque: Opaque & { readonly of: "thinking" | "text" }): void {
    const open = this.#open;
    if (opaque.of === "text" && open?.kind === "message" && open.opaque === undefined) open.opaque = opaque;
    else if (opaque.of === "thinking" && open?.kind === "reasoning") {
      open.opaque = opaqueText(opaque);
      this.#close("completed");
    } else this.#addOpaque(opaque);
  }

  #addOpaque(opaque: Opaque): void {
    this.#close("completed");
    const item = reasoningOutput(this.#nextId("rs"), undefined, opaqueText(opaque));
    this.#events.done(this.#events.add(item), item);
  }

  #addImage(mediaType: string, base64: string): void {
    this.#close("completed");
    const item = imageOutput(this.#nextId("ig"), mediaType, base64);
    this.#events.done(this.#events.add({ ...item, status: "in_progress", result: null }), item);
  }

  #openCall(number: number, id: string, name: string): void {
    this.#close("completed");
    const itemId = this.#nextId("fc");
    const index = this.#events.add(callOutput(itemId, { id, name }, "", "in_progress"));
    this.#calls.set(number, { at: { item_id: itemId, output_index: index }, id, name, text: "" });
  }

  #addArguments(number: number, delta: string): void {
    const call = this.#calls.get(number);
    if (call === undefined || delta === "") return;
    call.text += delta;
    this.#events.send("response.function_call_arguments.delta", { ...call.at, delta });
  }

  #closeCall(number: number, status: ItemStatus): void {
    const call = this.#calls.get(number);
    if (call === undefined) return;
    // Who joins the deltas must get JSON, too.
    if (call.text.trim() === "") this.#addArguments(number, "{}");
    this.#calls.delete(number);
    const { at, text } = call;
    this.#events.send("response.function_call_arguments.done", { ...at, arguments: text });
    this.#events.done(at.output_index, callOutput(at.item_id, call, text, status));
  }

  #close(status: ItemStatus): void {
    const open = this.#open;
    if (open === undefined) return;
    this.#open = undefined;
    if (open.kind === "message") {
      open.close(open.opaque === undefined ? status : "completed");
      if (open.opaque !== undefined) this.#addOpaque(open.opaque);
      return;
    }
    const { at, text } = open;
    this.#events.send("response.reasoning_summary_text.done", { ...at, text });
    this.#events.send("response.reasoning_summary_part.done", { ...at, part: summaryPart(text) });
    this.#events.done(at.output_index, reasoningOutput(at.item_id, text, open.opaque));
  }

  #takeFinish(finish: Finish): void {
    this.#finish = finish;
    const { reason, explanation } = finish;
    const isRefusing = this.#open?.kind === "message" && this.#open.isRefusing;
    // A block says why in the place where clients look for a refusal.
    if (reason === "content_filter" && explanation !== undefined && explanation !== "" && !isRefusing) {
      this.#unsigned().addRefusal(explanation);
    }
    const status = reason === "length" || reason === "content_filter" ? "incomplete" : "completed";
    this.#close(status);
    for (const number of [...this.#calls.keys()]) this.#closeCall(number, status);
  }

  #end(): void {
    // A stream that ends without a finish has its items closed all the same.
    if (this.#finish === undefined) this.#takeFinish({ reason: "stop" });
    const end = endOf(this.#finish, this.#events.output.length > 0);
    if (end.error !== undefined) this.#sendError(end.error.message, end.error.code);
    this.#terminate(end);
  }

  #fail(message: string, code: string): void {
    this.#sendError(message, code);
    this.#terminate({ status: "failed", error: { code: "server_error", message } });
  }

  /** OpenAI's own SDK throws on this event, while it takes `response.failed` alone for an answer. */
  #sendError(message: string, code: string): void {
    this.#events.send("error", { code, message, param: null });
  }

  #terminate(end: ResponseEnd): void {
    const response = responseObject(this.#told, this.#events.output, end, this.#usage);
    this.#events.send(`response.${end.status}`, { response });
    this.#state = "over";
  }

  #nextId(prefix: Parameters<typeof itemId>[0]): string {
    return itemId(prefix, this.#told, this.#events.output.length);
  }
}

interface OpenReasoning {
  readonly kind: "reasoning";
  readonly at: { readonly item_id: string; readonly output_index: number; readonly summary_index: number };
  text: string;
  opaque: string | undefined;
}

interface OpenCall {
  readonly at: { readonly item_id: string; readonly output_index: number };
  readonly id: string;
  readonly name: string;
  text: string;
}
