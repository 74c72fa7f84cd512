import type { SseEvent } from "../core/sse.ts";
import { isRecord, parseJson, textAt } from "../core/json.ts";
import { openAiUsageIn } from "../core/openai_usage.ts";
import type { ChatEvent } from "./chat_answer.ts";
import {
  citationsIn,
  errorIn,
  imagesIn,
  logprobsIn,
  openAiChatFinishOf,
  saidIn,
  signatureIn,
} from "./openai_chat_read_words.ts";
import { StreamedCalls } from "./openai_chat_stream_calls.ts";
import { AnswerUnreadableError, type StreamReader } from "./sides.ts";

/**
 * Reads a stream of `chat.completion.chunk`s, of OpenAI or of a server that imitates it. The finish of a choice is kept
 * back until the end, for parts follow it with some servers, and others repeat it in every chunk (one-api#1408). The end
 * is `[DONE]`, or, where a server has none, the end of the bytes with every choice finished.
 * Source: https://platform.openai.com/docs/api-reference/chat/streaming
 */
export function openOpenAiChatReader(): StreamReader {
  return new ChunkReader();
}

interface StreamedChoice {
  readonly calls: StreamedCalls;
  /** The last `finish_reason` that was told; "" before. */
  finish: string;
  native: string;
}

/** More choices than any server gives. */
const MAX_CHOICES = 128;

class ChunkReader implements StreamReader {
  readonly #choices = new Map<number, StreamedChoice>();
  #hasStarted = false;
  #isOver = false;
  #answerId = "";
  #model = "";
  /** What sets calls without id apart in an answer without id. */
  #created = "";

  read(event: SseEvent): readonly ChatEvent[] {
    if (this.#isOver || event.data === "") return [];
    const events: ChatEvent[] = [];
    try {
      this.#take(event, events);
    } catch (error) {
      if (!(error instanceof AnswerUnreadableError)) throw error;
      this.#fail(error.message, "unreadable", events);
    }
    return events;
  }

  close(): readonly ChatEvent[] {
    const isWhole = this.#choices.size > 0 &&
      [...this.#choices.values()].every(({ finish }) => finish !== "");
    return isWhole ? this.read({ name: "", data: "[DONE]" }) : [];
  }

  #take(event: SseEvent, events: ChatEvent[]): void {
    if (event.data.trim() === "[DONE]") return this.#end(events);
    const json = parseJson(event.data);
    const error = errorIn(json) ?? (event.name === "error" ? { message: event.data, code: "" } : undefined);
    if (error !== undefined) return this.#fail(error.message, error.code || "upstream_failed", events);
    if (!isRecord(json)) throw new AnswerUnreadableError("an event is no JSON object");
    this.#answerId ||= textAt(json, "id");
    this.#model ||= textAt(json, "model");
    this.#created ||= textAt(json, "created");
    const { choices } = json;
    if (Array.isArray(choices)) { for (const choice of choices) this.#takeChoice(choice, events); }
    else if (choices !== null && choices !== undefined) {
      throw new AnswerUnreadableError("choices are no list");
    }
    const usage = openAiUsageIn(json);
    if (usage === undefined) return;
    this.#start(events);
    events.push({ kind: "usage", usage });
  }

  #start(events: ChatEvent[]): void {
    if (this.#hasStarted) return;
    this.#hasStarted = true;
    events.push({ kind: "start", id: this.#answerId, model: this.#model });
  }

  #takeChoice(value: unknown, events: ChatEvent[]): void {
    if (!isRecord(value)) throw new AnswerUnreadableError("a choice is no object");
    const choice = value.index ?? 0;
    if (typeof choice !== "number" || !Number.isInteger(choice) || choice < 0 || choice >= MAX_CHOICES) {
      throw new AnswerUnreadableError("the index of a choice is no number");
    }
    this.#start(events);
    const state = this.#choices.get(choice) ?? { calls: new StreamedCalls(choice), finish: "", native: "" };
    this.#choices.set(choice, state);
    // Some servers stream a whole message as one chunk.
    const delta = value.delta ?? value.message ?? {};
    if (!isRecord(delta)) throw new AnswerUnreadableError("a delta is no object");
    this.#takeDelta(choice, delta, state.calls, events);
    const logprobs = value.logprobs ? logprobsIn(value) : undefined;
    if (logprobs !== undefined) events.push({ kind: "logprobs", choice, logprobs });
    const { finish_reason: finish } = value;
    if (typeof finish === "string") state.finish = finish || state.finish;
    else if (finish !== null && finish !== undefined) {
      throw new AnswerUnreadableError("finish_reason is no text");
    }
    state.native = textAt(value, "native_finish_reason") || state.native;
  }

  #takeDelta(
    choice: number,
    delta: Record<string, unknown>,
    calls: StreamedCalls,
    events: ChatEvent[],
  ): void {
    for (const { kind, text } of saidIn(delta)) events.push({ kind, choice, text });
    const signature = signatureIn(delta);
    if (signature !== undefined) events.push({ kind: "signature", choice, of: "text", signature });
    for (const image of delta.images === undefined ? [] : imagesIn(delta)) {
      // A picture elsewhere can only be told by its address.
      if ("url" in image) events.push({ kind: "text", choice, text: `![](${image.url})` });
      else events.push({ kind: "image", choice, ...image });
    }
    if (delta.annotations !== undefined) {
      for (const citation of citationsIn(delta)) events.push({ kind: "citation", choice, citation });
    }
    const { tool_calls: items, function_call: old } = delta;
    const answerId = this.#answerId || this.#created;
    if (Array.isArray(items)) { for (const item of items) calls.take(item, answerId, events); }
    else if (items !== null && items !== undefined) {
      throw new AnswerUnreadableError("tool_calls are no list");
    }
    // The old form is one call, which has neither index nor id.
    if (isRecord(old)) calls.take({ index: 0, function: old }, answerId, events);
  }

  #end(events: ChatEvent[]): void {
    if (this.#choices.size === 0) throw new AnswerUnreadableError("the stream has no choices");
    const choices = [...this.#choices].sort(([a], [b]) => a - b);
    for (const [choice, { calls, finish, native }] of choices) {
      // A provider that broke off in the middle may still write its end mark (opencode#37852).
      if (finish === "") throw new AnswerUnreadableError("the stream has no finish_reason");
      calls.close(events);
      events.push({ kind: "finish", choice, finish: openAiChatFinishOf(finish, native, calls.count > 0) });
    }
    this.#isOver = true;
    events.push({ kind: "end" });
  }

  #fail(message: string, code: string, events: ChatEvent[]): void {
    this.#isOver = true;
    events.push({ kind: "error", message, code });
  }
}
