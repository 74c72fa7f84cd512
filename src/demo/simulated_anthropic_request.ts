import { z } from "zod";

const cached = {
  cache_control: z.strictObject({ type: z.literal("ephemeral"), ttl: z.enum(["5m", "1h"]).optional() })
    .nullish(),
};
const citations = z.looseObject({ enabled: z.boolean().optional() }).nullish();
const text = z.strictObject({
  type: z.literal("text"),
  text: z.string(),
  citations: z.array(z.unknown()).nullish(),
  ...cached,
});
const fileSource = z.strictObject({ type: z.literal("file"), file_id: z.string() });
const urlSource = z.strictObject({ type: z.literal("url"), url: z.string() });
const image = z.strictObject({
  type: z.literal("image"),
  source: z.discriminatedUnion("type", [
    z.strictObject({
      type: z.literal("base64"),
      media_type: z.enum(["image/jpeg", "image/png", "image/gif", "image/webp"]),
      data: z.string(),
    }),
    urlSource,
    fileSource,
  ]),
  ...cached,
});
const document = z.strictObject({
  type: z.literal("document"),
  source: z.discriminatedUnion("type", [
    z.strictObject({ type: z.literal("base64"), media_type: z.literal("application/pdf"), data: z.string() }),
    z.strictObject({ type: z.literal("text"), media_type: z.literal("text/plain"), data: z.string() }),
    z.strictObject({ type: z.literal("content"), content: z.union([z.string(), z.array(z.unknown())]) }),
    urlSource,
    fileSource,
  ]),
  title: z.string().nullish(),
  context: z.string().nullish(),
  citations,
  ...cached,
});
const toolUse = z.strictObject({
  type: z.literal("tool_use"),
  id: z.string().regex(/^[a-zA-Z0-9_-]+$/),
  name: z.string().min(1).max(200),
  input: z.record(z.string(), z.unknown()),
  caller: z.unknown().optional(),
  ...cached,
});
const toolResult = z.strictObject({
  type: z.literal("tool_result"),
  tool_use_id: z.string(),
  content: z.union([z.string(), z.array(z.discriminatedUnion("type", [text, image, document]))]).optional(),
  is_error: z.boolean().optional(),
  ...cached,
});
const thinking = z.strictObject({ type: z.literal("thinking"), thinking: z.string(), signature: z.string() });
const redacted = z.strictObject({ type: z.literal("redacted_thinking"), data: z.string() });
const block = z.discriminatedUnion("type", [text, image, document, toolUse, toolResult, thinking, redacted]);
const message = z.strictObject({
  role: z.enum(["user", "assistant"]),
  content: z.union([z.string(), z.array(block)]),
});
const tool = z.strictObject({
  type: z.literal("custom").nullish(),
  name: z.string().regex(/^[a-zA-Z0-9_-]{1,128}$/),
  description: z.string().optional(),
  input_schema: z.looseObject({ type: z.literal("object") }),
  strict: z.boolean().optional(),
  eager_input_streaming: z.boolean().nullish(),
  input_examples: z.array(z.unknown()).optional(),
  allowed_callers: z.array(z.string()).optional(),
  defer_loading: z.boolean().optional(),
  ...cached,
});
const serverTool = z.looseObject({ type: z.string().regex(/_\d{8}$/), name: z.string() });
const notInParallel = { disable_parallel_tool_use: z.boolean().optional() };

/**
 * Body of a message request. Nothing is let through that is not in it, as the real one does: "Extra inputs are not
 * permitted". Source: https://platform.claude.com/docs/en/api/messages/create
 */
export const messagesBody = z.strictObject({
  model: z.string().optional(),
  max_tokens: z.number().int().optional(),
  messages: z.array(message).optional(),
  system: z.union([z.string(), z.array(text)]).optional(),
  stream: z.boolean().optional(),
  temperature: z.number().optional(),
  top_p: z.number().optional(),
  top_k: z.number().int().optional(),
  stop_sequences: z.array(z.string()).optional(),
  metadata: z.strictObject({ user_id: z.string().max(256).nullish() }).optional(),
  service_tier: z.enum(["auto", "standard_only"]).optional(),
  container: z.unknown().optional(),
  context_management: z.unknown().optional(),
  mcp_servers: z.array(z.unknown()).optional(),
  inference_geo: z.string().nullish(),
  speed: z.enum(["standard", "fast"]).nullish(),
  ...cached,
  tools: z.array(z.union([tool, serverTool])).optional(),
  tool_choice: z.discriminatedUnion("type", [
    z.strictObject({ type: z.literal("auto"), ...notInParallel }),
    z.strictObject({ type: z.literal("any"), ...notInParallel }),
    z.strictObject({ type: z.literal("tool"), name: z.string(), ...notInParallel }),
    z.strictObject({ type: z.literal("none") }),
  ]).optional(),
  thinking: z.discriminatedUnion("type", [
    z.strictObject({
      type: z.literal("enabled"),
      budget_tokens: z.number().int(),
      display: z.enum(["summarized", "omitted"]).nullish(),
    }),
    z.strictObject({ type: z.literal("adaptive"), display: z.enum(["summarized", "omitted"]).nullish() }),
    z.strictObject({ type: z.literal("disabled") }),
  ]).optional(),
  output_config: z.strictObject({
    effort: z.enum(["low", "medium", "high", "xhigh", "max"]).nullish(),
    format: z.strictObject({ type: z.literal("json_schema"), schema: z.unknown() }).nullish(),
  }).optional(),
});

export type MessagesBody = z.infer<typeof messagesBody>;
export type InputMessage = z.infer<typeof message>;
export type InputBlock = z.infer<typeof block>;
export type ImageBlock = z.infer<typeof image>;
export type DocumentBlock = z.infer<typeof document>;
export type TextBlock = z.infer<typeof text>;

/** The blocks of a message or of a tool's result; a text alone is one block. */
export function blocksOf<T>(content: string | readonly T[] | undefined): readonly (T | TextBlock)[] {
  return typeof content === "string" ? [{ type: "text", text: content }] : content ?? [];
}
