import type { TokenUsage } from "../core/usage.ts";
import type { Citation, Finish, TokenLogprob } from "./chat_answer.ts";
import type { Signature } from "./chat_request.ts";
import { tagged } from "./signature.ts";

const UTF8 = new TextEncoder();

/**
 * `usage` of a chat completion; counts that nobody told are left out, but for the three that the reference requires.
 * `cache_write_tokens` as OpenRouter has it. Source: https://platform.openai.com/docs/api-reference/chat/object and
 * https://openrouter.ai/docs/use-cases/usage-accounting
 */
export function openAiChatUsage(usage: TokenUsage): Record<string, unknown> {
  const { inputTokens = 0, outputTokens = 0 } = usage;
  return {
    prompt_tokens: inputTokens,
    completion_tokens: outputTokens,
    total_tokens: inputTokens + outputTokens,
    ...details("prompt_tokens_details", {
      cached_tokens: usage.cachedTokens,
      cache_write_tokens: usage.cacheWriteTokens,
      audio_tokens: usage.audioInputTokens,
    }),
    ...details("completion_tokens_details", {
      reasoning_tokens: usage.reasoningTokens,
      audio_tokens: usage.audioOutputTokens,
    }),
  };
}

function details(name: string, counts: Record<string, number | undefined>): Record<string, unknown> {
  const known = Object.entries(counts).filter(([, count]) => count !== undefined);
  return known.length === 0 ? {} : { [name]: Object.fromEntries(known) };
}

/**
 * `finish_reason`, and beside it `native_finish_reason` (OpenRouter's place) for an end that is none of OpenAI's.
 * @param isOld whether the caller speaks the old functions
 */
export function openAiChatFinish(finish: Finish, isOld: boolean): Record<string, string> {
  const { reason, native } = finish;
  switch (reason) {
    case "length":
    case "content_filter":
      return { finish_reason: reason };
    case "tool_calls":
      return { finish_reason: isOld ? "function_call" : reason };
    case "stop":
    case "stop_sequence":
      return { finish_reason: "stop" };
    case "paused":
    case "failed":
      return { finish_reason: "stop", ...(native === undefined ? {} : { native_finish_reason: native }) };
  }
}

/** An entry of `annotations`; the indices are required there, so unknown ones are 0. */
export function openAiChatAnnotation(citation: Citation): Record<string, unknown> {
  const { url, title = "", quote, start = 0, end = 0 } = citation;
  return {
    type: "url_citation",
    url_citation: {
      url,
      title,
      start_index: start,
      end_index: end,
      ...(quote === undefined ? {} : { content: quote }),
    },
  };
}

/** `logprobs` of a choice; `bytes` are the UTF-8 of the token, which is all that is known of them. */
export function openAiChatLogprobs(logprobs: readonly TokenLogprob[]): Record<string, unknown> {
  return {
    content: logprobs.map(({ token, logprob, top }) => ({
      ...tokenLogprob(token, logprob),
      top_logprobs: top.map((other) => tokenLogprob(other.token, other.logprob)),
    })),
    refusal: null,
  };
}

function tokenLogprob(token: string, logprob: number): Record<string, unknown> {
  return { token, logprob, bytes: Array.from(UTF8.encode(token)) };
}

/** An entry of `images`, OpenRouter's form: https://openrouter.ai/docs/features/multimodal/image-generation */
export function openAiChatImage(url: string): Record<string, unknown> {
  return { type: "image_url", image_url: { url } };
}

/**
 * `extra_content` with a Gemini signature; of other issuers none is written, for the place is Google's.
 * Source: https://ai.google.dev/gemini-api/docs/thought-signatures
 */
export function openAiChatExtra(signature: Signature | undefined): Record<string, unknown> {
  if (signature?.issuer !== "gemini") return {};
  return { extra_content: { google: { thought_signature: tagged(signature, "gemini") } } };
}

/** Id of an answer: the upstream's, with OpenAI's prefix where it has none. */
export function openAiChatId(id: string, requestId: string): string {
  const known = id === "" ? requestId : id;
  return known.startsWith("chatcmpl-") ? known : `chatcmpl-${known}`;
}

/** Why an answer that ended as `failed` with nothing before it is an error; safe to show. */
export function failureText(finish: Finish): string {
  const why = finish.explanation ?? finish.native ?? "no reason told";
  return `The model gave no answer: ${why}`;
}
