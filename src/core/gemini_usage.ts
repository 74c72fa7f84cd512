import { listAt, textAt } from "./json.ts";
import { countAt, sumOf, usageOf } from "./token_count.ts";
import type { TokenUsage } from "./usage.ts";

/**
 * Counts of a `usageMetadata`, or `undefined` when it states none. Every event of a stream repeats the counts so far.
 * Thoughts are not among the candidates' tokens, a tool's results not among the prompt's.
 * Source: https://ai.google.dev/api/generate-content#UsageMetadata
 */
export function readGeminiUsage(metadata: unknown): TokenUsage | undefined {
  const reasoningTokens = countAt(metadata, "thoughtsTokenCount");
  const input = listAt(metadata, "promptTokensDetails");
  const output = listAt(metadata, "candidatesTokensDetails");
  return usageOf({
    inputTokens: sumOf(countAt(metadata, "promptTokenCount"), countAt(metadata, "toolUsePromptTokenCount")),
    outputTokens: sumOf(countAt(metadata, "candidatesTokenCount"), reasoningTokens),
    cachedTokens: countAt(metadata, "cachedContentTokenCount"),
    reasoningTokens,
    audioInputTokens: ofModality(input, "AUDIO"),
    audioOutputTokens: ofModality(output, "AUDIO"),
    imageInputTokens: ofModality(input, "IMAGE"),
    imageOutputTokens: ofModality(output, "IMAGE"),
  });
}

function ofModality(details: readonly unknown[], modality: string): number | undefined {
  for (const detail of details) {
    if (textAt(detail, "modality") === modality) return countAt(detail, "tokenCount");
  }
  return undefined;
}
