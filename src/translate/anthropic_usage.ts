import { listAt, textAt, valueAt } from "../core/json.ts";
import type { TokenUsage } from "../core/usage.ts";

/** More tokens than any answer has: a larger count is a mistake. */
const MAX_TOKENS = 1_000_000_000;

/** Iterations that the answering model did itself; an adviser's tokens are not of this model. */
const OWN_ITERATIONS = new Set(["message", "compaction"]);

/**
 * The counts of `usage` objects, of which a later one replaces what it states. Anthropic counts what it read from
 * and wrote to its cache beside `input_tokens`; ours is the whole prompt. With `iterations` (compaction, advisers)
 * the counts at the top leave some out, so they are summed, unless a fallback model served the turn.
 * Source: https://platform.claude.com/docs/en/build-with-claude/prompt-caching#tracking-cache-performance,
 * https://platform.claude.com/docs/en/build-with-claude/compaction#understanding-usage
 */
export function readAnthropicUsage(...stated: readonly unknown[]): TokenUsage | undefined {
  let fresh: number | undefined;
  let cached: number | undefined;
  let cacheWrite: number | undefined;
  let output: number | undefined;
  let thinking: number | undefined;
  for (const usage of stated) {
    fresh = countOf(usage, "input_tokens") ?? fresh;
    cached = countOf(usage, "cache_read_input_tokens") ?? cached;
    cacheWrite = countOf(usage, "cache_creation_input_tokens") ?? cacheWrite;
    output = countOf(usage, "output_tokens") ?? output;
    thinking = countAt(valueAt(usage, "output_tokens_details", "thinking_tokens")) ?? thinking;
  }
  if (fresh === undefined && output === undefined) return undefined;
  return {
    ...(fresh === undefined ? {} : {
      inputTokens: fresh + (cached ?? 0) + (cacheWrite ?? 0),
      ...(cached === undefined ? {} : { cachedTokens: cached }),
      ...(cacheWrite === undefined ? {} : { cacheWriteTokens: cacheWrite }),
    }),
    ...(output === undefined ? {} : { outputTokens: output }),
    ...(thinking === undefined || thinking > (output ?? 0) ? {} : { reasoningTokens: thinking }),
  };
}

function countOf(usage: unknown, member: string): number | undefined {
  const iterations = listAt(usage, "iterations");
  if (iterations.length === 0) return countAt(valueAt(usage, member));
  const own = iterations.filter((one) => OWN_ITERATIONS.has(textAt(one, "type")));
  const isServedByOther = iterations.some((one) => textAt(one, "type") === "fallback_message");
  const counts = isServedByOther ? [] : own.flatMap((one) => countAt(valueAt(one, member)) ?? []);
  return counts.length === 0 ? countAt(valueAt(usage, member)) : counts.reduce((sum, count) => sum + count);
}

function countAt(value: unknown): number | undefined {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= MAX_TOKENS
    ? value
    : undefined;
}

/** The `usage` object of an answer; what the upstream did not state is zero there, as SDKs expect numbers. */
export function writeAnthropicUsage(usage: TokenUsage | undefined): Readonly<Record<string, unknown>> {
  const { inputTokens = 0, outputTokens = 0, cachedTokens = 0, cacheWriteTokens = 0, reasoningTokens } =
    usage ?? {};
  return {
    input_tokens: Math.max(0, inputTokens - cachedTokens - cacheWriteTokens),
    cache_creation_input_tokens: cacheWriteTokens,
    cache_read_input_tokens: cachedTokens,
    output_tokens: outputTokens,
    ...(reasoningTokens === undefined ? {} : { output_tokens_details: { thinking_tokens: reasoningTokens } }),
  };
}
