import { isRecord, listAt, valueAt } from "./json.ts";
import { countOf, usageOf } from "./token_count.ts";
import type { TokenUsage } from "./usage.ts";

/**
 * The counts of an answer or a chunk, wherever servers have them: at the top (chat, embeddings, images), in `response`
 * (the events of Responses), in `x_groq` (Groq), in the last choice (Moonshot). `undefined` without any.
 */
export function openAiUsageIn(json: unknown): TokenUsage | undefined {
  return readOpenAiUsage(valueAt(json, "usage")) ?? readOpenAiUsage(valueAt(json, "response", "usage")) ??
    readOpenAiUsage(valueAt(json, "x_groq", "usage")) ??
    readOpenAiUsage(valueAt(listAt(json, "choices").at(-1), "usage"));
}

/**
 * A `usage` object. Chat says prompt and completion, Responses and images say input and output, transcriptions
 * `input_token_details`; `prompt_cache_hit_tokens` is DeepSeek's, `cache_write_tokens` OpenRouter's.
 * Sources: https://platform.openai.com/docs/api-reference/chat/object,
 * https://platform.openai.com/docs/api-reference/responses/object,
 * https://platform.openai.com/docs/api-reference/images/object,
 * https://openrouter.ai/docs/use-cases/usage-accounting
 */
export function readOpenAiUsage(usage: unknown): TokenUsage | undefined {
  if (!isRecord(usage)) return undefined;
  const input = recordOf(
    usage.prompt_tokens_details ?? usage.input_tokens_details ?? usage.input_token_details,
  );
  const output = recordOf(
    usage.completion_tokens_details ?? usage.output_tokens_details ?? usage.output_token_details,
  );
  return usageOf({
    inputTokens: countOf(usage.prompt_tokens) ?? countOf(usage.input_tokens),
    outputTokens: countOf(usage.completion_tokens) ?? countOf(usage.output_tokens),
    cachedTokens: countOf(input.cached_tokens) ?? countOf(usage.prompt_cache_hit_tokens),
    cacheWriteTokens: countOf(input.cache_write_tokens),
    reasoningTokens: countOf(output.reasoning_tokens),
    audioInputTokens: countOf(input.audio_tokens),
    audioOutputTokens: countOf(output.audio_tokens),
    imageInputTokens: countOf(input.image_tokens),
    imageOutputTokens: countOf(output.image_tokens),
  });
}

const NOTHING: Readonly<Record<string, unknown>> = {};

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return isRecord(value) ? value : NOTHING;
}
