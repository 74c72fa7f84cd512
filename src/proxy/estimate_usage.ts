import { isBytes } from "../core/http.ts";
import { SseSplitter } from "../core/sse.ts";
import type { TokenUsage, UsageSource } from "../core/usage.ts";
import type { Dialect } from "../dialect/dialect.ts";
import type { Seen } from "./passing_body.ts";
import type { OutgoingRequest } from "./upstream_request.ts";

/**
 * What is taken for one token where nobody has counted: so many bytes of a request's JSON, or so many characters of
 * an answer. Of English text it is some tenths off; pictures inside JSON count far too much.
 */
const PER_TOKEN = 4;

/** Tokens of so many bytes, or characters. */
export function tokensIn(length: number): number {
  return Math.ceil(length / PER_TOKEN);
}

/** Calls that cost tokens, by the end of their path. */
const METERED =
  /(?:\/(?:chat\/completions|completions|responses|embeddings|messages)|:(?:generateContent|streamGenerateContent|embedContent|batchEmbedContents))$/;

/** Tokens of a request's prompt by its size; `undefined` for calls that cost none, and for bodies that are not kept. */
export function promptEstimateOf({ method, rest, body }: OutgoingRequest): number | undefined {
  if (method !== "POST" || body === undefined || !isBytes(body) || !METERED.test(rest)) return undefined;
  return tokensIn(body.byteLength);
}

/** What is known of a stream that is over. */
export interface Streamed {
  /** What the provider has told; of a stream that broke off it may be the counts so far. */
  readonly reported: TokenUsage | undefined;
  /** Whether that is the last word: nothing was still to come. */
  readonly isFinal: boolean;
  readonly promptEstimate: number | undefined;
  /** How many characters the model has written, asked for only where it is needed. */
  readonly characters: () => number;
}

export interface Metered {
  readonly usage: TokenUsage | undefined;
  readonly source: UsageSource;
}

/**
 * The usage of a stream: the provider's report; where it has none, or broke off before it, an estimate. Then the
 * prompt is as reported, else a token for four bytes of the request, and the answer a token for four characters that
 * passed, but no less than was reported so far.
 */
export function meter({ reported, isFinal, promptEstimate, characters }: Streamed): Metered {
  if (reported !== undefined && isFinal) return { usage: reported, source: "reported" };
  const inputTokens = reported?.inputTokens ?? promptEstimate;
  if (inputTokens === undefined) return { usage: undefined, source: "none" };
  const written = tokensIn(characters());
  // Whole, and nothing written that could be counted: pictures, sound.
  if (isFinal && written === 0) return { usage: undefined, source: "none" };
  const outputTokens = Math.max(reported?.outputTokens ?? 0, written);
  return { usage: { ...reported, inputTokens, outputTokens }, source: "estimated" };
}

/** What a provider has told of a whole answer, or nothing. */
export function told(usage: TokenUsage | undefined): Metered {
  return { usage, source: usage === undefined ? "none" : "reported" };
}

/** The same of a stream that came in one piece. */
export function meterWhole(
  dialect: Dialect,
  text: string,
  reported: TokenUsage | undefined,
  promptEstimate: number | undefined,
): Metered {
  const characters = () => charactersOf(dialect, text, { bytes: 0 });
  return meter({ reported, isFinal: true, promptEstimate, characters });
}

/** Characters that the model wrote in a stream, of which `text` was kept: the rest is taken for alike. */
export function charactersOf(dialect: Dialect, text: string, { bytes }: Pick<Seen, "bytes">): number {
  let kept = encoder.encode(`${text}\n\n`);
  if (kept.length > MAX_KEPT_BYTES) kept = kept.subarray(kept.length - MAX_KEPT_BYTES);
  let count = 0;
  for (const event of new SseSplitter().push(kept)) count += dialect.charactersIn(event);
  return Math.round(count * Math.max(1, bytes / kept.length));
}

const MAX_KEPT_BYTES = 256 * 1024;

const encoder = new TextEncoder();
