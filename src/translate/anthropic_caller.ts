import { writeAnthropicAnswer } from "./anthropic_answer_writer.ts";
import { readAnthropicRequest } from "./anthropic_request_reader.ts";
import { AnthropicStreamWriter } from "./anthropic_stream_writer.ts";
import type { CallerSide, RequestField } from "./sides.ts";

/** A caller that speaks Anthropic's messages. */
export const ANTHROPIC_CALLER: CallerSide = {
  protocol: "anthropic",
  readRequest: (body, _asked, losses) => readAnthropicRequest(body, losses),
  nameOf: (field) => NAMES[field],
  writeAnswer: writeAnthropicAnswer,
  openStream: (told) => new AnthropicStreamWriter(told),
};

/** Names of members as Anthropic's callers write them; what they cannot ask for keeps a plain name. */
const NAMES: Readonly<Record<RequestField, string>> = {
  choices: "n",
  seed: "seed",
  logprobs: "logprobs",
  presencePenalty: "presence_penalty",
  frequencyPenalty: "frequency_penalty",
  temperature: "temperature",
  topP: "top_p",
  topK: "top_k",
  stop: "stop_sequences",
  maxOutputTokens: "max_tokens",
  mayCallInParallel: "tool_choice.disable_parallel_tool_use",
  toolChoice: "tool_choice",
  tools: "tools",
  output: "output_config.format",
  reasoning: "thinking",
  endUser: "metadata.user_id",
  google: "google",
  cache: "cache_control",
  detail: "messages[].content[].detail",
  audio: "messages[].content[] (audio)",
  image: "messages[].content[] (image)",
  file: "messages[].content[] (document)",
  fileName: "messages[].content[].title",
  toolResultError: "messages[].content[].is_error",
  isStrict: "tools[].strict",
  thinking: "messages[].content[] (thinking)",
};
