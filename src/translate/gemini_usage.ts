import type { TokenUsage } from "../core/usage.ts";
import { listAt, textAt, valueAt } from "../core/json.ts";

/** More tokens than any answer has: larger counts are a mistake. */
const MAX_TOKENS = 100_000_000;

/**
 * Counts of a `usageMetadata`, or `undefined` when it states none. Thoughts are not among the candidates' tokens, a
 * tool's results not among the prompt's. Source: https://ai.google.dev/api/generate-content#UsageMetadata
 */
export function readGeminiUsage(metadata: unknown): TokenUsage | undefined {
  const reasoningTokens = countAt(metadata, "thoughtsTokenCount");
  const inputTokens = sumOf(
    countAt(metadata, "promptTokenCount"),
    countAt(metadata, "toolUsePromptTokenCount"),
  );
  const outputTokens = sumOf(countAt(metadata, "candidatesTokenCount"), reasoningTokens);
  if (inputTokens === undefined && outputTokens === undefined) return undefined;
  const cachedTokens = countAt(metadata, "cachedContentTokenCount");
  const audioInputTokens = audioOf(metadata, "promptTokensDetails");
  const audioOutputTokens = audioOf(metadata, "candidatesTokensDetails");
  return {
    ...(inputTokens === undefined ? {} : { inputTokens }),
    ...(outputTokens === undefined ? {} : { outputTokens }),
    ...(cachedTokens === undefined ? {} : { cachedTokens }),
    ...(reasoningTokens === undefined ? {} : { reasoningTokens }),
    ...(audioInputTokens === undefined ? {} : { audioInputTokens }),
    ...(audioOutputTokens === undefined ? {} : { audioOutputTokens }),
  };
}

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

function audioOf(metadata: unknown, list: string): number | undefined {
  for (const detail of listAt(metadata, list)) {
    if (textAt(detail, "modality") === "AUDIO") return countAt(detail, "tokenCount");
  }
  return undefined;
}

function countAt(value: unknown, member: string): number | undefined {
  const count = valueAt(value, member);
  return typeof count === "number" && Number.isSafeInteger(count) && count >= 0 && count <= MAX_TOKENS
    ? count
    : undefined;
}

function sumOf(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined ? other : one + (other ?? 0);
}
