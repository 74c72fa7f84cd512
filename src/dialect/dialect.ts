import type { Header } from "../core/http.ts";
import type { DialectName, Vendor } from "../core/provider.ts";
import type { SseEvent } from "../core/sse.ts";
import type { TokenUsage } from "../core/usage.ts";

/** All that is known of an answer when it is judged. */
export interface Evidence {
  readonly vendor: Vendor;
  readonly dialect: DialectName;
  readonly status: number;
  readonly headers: readonly Header[];
  /** The first 64 KiB of the answer, or of the error event inside a stream (then `status` is still 200). */
  readonly body: string;
  /** Path of the upstream request, without its query. */
  readonly path: string;
  readonly model?: string;
  readonly nowMs: number;
}

/**
 * What one event of a stream means to the commit gate: `content` is the first thing a caller must see
 * (text, reasoning, a tool call, a refusal, audio, or an end); `error` is a failure inside a 200;
 * `preamble` (role chunks, message_start, pings, comments) may still be taken back.
 */
export type EventMeaning = "preamble" | "content" | "error";

/** How a stream stopped, read from its last bytes: `cut` when the dialect's end mark is missing. */
export type StreamEnd = "complete" | "error" | "cut";

/** An error of ours, on its way to a caller. */
export interface CallerError {
  readonly status: number;
  /** Our code, e.g. `no_key_available`: the `code` of OpenAI's form, part of the message elsewhere. */
  readonly code: string;
  readonly message: string;
  readonly requestId: string;
  /** More fields for the error object, where the dialect has room for them. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/** One wire protocol: where things stand in its requests and answers. Pure. */
export interface Dialect {
  readonly name: DialectName;
  /** Whether a call that may have been served can be sent again without doing something twice. */
  isRepeatable(method: string, path: string): boolean;
  /** The model that the path names (Gemini), or `undefined`. */
  modelInPath(path: string): string | undefined;
  /** Whether a 200 of this JSON body is an error after all, or has nothing in it; `json` as in `readUsage`. */
  readSoftFailure(body: string, json?: unknown): "error" | "empty" | undefined;
  meaningOf(event: SseEvent): EventMeaning;
  /** `tail` is the decoded end of the stream, at least its last two chunks. */
  readEnd(tail: string): StreamEnd;
  /**
   * Usage from a whole JSON answer or from a stream's tail; `undefined` when none stands there. `json` is the whole
   * answer parsed, where that was done already.
   */
  readUsage(text: string, json?: unknown): TokenUsage | undefined;
  /** How many characters the model wrote in this event: text, thoughts, refusals, arguments of calls. */
  charactersIn(event: SseEvent): number;
  /** JSON body of an error answer. */
  renderError(error: CallerError): string;
  /** What is written into a stream that has begun and cannot be ended well; never an end mark. */
  renderStreamError(error: CallerError): string;
}
