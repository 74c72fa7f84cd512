import { z } from "zod";
import { isRecord } from "../core/json.ts";
import { shaped } from "./caller_shape.ts";

const cacheControl = z.object({ type: z.literal("ephemeral"), ttl: z.enum(["5m", "1h"]).nullish() })
  .nullish();
const citations = z.unknown().optional();
/** Taken as it is: a record schema would look at every member. */
const jsonObject = z.custom<Record<string, unknown>>(isRecord, "expected an object");

/** The type of a block; the rest of it is read by the shape of its type. */
export function blockType(block: unknown, path: string): string {
  // Long conversations have many blocks: the plain look costs a tenth of a schema.
  const type = isRecord(block) ? block["type"] : undefined;
  return typeof type === "string" ? type : shaped(BLOCK, block, path).type;
}

const BLOCK = z.object({ type: z.string() });

/** One message; its blocks are read one by one, so that an error names the right one and text costs nothing. */
export const MESSAGE = z.object({
  role: z.enum(["user", "assistant", "system"]),
  content: z.union([z.string(), z.array(z.unknown())]),
});

export const TEXT = z.object({ text: z.string(), cache_control: cacheControl, citations });

export const IMAGE = z.object({
  source: z.discriminatedUnion("type", [
    z.object({
      type: z.literal("base64"),
      media_type: z.enum(["image/jpeg", "image/png", "image/gif", "image/webp"]),
      data: z.string(),
    }),
    z.object({ type: z.literal("url"), url: z.string() }),
    z.object({ type: z.literal("file"), file_id: z.string() }),
  ]),
  transformations: z.unknown().optional(),
  cache_control: cacheControl,
});

export const DOCUMENT = z.object({
  source: z.discriminatedUnion("type", [
    z.object({ type: z.literal("base64"), media_type: z.literal("application/pdf"), data: z.string() }),
    z.object({ type: z.literal("text"), media_type: z.literal("text/plain"), data: z.string() }),
    z.object({ type: z.literal("content"), content: z.union([z.string(), z.array(z.unknown())]) }),
    z.object({ type: z.literal("url"), url: z.string() }),
    z.object({ type: z.literal("file"), file_id: z.string() }),
  ]),
  title: z.string().nullish(),
  context: z.string().nullish(),
  citations: z.object({ enabled: z.boolean().optional() }).nullish(),
  cache_control: cacheControl,
});

export const SEARCH_RESULT = z.object({
  source: z.string(),
  title: z.string(),
  content: z.array(TEXT),
  citations: z.object({ enabled: z.boolean().optional() }).nullish(),
  cache_control: cacheControl,
});

export const TOOL_RESULT = z.object({
  tool_use_id: z.string(),
  content: z.union([z.string(), z.array(z.unknown())]).nullish(),
  is_error: z.boolean().nullish(),
  cache_control: cacheControl,
});

export const TOOL_USE = z.object({
  id: z.string().min(1),
  name: z.string().min(1),
  input: jsonObject,
  toolset_name: z.string().nullish(),
  cache_control: cacheControl,
});

export const THINKING = z.object({ thinking: z.string(), signature: z.string().nullish() });

export const REDACTED_THINKING = z.object({ data: z.string() });

export const TOOL = z.object({
  type: z.string().nullish(),
  name: z.string().min(1),
  description: z.string().nullish(),
  input_schema: jsonObject,
  strict: z.boolean().nullish(),
  cache_control: cacheControl,
  defer_loading: z.unknown().optional(),
  input_examples: z.unknown().optional(),
  eager_input_streaming: z.unknown().optional(),
  allowed_callers: z.unknown().optional(),
});

const format = z.object({ type: z.literal("json_schema"), schema: jsonObject })
  .nullish();

/**
 * The members of a request beside its messages' insides.
 * Source: https://platform.claude.com/docs/en/api/messages, and the types of npm:@anthropic-ai/sdk 1.11.0.
 */
export const REQUEST = z.object({
  model: z.string().min(1),
  messages: z.array(z.unknown()).min(1, "at least one message is required"),
  system: z.union([z.string(), z.array(z.unknown())]).nullish(),
  max_tokens: z.int().min(0).nullish(),
  stream: z.boolean().nullish(),
  temperature: z.number().nullish(),
  top_p: z.number().nullish(),
  top_k: z.int().nullish(),
  stop_sequences: z.array(z.string()).nullish(),
  tools: z.array(z.unknown()).nullish(),
  tool_choice: z.object({
    type: z.enum(["auto", "any", "tool", "none"]),
    name: z.string().optional(),
    disable_parallel_tool_use: z.boolean().nullish(),
  }).nullish(),
  thinking: z.object({
    type: z.enum(["enabled", "disabled", "adaptive", "between_tools"]),
    budget_tokens: z.int().min(1).nullish(),
    display: z.enum(["summarized", "omitted"]).nullish(),
  }).nullish(),
  output_config: z.object({
    effort: z.enum(["low", "medium", "high", "xhigh", "max"]).nullish(),
    format,
    task_budget: z.unknown().optional(),
  }).nullish(),
  output_format: format,
  metadata: z.object({ user_id: z.string().nullish() }).nullish(),
});

/** A request in its checked shape. */
export type AnthropicRequest = z.infer<typeof REQUEST>;
