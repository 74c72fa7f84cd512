import { isRecord, listAt, parseJson, textAt, valueAt } from "../core/json.ts";
import type { SseEvent } from "../core/sse.ts";
import type { ChatEvent, Finish } from "./chat_answer.ts";
import { readGeminiBlock, readGeminiFinish } from "./gemini_finish.ts";
import { readGeminiCitations } from "./gemini_grounding.ts";
import { callIdMaterial, readGeminiParts } from "./gemini_part_reader.ts";
import { readGeminiLogprobs } from "./gemini_logprobs.ts";
import { readGeminiUsage } from "../core/gemini_usage.ts";
import type { StreamReader } from "./sides.ts";

/** More answers than Google gives at once: an index beyond is a mistake. */
const MAX_CHOICES = 64;

/** What is kept of a candidate until the stream is over. */
export interface GeminiLane {
  readonly choice: number;
  /** Calls so far. */
  calls: number;
  finishReason: string;
  finishMessage: string;
  /** The last candidate that told sources: later metadata holds what earlier ones did. */
  grounded: unknown;
}

/** Says why an event is none of Gemini's. */
class UnreadableError extends Error {}

/**
 * Reads `:streamGenerateContent`, also the elements of its JSON-array form when they come one by one. There is no end
 * mark: `finishReason` may be told before the last parts, so that everything that ends waits for `close()`.
 */
export class GeminiStreamReader implements StreamReader {
  readonly #lanes = new Map<number, GeminiLane>();
  #hasStarted = false;
  #isOver = false;
  #block: Finish | undefined;
  #idMaterial = "";

  read(event: SseEvent): readonly ChatEvent[] {
    if (this.#isOver || event.data.trim() === "") return [];
    const json = parseJson(event.data);
    const events: ChatEvent[] = [];
    // Google writes errors as an array, too (C7 of the OpenAI endpoint, and streams without alt=sse).
    for (const value of Array.isArray(json) ? json : [json]) {
      this.readResponse(value, event.data, events);
      if (this.#isOver) break;
    }
    return events;
  }

  /** @param text the response's JSON, for ids of calls in answers that have none */
  readResponse(response: unknown, text: string, events: ChatEvent[]): void {
    try {
      this.#readResponse(response, text, events);
    } catch (error) {
      if (!(error instanceof UnreadableError)) throw error;
      this.#isOver = true;
      const message = `Cannot read event of Gemini: ${error.message}`;
      events.push({ kind: "error", message, code: "unreadable_event" });
    }
  }

  close(): readonly ChatEvent[] {
    if (this.#isOver) return [];
    this.#isOver = true;
    const lanes = [...this.#lanes.values()].sort((a, b) => a.choice - b.choice);
    if (lanes.some(({ finishReason }) => finishReason === "") && this.#block === undefined) return [];
    if (lanes.length === 0 && this.#block === undefined) return [];
    const events: ChatEvent[] = [];
    for (const { choice, calls, finishReason, finishMessage, grounded } of lanes) {
      for (const citation of readGeminiCitations(grounded)) {
        events.push({ kind: "citation", choice, citation });
      }
      const finish = finishReason === "" && this.#block !== undefined
        ? this.#block
        : readGeminiFinish(finishReason, finishMessage, calls > 0);
      events.push({ kind: "finish", choice, finish });
    }
    if (lanes.length === 0 && this.#block !== undefined) {
      events.push({ kind: "finish", choice: 0, finish: this.#block });
    }
    events.push({ kind: "end" });
    return events;
  }

  #readResponse(response: unknown, text: string, events: ChatEvent[]): void {
    if (!isRecord(response)) throw new UnreadableError("it is not JSON of an object");
    if (response.error !== undefined && response.error !== null) {
      events.push(errorEvent(response.error));
      this.#isOver = true;
      return;
    }
    if (!MEMBERS.some((member) => Object.hasOwn(response, member))) {
      throw new UnreadableError("it is no response");
    }
    if (!this.#hasStarted) {
      this.#hasStarted = true;
      const id = textAt(response, "responseId");
      this.#idMaterial = callIdMaterial(id, text);
      events.push({ kind: "start", id, model: textAt(response, "modelVersion") });
    }
    const { candidates = null, promptFeedback, usageMetadata } = response;
    if (candidates !== null && !Array.isArray(candidates)) throw new UnreadableError("candidates is no list");
    for (const [at, candidate] of (candidates ?? []).entries()) this.#readCandidate(candidate, at, events);
    this.#block = readGeminiBlock(
      textAt(promptFeedback, "blockReason"),
      textAt(promptFeedback, "blockReasonMessage"),
    ) ?? this.#block;
    const usage = usageMetadata === undefined ? undefined : readGeminiUsage(usageMetadata);
    if (usage !== undefined) events.push({ kind: "usage", usage });
  }

  #readCandidate(candidate: unknown, at: number, events: ChatEvent[]): void {
    if (!isRecord(candidate)) throw new UnreadableError("a candidate is no object");
    const { index = at, content = null } = candidate;
    const choice = typeof index === "number" && Number.isInteger(index) && index >= 0 ? index : MAX_CHOICES;
    if (choice >= MAX_CHOICES) throw new UnreadableError("a candidate has an odd index");
    let lane = this.#lanes.get(choice);
    if (lane === undefined) {
      lane = { choice, calls: 0, finishReason: "", finishMessage: "", grounded: undefined };
      this.#lanes.set(choice, lane);
    }
    if (content !== null) {
      if (!isRecord(content)) throw new UnreadableError("a content is no object");
      const { parts = null } = content;
      if (parts !== null && !Array.isArray(parts)) throw new UnreadableError("parts is no list");
      const problem = readGeminiParts(parts ?? [], lane, this.#idMaterial, events);
      if (problem !== undefined) throw new UnreadableError(problem);
    }
    if (candidate.logprobsResult !== undefined) {
      const logprobs = readGeminiLogprobs(candidate.logprobsResult);
      if (logprobs.length > 0) events.push({ kind: "logprobs", choice, logprobs });
    }
    if (listAt(candidate, "groundingMetadata", "groundingChunks").length > 0) lane.grounded = candidate;
    else if (listAt(candidate, "citationMetadata", "citations").length > 0) lane.grounded = candidate;
    const finishReason = valueAt(candidate, "finishReason") ?? "";
    if (typeof finishReason !== "string") throw new UnreadableError("finishReason is no text");
    if (finishReason === "") return;
    lane.finishReason = finishReason;
    lane.finishMessage = textAt(candidate, "finishMessage");
  }
}

/** What a `GenerateContentResponse` may have. */
const MEMBERS = ["candidates", "promptFeedback", "usageMetadata", "responseId", "modelVersion"] as const;

/** Source: https://google.aip.dev/193 */
function errorEvent(error: unknown): ChatEvent {
  const message = textAt(error, "message") || textAt({ error }, "error") || "Gemini failed without a message";
  return { kind: "error", message, code: textAt(error, "status") || textAt(error, "code") || "unknown" };
}
