import type { Header } from "../core/http.ts";
import type { SseEvent } from "../core/sse.ts";
import type { ChatAnswer, ChatEvent } from "./chat_answer.ts";
import type { AssistantPart, ChatRequest } from "./chat_request.ts";
import type { Losses } from "./losses.ts";

/** Protocols of a conversation; a dialect may have two. */
export type ChatProtocol = "openai_chat" | "openai_responses" | "anthropic" | "gemini";

/** How a caller speaks: its request is read, its answer is written. */
export interface CallerSide {
  readonly protocol: ChatProtocol;
  /**
   * @param body the parsed JSON of the request
   * @param asked what the path says, where the protocol writes it there
   * @throws {AppError} `invalid_request` that names what is wrong, in the caller's words; what no other provider can
   * have is refused or ignored by `losses`
   */
  readRequest(body: unknown, asked: AskedByPath, losses: Losses): ChatRequest;
  /** The caller's name of a canonical field, as a writer's loss is told: `choices` is `n` to OpenAI. */
  nameOf(field: RequestField): string;
  /** JSON of the whole answer. */
  writeAnswer(answer: ChatAnswer, told: AnswerTold): unknown;
  openStream(told: AnswerTold): StreamWriter;
}

export interface AskedByPath {
  /** The model that the path names (Gemini); `undefined` where the body does. */
  readonly model: string | undefined;
  /** Whether the path asks for a stream (Gemini). */
  readonly isStream: boolean;
}

/** What an answer says besides the upstream's words. */
export interface AnswerTold {
  /** The model that the caller asked for: the answer names it, not what it became upstream. */
  readonly model: string;
  /** Ours, for ids where the upstream told none. */
  readonly requestId: string;
  readonly nowSeconds: number;
  /** A stream ends with its usage only if the caller asked (OpenAI chat); other protocols always tell it. */
  readonly mustTellUsage: boolean;
  /** Gemini's streams without `alt=sse` are one JSON array. */
  readonly isJsonArray: boolean;
  readonly request: ChatRequest;
}

/** Writes a stream of the caller's protocol, event by event. */
export interface StreamWriter {
  /** Text to send, "" when this event shows nothing by itself. After `error` or `end` nothing more is written. */
  write(event: ChatEvent): string;
}

/** How an upstream is spoken to: its request is written, its answer is read. */
export interface UpstreamSide {
  readonly protocol: ChatProtocol;
  /** @throws {AppError} by `losses`, for what cannot be carried. */
  writeRequest(request: ChatRequest, told: RequestTold): WrittenRequest;
  /** @throws {AnswerUnreadableError} when it has not the protocol's shape. */
  readAnswer(body: unknown): ChatAnswer;
  openStream(): StreamReader;
}

export interface RequestTold {
  readonly losses: Losses;
  readonly nameOf: (field: RequestField) => string;
  /** The assistant parts that came with a tool call (thoughts and signatures), where they are still known. */
  readonly recall: (callId: string) => readonly AssistantPart[] | undefined;
}

/** A request as it goes upstream, but for the credential. */
export interface WrittenRequest {
  /** Path behind the provider's version prefix rule, e.g. `/v1/messages`. */
  readonly path: string;
  /** Without "?"; "" for none. */
  readonly query: string;
  readonly body: Readonly<Record<string, unknown>>;
  /** Besides content-type and the provider's own. */
  readonly headers: readonly Header[];
}

/** Reads a stream of the upstream's protocol. In constant memory: nothing is kept but what later events need. */
export interface StreamReader {
  /** What one event says; an event that cannot be read is an `error`. */
  read(event: SseEvent): readonly ChatEvent[];
  /** The bytes are over: what was held back until now, `end` included where the protocol has no end mark. */
  close(): readonly ChatEvent[];
}

/** Fields of a `ChatRequest` that an upstream may have no place for. */
export type RequestField =
  | "choices"
  | "seed"
  | "logprobs"
  | "presencePenalty"
  | "frequencyPenalty"
  | "temperature"
  | "topP"
  | "topK"
  | "stop"
  | "maxOutputTokens"
  | "mayCallInParallel"
  | "toolChoice"
  | "tools"
  | "output"
  | "reasoning"
  | "endUser"
  | "google"
  | "cache"
  | "detail"
  | "audio"
  | "image"
  | "file"
  | "fileName"
  | "toolResultError"
  | "isStrict"
  | "thinking";

/** An upstream's answer that is not of its protocol. */
export class AnswerUnreadableError extends Error {
  constructor(what: string) {
    super(`Cannot read answer: ${what}`);
    this.name = "AnswerUnreadableError";
  }
}
