import { z } from "zod";

const optionalText = z.string().nullish();
const optionalFlag = z.boolean().nullish();
const breakpoint = z.looseObject({}).nullish();

/** The body of POST /v1/responses, its items and tools still to be read. */
export const responsesBody = z.looseObject({
  model: z.string().min(1),
  input: z.union([z.string(), z.array(z.looseObject({}))], {
    error: "expected a string or an array of items",
  }),
  instructions: optionalText,
  tools: z.array(z.looseObject({ type: z.string() })).nullish(),
  tool_choice: z.union([z.string(), z.looseObject({ type: z.string() })], {
    error: "expected a string or an object with a type",
  }).nullish(),
  parallel_tool_calls: optionalFlag,
  text: z.looseObject({
    format: z.looseObject({ type: z.string() }).nullish(),
    verbosity: optionalText,
  }).nullish(),
  reasoning: z.looseObject({
    effort: z.enum(["none", "minimal", "low", "medium", "high", "xhigh", "max"]).nullish(),
    summary: optionalText,
    generate_summary: optionalText,
  }).nullish(),
  max_output_tokens: z.number().int().positive().nullish(),
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  top_logprobs: z.number().int().min(0).max(20).nullish(),
  include: z.array(z.string()).nullish(),
  stream: optionalFlag,
  store: optionalFlag,
  background: optionalFlag,
  user: optionalText,
  safety_identifier: optionalText,
  metadata: z.record(z.string(), z.unknown()).nullish(),
  truncation: optionalText,
});

export type ResponsesBody = z.infer<typeof responsesBody>;

/** `text.format` with a schema. */
export const schemaFormat = z.looseObject({
  name: z.string().nullish(),
  description: optionalText,
  schema: z.record(z.string(), z.unknown()),
  strict: optionalFlag,
});

/** A tool of type `function`, in the flat form of this endpoint. */
export const functionTool = z.looseObject({
  name: z.string().min(1),
  description: optionalText,
  parameters: z.record(z.string(), z.unknown()).nullish(),
  strict: optionalFlag,
});

export const allowedTools = z.looseObject({
  mode: z.enum(["auto", "required"]),
  tools: z.array(z.looseObject({ type: z.string(), name: z.string().optional() })).min(1),
});

export const functionChoice = z.looseObject({ name: z.string().min(1) });

export const messageItem = z.looseObject({
  role: z.enum(["user", "assistant", "system", "developer"]),
  content: z.union([z.string(), z.array(z.looseObject({ type: z.string() }))], {
    error: "expected a string or an array of parts with a type",
  }),
});

export const functionCallItem = z.looseObject({
  call_id: z.string().min(1),
  name: z.string().min(1),
  arguments: z.string(),
});

export const functionOutputItem = z.looseObject({
  call_id: z.string().min(1),
  output: z.union([z.string(), z.array(z.looseObject({ type: z.string() }))], {
    error: "expected a string or an array of parts with a type",
  }),
});

const thoughts = z.array(z.looseObject({ text: z.string() })).nullish();

export const reasoningItem = z.looseObject({
  summary: thoughts,
  content: thoughts,
  encrypted_content: optionalText,
});

export const imageCallItem = z.looseObject({
  result: z.string().min(1),
  output_format: optionalText,
});

export const textPart = z.looseObject({ text: z.string(), prompt_cache_breakpoint: breakpoint });
export const refusalPart = z.looseObject({ refusal: z.string() });

export const imagePart = z.looseObject({
  image_url: optionalText,
  file_id: optionalText,
  detail: z.enum(["low", "high", "auto", "original"]).nullish(),
  prompt_cache_breakpoint: breakpoint,
});

export const filePart = z.looseObject({
  file_data: optionalText,
  file_id: optionalText,
  file_url: optionalText,
  filename: optionalText,
  prompt_cache_breakpoint: breakpoint,
});

export const audioPart = z.looseObject({
  input_audio: z.looseObject({ data: z.string().min(1), format: z.enum(["mp3", "wav"]) }),
});
