import type { TokenUsage } from "../core/usage.ts";
import { valueAt } from "../core/json.ts";

/** More tokens than any answer has: larger counts are a mistake or a forgery (threat E19). */
const MAX_TOKENS = 100_000_000;

/** A token count at a path, or `undefined` when none stands there or it cannot be true. */
export function countAt(value: unknown, ...path: readonly string[]): number | undefined {
  const count = valueAt(value, ...path);
  return typeof count === "number" && Number.isSafeInteger(count) && count >= 0 && count <= MAX_TOKENS
    ? count
    : undefined;
}

/** The sum of what is stated, or `undefined` when nothing is. */
export function sumOf(...counts: readonly (number | undefined)[]): number | undefined {
  let sum: number | undefined;
  for (const count of counts) if (count !== undefined) sum = (sum ?? 0) + count;
  return sum;
}

/** Usage of these counts without the unstated ones; a part that is larger than its whole is left out. */
export function usageOf(
  inputTokens: number | undefined,
  outputTokens: number | undefined,
  cachedTokens: number | undefined,
  reasoningTokens: number | undefined,
): TokenUsage | undefined {
  if (inputTokens === undefined && outputTokens === undefined) return undefined;
  return {
    ...(inputTokens === undefined ? {} : { inputTokens }),
    ...(outputTokens === undefined ? {} : { outputTokens }),
    ...(isPart(cachedTokens, inputTokens) ? { cachedTokens } : {}),
    ...(isPart(reasoningTokens, outputTokens) ? { reasoningTokens } : {}),
  };
}

function isPart(part: number | undefined, whole: number | undefined): part is number {
  return part !== undefined && (whole === undefined || part <= whole);
}
