import type { TokenUsage } from "../core/usage.ts";
import type { AssistantPart, Issuer, Signature } from "./chat_request.ts";

/** A whole answer in no provider's words. */
export interface ChatAnswer {
  /** The upstream's id of it; "" when it told none. */
  readonly id: string;
  /** The model that the upstream says answered; "" when it told none. */
  readonly model: string;
  /** Seconds since the epoch, where the upstream told it. */
  readonly createdSeconds?: number;
  /** In the order of `index`; never empty: a blocked prompt is one choice that ends with `content_filter`. */
  readonly choices: readonly ChatChoice[];
  readonly usage?: TokenUsage;
}

export interface ChatChoice {
  readonly index: number;
  readonly parts: readonly AssistantPart[];
  readonly finish: Finish;
  readonly citations?: readonly Citation[];
  readonly logprobs?: readonly TokenLogprob[];
}

/** Why a choice ended. */
export interface Finish {
  readonly reason: FinishReason;
  /** The upstream's own word, e.g. `MALFORMED_FUNCTION_CALL`; sent along where the caller's dialect has a place. */
  readonly native?: string;
  /** The stop string that was met. */
  readonly stopSequence?: string;
  /** What the provider says of a refusal or a block; safe to show. */
  readonly explanation?: string;
}

/**
 * `failed` is an end that is no good answer (malformed tool call, unknown reason): with nothing before it the
 * request has failed; else the caller gets its dialect's plain end together with `native`.
 */
export type FinishReason =
  | "stop"
  | "stop_sequence"
  | "length"
  | "tool_calls"
  | "content_filter"
  | "paused"
  | "failed";

/** A source that the answer rests on, as far as dialects agree: a page with its title and the words that were quoted. */
export interface Citation {
  readonly url: string;
  readonly title?: string;
  readonly quote?: string;
  /** UTF-16 range of the choice's text, where it was told. */
  readonly start?: number;
  readonly end?: number;
}

export interface TokenLogprob {
  readonly token: string;
  readonly logprob: number;
  readonly top: readonly { readonly token: string; readonly logprob: number }[];
}

/**
 * One step of a streamed answer. `call` counts the tool calls of one choice from 0; a call's `tool_call` comes before
 * its arguments, whose texts joined are JSON of an object ("" joined stands for `{}`).
 */
export type ChatEvent =
  | { readonly kind: "start"; readonly id: string; readonly model: string }
  | { readonly kind: "text"; readonly choice: number; readonly text: string }
  | { readonly kind: "refusal"; readonly choice: number; readonly text: string }
  | { readonly kind: "thinking"; readonly choice: number; readonly text: string }
  /** Of the thinking or the text that came just before (also with no text at all). */
  | {
    readonly kind: "signature";
    readonly choice: number;
    readonly of: "thinking" | "text";
    readonly signature: Signature;
  }
  | {
    readonly kind: "redacted_thinking";
    readonly choice: number;
    readonly issuer: Issuer;
    readonly data: string;
  }
  | {
    readonly kind: "tool_call";
    readonly choice: number;
    readonly call: number;
    readonly id: string;
    readonly name: string;
    readonly signature?: Signature;
  }
  | {
    readonly kind: "tool_arguments";
    readonly choice: number;
    readonly call: number;
    readonly text: string;
  }
  /** No more arguments come for this call. */
  | { readonly kind: "tool_call_end"; readonly choice: number; readonly call: number }
  | {
    readonly kind: "image";
    readonly choice: number;
    readonly mediaType: string;
    readonly base64: string;
  }
  | { readonly kind: "citation"; readonly choice: number; readonly citation: Citation }
  | { readonly kind: "logprobs"; readonly choice: number; readonly logprobs: readonly TokenLogprob[] }
  | { readonly kind: "finish"; readonly choice: number; readonly finish: Finish }
  /** All counts so far: a later one replaces it. */
  | { readonly kind: "usage"; readonly usage: TokenUsage }
  | { readonly kind: "ping" }
  /** The upstream says that it failed in the middle of its answer. Nothing but the end of the bytes follows. */
  | { readonly kind: "error"; readonly message: string; readonly code: string }
  /** The answer is whole. Without it the stream was cut, whatever came before. */
  | { readonly kind: "end" };
