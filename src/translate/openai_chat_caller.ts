import { valueAt } from "../core/json.ts";
import { readOpenAiChatRequest } from "./openai_chat_read_request.ts";
import { openOpenAiChatStream } from "./openai_chat_stream_writer.ts";
import { writeOpenAiChatAnswer } from "./openai_chat_write_answer.ts";
import type { CallerSide, RequestField } from "./sides.ts";

/** A caller that speaks OpenAI's chat completions. */
export const OPENAI_CHAT_CALLER: CallerSide = {
  protocol: "openai_chat",
  readRequest: (body, _asked, losses) => readOpenAiChatRequest(body, losses),
  nameOf: (field) => NAMES[field],
  writeAnswer: writeOpenAiChatAnswer,
  openStream: openOpenAiChatStream,
};

/** Whether a chat request wants its stream to end with the usage (`stream_options.include_usage`). */
export function asksOpenAiChatForUsage(body: unknown): boolean {
  return valueAt(body, "stream_options", "include_usage") === true;
}

const NAMES: Readonly<Record<RequestField, string>> = {
  choices: "n",
  seed: "seed",
  logprobs: "logprobs",
  presencePenalty: "presence_penalty",
  frequencyPenalty: "frequency_penalty",
  temperature: "temperature",
  topP: "top_p",
  topK: "top_k",
  stop: "stop",
  maxOutputTokens: "max_completion_tokens",
  mayCallInParallel: "parallel_tool_calls",
  toolChoice: "tool_choice",
  tools: "tools",
  output: "response_format",
  reasoning: "reasoning_effort",
  endUser: "user",
  google: "extra_body.google",
  cache: "cache_control",
  detail: "image_url.detail",
  audio: "input_audio",
  image: "image_url",
  file: "file",
  fileName: "file.filename",
  toolResultError: "tool.is_error",
  isStrict: "strict",
  thinking: "reasoning_content",
};
