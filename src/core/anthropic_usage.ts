import { isRecord, listAt, textAt } from "./json.ts";
import { countAt, usageOf } from "./token_count.ts";
import type { TokenUsage } from "./usage.ts";

/** Iterations that the answering model did itself; an adviser's tokens are not of this model. */
const OWN_ITERATIONS: ReadonlySet<string> = new Set(["message", "compaction"]);

/**
 * The counts of `usage` objects, of which a later one replaces what it states. Anthropic counts what it read from
 * and wrote to its cache beside `input_tokens`; ours is the whole prompt. With `iterations` (compaction, advisers)
 * the counts at the top leave some out, so they are summed, unless a fallback model served the turn.
 * Sources: https://platform.claude.com/docs/en/build-with-claude/prompt-caching#tracking-cache-performance,
 * https://platform.claude.com/docs/en/build-with-claude/compaction#understanding-usage
 */
export function readAnthropicUsage(...stated: readonly unknown[]): TokenUsage | undefined {
  let fresh: number | undefined;
  let cachedTokens: number | undefined;
  let cacheWriteTokens: number | undefined;
  let cacheWriteHourTokens: number | undefined;
  let outputTokens: number | undefined;
  let reasoningTokens: number | undefined;
  for (const usage of stated) {
    if (usage === undefined) continue;
    fresh = countOf(usage, "input_tokens") ?? fresh;
    cachedTokens = countOf(usage, "cache_read_input_tokens") ?? cachedTokens;
    cacheWriteTokens = countOf(usage, "cache_creation_input_tokens") ?? cacheWriteTokens;
    // Of a stream it stands in the first event only.
    cacheWriteHourTokens = countAt(usage, "cache_creation", "ephemeral_1h_input_tokens") ??
      cacheWriteHourTokens;
    outputTokens = countOf(usage, "output_tokens") ?? outputTokens;
    reasoningTokens = countAt(usage, "output_tokens_details", "thinking_tokens") ?? reasoningTokens;
  }
  if (fresh === undefined) return usageOf({ outputTokens, reasoningTokens });
  return usageOf({
    inputTokens: fresh + (cachedTokens ?? 0) + (cacheWriteTokens ?? 0),
    outputTokens,
    cachedTokens,
    cacheWriteTokens,
    cacheWriteHourTokens,
    reasoningTokens,
  });
}

function countOf(usage: unknown, member: string): number | undefined {
  const iterations = listAt(usage, "iterations");
  if (iterations.length === 0) return countAt(usage, member);
  const own = iterations.filter((one) => OWN_ITERATIONS.has(textAt(one, "type")));
  const isServedByOther = iterations.some((one) => textAt(one, "type") === "fallback_message");
  const counts = isServedByOther ? [] : own.flatMap((one) => countAt(one, member) ?? []);
  return counts.length === 0 ? countAt(usage, member) : counts.reduce((sum, count) => sum + count);
}

/** Of a streamed message: the output counts of `message_start` are only a beginning, and not taken. */
export function anthropicUsageOfStream(start: unknown, delta: unknown): TokenUsage | undefined {
  if (!isRecord(start)) return readAnthropicUsage(delta);
  const { output_tokens: _begun, output_tokens_details: _thought, ...input } = start;
  return readAnthropicUsage(input, delta);
}
