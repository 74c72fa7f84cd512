import { valueAt } from "./json.ts";
import { TOKEN_COUNTS, type TokenUsage } from "./usage.ts";

/** More tokens than any answer has: larger counts are a mistake or a forgery (threat E19). */
const MAX_TOKENS = 100_000_000;

/** A token count, or `undefined` for what cannot be one. */
export function countOf(value: unknown): number | undefined {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 && value <= MAX_TOKENS
    ? value
    : undefined;
}

/** A token count at a path, or `undefined` when none stands there or it cannot be true. */
export function countAt(value: unknown, ...path: readonly string[]): number | undefined {
  return countOf(valueAt(value, ...path));
}

/** The sum of what is stated, or `undefined` when nothing is. */
export function sumOf(...counts: readonly (number | undefined)[]): number | undefined {
  let sum: number | undefined;
  for (const count of counts) if (count !== undefined) sum = (sum ?? 0) + count;
  return sum;
}

/** Counts as they were read: what was not stated is `undefined`. */
export type StatedCounts = { readonly [Name in keyof TokenUsage]?: number | undefined };

/**
 * Usage of these counts without the unstated ones; a part that is larger than its whole is left out. `undefined`
 * when neither input nor output is stated.
 */
export function usageOf(stated: StatedCounts): TokenUsage | undefined {
  if (stated.inputTokens === undefined && stated.outputTokens === undefined) return undefined;
  const usage: { -readonly [Name in keyof TokenUsage]: TokenUsage[Name] } = {};
  for (const name of TOKEN_COUNTS) {
    const tokens = stated[name];
    if (tokens === undefined) continue;
    const whole = WHOLES[name];
    if (whole === undefined || tokens <= (stated[whole] ?? Infinity)) usage[name] = tokens;
  }
  return usage;
}

/** What each count is a part of. */
const WHOLES: Readonly<Record<keyof TokenUsage, keyof TokenUsage | undefined>> = {
  inputTokens: undefined,
  outputTokens: undefined,
  cachedTokens: "inputTokens",
  cacheWriteTokens: "inputTokens",
  cacheWriteHourTokens: "cacheWriteTokens",
  reasoningTokens: "outputTokens",
  audioInputTokens: "inputTokens",
  audioOutputTokens: "outputTokens",
  imageInputTokens: "inputTokens",
  imageOutputTokens: "outputTokens",
};
