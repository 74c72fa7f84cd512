import type { CallerSide, RequestField } from "./sides.ts";
import { writeResponse } from "./openai_responses_answer.ts";
import { readResponsesRequest } from "./openai_responses_request.ts";
import { ResponsesStreamWriter } from "./openai_responses_stream.ts";

/**
 * OpenAI's Responses protocol as callers speak it, as far as it needs no memory: nothing is stored, so
 * `previous_response_id`, `conversation`, `item_reference` and `background` are refused by name.
 * Source: https://developers.openai.com/api/reference/resources/responses/methods/create
 */
export const OPENAI_RESPONSES_CALLER: CallerSide = {
  protocol: "openai_responses",
  readRequest: (body, _asked, losses) => readResponsesRequest(body, losses),
  nameOf: (field) => NAMES[field],
  writeAnswer: writeResponse,
  openStream: (told) => new ResponsesStreamWriter(told),
};

const NAMES: Readonly<Record<RequestField, string>> = {
  choices: "n",
  seed: "seed",
  logprobs: "top_logprobs",
  presencePenalty: "presence_penalty",
  frequencyPenalty: "frequency_penalty",
  temperature: "temperature",
  topP: "top_p",
  topK: "top_k",
  stop: "stop",
  maxOutputTokens: "max_output_tokens",
  mayCallInParallel: "parallel_tool_calls",
  toolChoice: "tool_choice",
  tools: "tools",
  output: "text.format",
  reasoning: "reasoning",
  endUser: "user",
  google: "extra_body.google",
  cache: "prompt_cache_breakpoint",
  detail: "input_image.detail",
  audio: "input_audio",
  image: "input_image",
  file: "input_file",
  fileName: "input_file.filename",
  toolResultError: "function_call_output.status",
  isStrict: "tools.strict",
  thinking: "reasoning",
};
