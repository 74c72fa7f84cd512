import { z } from "zod";
import { shaped } from "./caller_shape.ts";

const cacheMarks = {
  /** Anthropic's mark, as OpenRouter takes it on parts and tools. */
  cache_control: z.looseObject({ ttl: z.string().nullish() }).nullish(),
  prompt_cache_breakpoint: z.looseObject({}).nullish(),
};

const textPart = z.looseObject({ type: z.literal("text"), text: z.string(), ...cacheMarks });
const refusalPart = z.looseObject({ type: z.literal("refusal"), refusal: z.string() });
const imagePart = z.looseObject({
  type: z.literal("image_url"),
  image_url: z.looseObject({
    url: z.string(),
    detail: z.enum(["auto", "low", "high", "original"]).nullish(),
  }),
  ...cacheMarks,
});
const audioPart = z.looseObject({
  type: z.literal("input_audio"),
  input_audio: z.looseObject({ data: z.string(), format: z.string() }),
});
const filePart = z.looseObject({
  type: z.literal("file"),
  file: z.looseObject({
    file_data: z.string().nullish(),
    file_id: z.string().nullish(),
    filename: z.string().nullish(),
  }),
  ...cacheMarks,
});
/** OpenRouter's, which no other dialect has: refused by name. */
const videoPart = z.looseObject({ type: z.literal("video_url") });
/** Mistral's form of thoughts in an assistant's content. */
const thinkingPart = z.looseObject({
  type: z.literal("thinking"),
  thinking: z.array(z.looseObject({ text: z.string().nullish() })),
});

const userPart = z.discriminatedUnion("type", [textPart, imagePart, audioPart, filePart, videoPart]);
const resultPart = z.discriminatedUnion("type", [textPart, imagePart, filePart]);
const assistantPart = z.discriminatedUnion("type", [textPart, refusalPart, thinkingPart]);

const calledFunction = z.looseObject({ name: z.string(), arguments: z.string() });
const toolCall = z.looseObject({
  id: z.string(),
  type: z.string().nullish(),
  function: calledFunction.nullish(),
  extra_content: z.unknown().optional(),
});

const name = z.string().nullish();
const message = z.discriminatedUnion("role", [
  z.looseObject({
    role: z.enum(["system", "developer"]),
    content: z.union([z.string(), z.array(textPart)]),
    name,
  }),
  z.looseObject({ role: z.literal("user"), content: z.union([z.string(), z.array(userPart)]), name }),
  z.looseObject({
    role: z.literal("assistant"),
    content: z.union([z.string(), z.array(assistantPart)]).nullish(),
    refusal: z.string().nullish(),
    reasoning_content: z.string().nullish(),
    reasoning: z.string().nullish(),
    tool_calls: z.array(toolCall).nullish(),
    function_call: calledFunction.nullish(),
    audio: z.unknown().optional(),
    extra_content: z.unknown().optional(),
    name,
  }),
  z.looseObject({
    role: z.literal("tool"),
    tool_call_id: z.string(),
    content: z.union([z.string(), z.array(resultPart)]),
    name,
  }),
  z.looseObject({ role: z.literal("function"), name: z.string(), content: z.string().nullish() }),
]);

const declaredFunction = z.looseObject({
  name: z.string(),
  description: z.string().nullish(),
  parameters: z.record(z.string(), z.unknown()).nullish(),
  strict: z.boolean().nullish(),
});
const tool = z.looseObject({
  type: z.string(),
  function: declaredFunction.nullish(),
  cache_control: cacheMarks.cache_control,
});
const namedFunction = z.looseObject({ name: z.string() });
const namedTool = z.looseObject({ type: z.string(), function: namedFunction.nullish() });
const toolChoice = z.union([
  z.enum(["none", "auto", "required"]),
  z.looseObject({
    type: z.string(),
    function: namedFunction.nullish(),
    allowed_tools: z.looseObject({ mode: z.enum(["auto", "required"]), tools: z.array(namedTool) }).nullish(),
  }),
]);

/** `none` to `max`, as the reference lists them for all models together. */
const effort = z.enum(["none", "minimal", "low", "medium", "high", "xhigh", "max"]);
const google = z.looseObject({
  thinking_config: z.looseObject({
    thinking_budget: z.number().int().nullish(),
    thinking_level: z.string().nullish(),
    include_thoughts: z.boolean().nullish(),
  }).nullish(),
  cached_content: z.string().nullish(),
  safety_settings: z.unknown().optional(),
});
const count = z.number().int().min(1);

const body = z.looseObject({
  model: z.string().min(1),
  messages: z.array(message).min(1),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
  max_tokens: count.nullish(),
  max_completion_tokens: count.nullish(),
  temperature: z.number().nullish(),
  top_p: z.number().nullish(),
  top_k: z.number().int().nullish(),
  stop: z.union([z.string(), z.array(z.string())]).nullish(),
  n: count.nullish(),
  seed: z.number().int().nullish(),
  presence_penalty: z.number().nullish(),
  frequency_penalty: z.number().nullish(),
  logprobs: z.boolean().nullish(),
  top_logprobs: z.number().int().min(0).nullish(),
  logit_bias: z.record(z.string(), z.number()).nullish(),
  tools: z.array(tool).nullish(),
  tool_choice: toolChoice.nullish(),
  parallel_tool_calls: z.boolean().nullish(),
  functions: z.array(declaredFunction).nullish(),
  function_call: z.union([z.enum(["none", "auto"]), namedFunction]).nullish(),
  response_format: z.discriminatedUnion("type", [
    z.looseObject({ type: z.literal("text") }),
    z.looseObject({ type: z.literal("json_object") }),
    z.looseObject({
      type: z.literal("json_schema"),
      json_schema: z.looseObject({
        name,
        description: z.string().nullish(),
        schema: z.record(z.string(), z.unknown()).nullish(),
        strict: z.boolean().nullish(),
      }),
    }),
  ]).nullish(),
  reasoning_effort: effort.nullish(),
  reasoning: z.looseObject({
    effort: effort.nullish(),
    max_tokens: z.number().int().nullish(),
    exclude: z.boolean().nullish(),
    enabled: z.boolean().nullish(),
  }).nullish(),
  include_reasoning: z.boolean().nullish(),
  thinking: z.looseObject({ type: z.string(), budget_tokens: z.number().int().nullish() }).nullish(),
  modalities: z.array(z.string()).nullish(),
  user: z.string().nullish(),
  safety_identifier: z.string().nullish(),
  google: google.nullish(),
  extra_body: z.looseObject({ google: google.nullish() }).nullish(),
});

/** A request as callers write it; members that are not named here are there, too, unread. */
export type OpenAiChatBody = z.infer<typeof body>;
export type OpenAiChatMessage = z.infer<typeof message>;
export type OpenAiChatPart = z.infer<typeof userPart>;
export type OpenAiChatCacheMarks = Pick<z.infer<typeof textPart>, keyof typeof cacheMarks>;
export type OpenAiChatGoogle = z.infer<typeof google>;

/** Members that the reader understands; of the others each is refused or named as ignored. */
export const KNOWN_MEMBERS: ReadonlySet<string> = new Set(Object.keys(body.shape));

/**
 * The body of a chat completion, its shape checked. Source of the members: OpenAI's API reference
 * (platform.openai.com/docs/api-reference/chat/create) as of its npm package 7.55; `reasoning`, `top_k` and
 * `cache_control` are OpenRouter's, `thinking` is DeepSeek's, `google` is of ai.google.dev/gemini-api/docs/openai.
 * @throws {AppError} `invalid_request` with the path of the first wrong member
 */
export function parseOpenAiChatBody(value: unknown): OpenAiChatBody {
  return shaped(body, value, "");
}

/** A fragment with the member, or none: absent and null mean the same to OpenAI. */
export function told<Name extends string, Value>(
  name: Name,
  value: Value | null | undefined,
): { [name in Name]?: Value } {
  const fragment: { [name in Name]?: Value } = {};
  if (value !== null && value !== undefined) fragment[name] = value;
  return fragment;
}
