import { z } from "zod";

const part = z.looseObject({
  type: z.string(),
  text: z.string().optional(),
  refusal: z.string().optional(),
  image_url: z.looseObject({ url: z.string(), detail: z.enum(["auto", "low", "high"]).optional() })
    .optional(),
  input_audio: z.looseObject({ data: z.string(), format: z.string() }).optional(),
  file: z.looseObject({
    file_data: z.string().optional(),
    filename: z.string().optional(),
    file_id: z.string().optional(),
  }).optional(),
});
const toolCall = z.looseObject({
  id: z.string(),
  type: z.literal("function"),
  function: z.looseObject({ name: z.string(), arguments: z.string() }),
});
const message = z.looseObject({
  role: z.string(),
  content: z.union([z.string(), z.array(part)]).nullish(),
  tool_calls: z.array(toolCall).nullish(),
  tool_call_id: z.string().optional(),
});
const namedTool = z.looseObject({
  type: z.literal("function"),
  function: z.looseObject({ name: z.string() }),
});

/** Body of a chat request, as far as the answer or an objection depends on it. */
export const chatBody = z.looseObject({
  model: z.string().optional(),
  messages: z.array(message).optional(),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().optional() }).nullish(),
  n: z.number().int().nullish(),
  temperature: z.number().nullish(),
  top_p: z.number().nullish(),
  presence_penalty: z.number().nullish(),
  frequency_penalty: z.number().nullish(),
  logprobs: z.boolean().nullish(),
  top_logprobs: z.number().int().nullish(),
  max_tokens: z.number().int().nullish(),
  max_completion_tokens: z.number().int().nullish(),
  seed: z.number().int().nullish(),
  user: z.string().nullish(),
  stop: z.union([z.string(), z.array(z.string())]).nullish(),
  tools: z.array(z.looseObject({
    type: z.literal("function"),
    function: z.looseObject({
      name: z.string(),
      description: z.string().optional(),
      parameters: z.unknown().optional(),
      strict: z.boolean().nullish(),
    }),
  })).nullish(),
  tool_choice: z.union([
    z.enum(["none", "auto", "required"]),
    namedTool,
    z.looseObject({
      type: z.literal("allowed_tools"),
      allowed_tools: z.looseObject({ mode: z.enum(["auto", "required"]), tools: z.array(namedTool) }),
    }),
  ]).nullish(),
  parallel_tool_calls: z.boolean().nullish(),
  response_format: z.looseObject({
    type: z.enum(["text", "json_object", "json_schema"]),
    json_schema: z.looseObject({
      name: z.string().optional(),
      schema: z.unknown().optional(),
      strict: z.boolean().nullish(),
    }).optional(),
  }).nullish(),
  reasoning_effort: z.enum(["none", "minimal", "low", "medium", "high", "xhigh"]).nullish(),
});

export type ChatBody = z.infer<typeof chatBody>;
export type ChatMessage = z.infer<typeof message>;
export type ChatPart = z.infer<typeof part>;

/** What a chat request may have at its top. Source: https://platform.openai.com/docs/api-reference/chat/create */
export const CHAT_ARGUMENTS: ReadonlySet<string> = new Set([
  "model",
  "messages",
  "audio",
  "frequency_penalty",
  "function_call",
  "functions",
  "logit_bias",
  "logprobs",
  "max_completion_tokens",
  "max_tokens",
  "metadata",
  "modalities",
  "n",
  "parallel_tool_calls",
  "prediction",
  "presence_penalty",
  "prompt_cache_key",
  "prompt_cache_retention",
  "reasoning_effort",
  "response_format",
  "safety_identifier",
  "seed",
  "service_tier",
  "stop",
  "store",
  "stream",
  "stream_options",
  "temperature",
  "tool_choice",
  "tools",
  "top_logprobs",
  "top_p",
  "user",
  "verbosity",
  "web_search_options",
]);
