import type { TokenUsage } from "../core/usage.ts";

/** A `usageMetadata` whose total is the sum of its parts. */
export function writeGeminiUsage(usage: TokenUsage): Record<string, unknown> {
  const { inputTokens, outputTokens, cachedTokens, reasoningTokens, audioInputTokens, audioOutputTokens } =
    usage;
  const audio = (tokenCount: number | undefined) =>
    tokenCount === undefined ? undefined : [{ modality: "AUDIO", tokenCount }];
  const promptTokensDetails = audio(audioInputTokens);
  const candidatesTokensDetails = audio(audioOutputTokens);
  const thoughts = outputTokens === undefined ? undefined : Math.min(reasoningTokens ?? 0, outputTokens);
  return {
    ...(inputTokens === undefined ? {} : { promptTokenCount: inputTokens }),
    ...(outputTokens === undefined ? {} : { candidatesTokenCount: outputTokens - (thoughts ?? 0) }),
    ...(reasoningTokens === undefined || thoughts === undefined ? {} : { thoughtsTokenCount: thoughts }),
    ...(cachedTokens === undefined ? {} : { cachedContentTokenCount: cachedTokens }),
    totalTokenCount: (inputTokens ?? 0) + (outputTokens ?? 0),
    ...(promptTokensDetails === undefined ? {} : { promptTokensDetails }),
    ...(candidatesTokensDetails === undefined ? {} : { candidatesTokensDetails }),
  };
}
