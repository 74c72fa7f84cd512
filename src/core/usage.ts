/** Tokens that one answer reports. A count that the provider did not state is `undefined`, never zero. */
export interface TokenUsage {
  /** All of the prompt, cached tokens included. */
  readonly inputTokens?: number;
  /** All that was generated, reasoning included. */
  readonly outputTokens?: number;
  /** The part of `inputTokens` that was read from the provider's cache. */
  readonly cachedTokens?: number;
  /** The part of `inputTokens` that was written to the provider's cache (Anthropic bills it apart). */
  readonly cacheWriteTokens?: number;
  /** The part of `cacheWriteTokens` that is kept for an hour instead of five minutes (Anthropic bills it apart). */
  readonly cacheWriteHourTokens?: number;
  /** The part of `outputTokens` that was reasoning. */
  readonly reasoningTokens?: number;
  /** The part of `inputTokens` that was audio. */
  readonly audioInputTokens?: number;
  /** The part of `outputTokens` that was audio. */
  readonly audioOutputTokens?: number;
  /** The part of `inputTokens` that was pictures, where they are billed apart. */
  readonly imageInputTokens?: number;
  /** The part of `outputTokens` that was pictures. */
  readonly imageOutputTokens?: number;
}

/** The counts of `TokenUsage` by name. */
export const TOKEN_COUNTS = [
  "inputTokens",
  "outputTokens",
  "cachedTokens",
  "cacheWriteTokens",
  "cacheWriteHourTokens",
  "reasoningTokens",
  "audioInputTokens",
  "audioOutputTokens",
  "imageInputTokens",
  "imageOutputTokens",
] as const satisfies readonly (keyof TokenUsage)[];

/** Whose word a usage is: the provider's, our estimate, or none at all. */
export type UsageSource = "none" | "reported" | "estimated";

/** In the order of their stored numbers: only ever appended to. */
export const USAGE_SOURCES: readonly UsageSource[] = ["none", "reported", "estimated"];

/** By what counts are held apart. */
export interface UsageDimensions {
  /** "" for a request that no provider was asked for. */
  readonly providerId: string;
  /** "" when no provider key was had. */
  readonly providerKeyId: string;
  /** "" for an anonymous caller. */
  readonly clientKeyId: string;
  /** Slug of the group; "" for none. */
  readonly group: string;
  /** "" when the request named none. */
  readonly model: string;
  /** First digit of what the caller got: 2 for 200 to 299, and so on; 4 for a caller that left. */
  readonly statusClass: number;
  readonly usageSource: UsageSource;
}

export type UsageDimension = keyof UsageDimensions;

export const USAGE_DIMENSIONS = [
  "providerId",
  "providerKeyId",
  "clientKeyId",
  "group",
  "model",
  "statusClass",
  "usageSource",
] as const satisfies readonly UsageDimension[];

/**
 * What is counted. Attempts and their verdicts are counted where they were made; all the rest once a request, where
 * its last attempt was made. The status class is that of the request, for its attempts too.
 */
export const USAGE_COUNTS = [
  "requests",
  "succeeded",
  "refused",
  "interrupted",
  "clientGone",
  /** Requests that were answered as a stream. */
  "streams",
  "attempts",
  /** Attempts that did not succeed; the counts of kinds below are parts of it, but for `okEmpty`. */
  "failures",
  "keyDead",
  "keyLimited",
  "keyExhausted",
  "modelDenied",
  "requestTooBig",
  "requestBad",
  "providerDown",
  "callerLeft",
  "okEmpty",
  /** The part of `providerDown` that was our own address's trouble. */
  "egressRefused",
  /** Requests of which a usage is known. */
  "metered",
  /** The part of `metered` whose price is not known: they are missing in `costNanoDollars`. */
  "unpriced",
  ...TOKEN_COUNTS,
  "costNanoDollars",
  /** Of all requests together, from their arrival to the end of their answers. */
  "durationMs",
] as const;

export type UsageCount = typeof USAGE_COUNTS[number];
export type UsageCounts = Readonly<Record<UsageCount, number>>;

/** What was counted in one minute for one combination of dimensions. */
export interface UsageMinute extends UsageDimensions {
  /** Minutes since the epoch: when the requests ended. */
  readonly minute: number;
  readonly counts: UsageCounts;
}

/** How long requests that succeeded took, in one minute. */
export interface LatencyMinute
  extends Pick<UsageDimensions, "providerId" | "clientKeyId" | "group" | "model"> {
  readonly minute: number;
  /** `duration` of whole requests, or the time to the `first_token` of streams. */
  readonly measure: LatencyMeasure;
  /** One count for each bucket of core/histogram.ts. */
  readonly buckets: readonly number[];
}

export type LatencyMeasure = "duration" | "first_token";

/** In the order of their stored numbers: only ever appended to. */
export const LATENCY_MEASURES: readonly LatencyMeasure[] = ["duration", "first_token"];

/** Counts that are all zero, to add to. */
export function noCounts(): Record<UsageCount, number> {
  return { ...ZERO };
}

/** Adds `more` to `sum`. */
export function addCounts(sum: Record<UsageCount, number>, more: UsageCounts): void {
  for (const name of USAGE_COUNTS) sum[name] += more[name];
}

const ZERO: UsageCounts = {
  requests: 0,
  succeeded: 0,
  refused: 0,
  interrupted: 0,
  clientGone: 0,
  streams: 0,
  attempts: 0,
  failures: 0,
  keyDead: 0,
  keyLimited: 0,
  keyExhausted: 0,
  modelDenied: 0,
  requestTooBig: 0,
  requestBad: 0,
  providerDown: 0,
  callerLeft: 0,
  okEmpty: 0,
  egressRefused: 0,
  metered: 0,
  unpriced: 0,
  inputTokens: 0,
  outputTokens: 0,
  cachedTokens: 0,
  cacheWriteTokens: 0,
  cacheWriteHourTokens: 0,
  reasoningTokens: 0,
  audioInputTokens: 0,
  audioOutputTokens: 0,
  imageInputTokens: 0,
  imageOutputTokens: 0,
  costNanoDollars: 0,
  durationMs: 0,
};
