import type { TokenUsage } from "../core/usage.ts";

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
