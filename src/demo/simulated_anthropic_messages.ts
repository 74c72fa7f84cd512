import { z } from "zod";
import { badAnthropic, invalidAnthropic, notFoundAnthropic } from "./simulated_anthropic_errors.ts";
import { messageEvents } from "./simulated_anthropic_stream.ts";
import {
  jsonAnswer,
  readJson,
  type SimulatedAnswer,
  type SimulatedRequest,
  type World,
} from "./simulated_dialect.ts";
import { base64Bytes, composeReply, type Finish, type Prompt, type Reply } from "./simulated_reply.ts";

const block = z.looseObject({
  type: z.string(),
  text: z.string().optional(),
  source: z.looseObject({ type: z.string(), data: z.string().optional() }).optional(),
  content: z.unknown().optional(),
});
const message = z.looseObject({
  role: z.enum(["user", "assistant"]),
  content: z.union([z.string(), z.array(block)]),
});
const messagesBody = z.looseObject({
  model: z.string().optional(),
  max_tokens: z.number().int().optional(),
  messages: z.array(message).optional(),
  system: z.union([z.string(), z.array(block)]).optional(),
  stream: z.boolean().optional(),
  temperature: z.number().optional(),
  stop_sequences: z.array(z.string()).optional(),
  tools: z.array(z.looseObject({ name: z.string(), input_schema: z.unknown().optional() })).optional(),
  tool_choice: z.looseObject({ type: z.string(), name: z.string().optional() }).optional(),
  thinking: z.looseObject({ type: z.string(), budget_tokens: z.number().optional() }).optional(),
  output_config: z.looseObject({
    format: z.looseObject({ type: z.string(), schema: z.unknown().optional() }).nullish(),
  }).optional(),
});

type MessagesBody = z.infer<typeof messagesBody>;

/** A block of an answer's content. */
export type ContentBlock =
  | { readonly type: "thinking"; readonly thinking: string; readonly signature: string }
  | { readonly type: "text"; readonly text: string }
  | {
    readonly type: "tool_use";
    readonly id: string;
    readonly name: string;
    readonly input: Record<string, unknown>;
  };

/** POST /v1/messages. Source: https://platform.claude.com/docs/en/api/messages */
export function answerMessages(request: SimulatedRequest, world: World): SimulatedAnswer {
  const read = readBody(request, world, true);
  if ("objection" in read) return read.objection;
  const { body } = read;
  const reply = composeReply(promptOf(body), world.isEmpty);
  const blocks = blocksOf(reply, request.number);
  const message = messageObject(body, reply, blocks, request.number);
  if (body.stream === true) return messageEvents(message, reply, blocks, request.number);
  return jsonAnswer(200, message, reply.tokens);
}

/** POST /v1/messages/count_tokens. Source: https://platform.claude.com/docs/en/api/messages-count-tokens */
export function countMessageTokens(request: SimulatedRequest, world: World): SimulatedAnswer {
  const read = readBody(request, world, false);
  if ("objection" in read) return read.objection;
  return jsonAnswer(200, { input_tokens: composeReply(promptOf(read.body), true).tokens.inputTokens });
}

function readBody(
  request: SimulatedRequest,
  world: World,
  needsMaxTokens: boolean,
): { readonly body: MessagesBody } | { readonly objection: SimulatedAnswer } {
  const json = readJson(request);
  if (json === undefined) return { objection: badAnthropic("The request body is not valid JSON", request) };
  const parsed = messagesBody.safeParse(json);
  if (!parsed.success) return { objection: invalidAnthropic(parsed.error, request) };
  const body = parsed.data;
  const complaint = complaintOf(body, needsMaxTokens);
  if (complaint !== undefined) return { objection: badAnthropic(complaint, request) };
  if (body.model === undefined || !world.models.includes(body.model)) {
    return { objection: notFoundAnthropic(`model: ${body.model ?? ""}`, request) };
  }
  return { body };
}

function complaintOf(body: MessagesBody, needsMaxTokens: boolean): string | undefined {
  if (body.model === undefined) return "model: Field required";
  if (needsMaxTokens && body.max_tokens === undefined) return "max_tokens: Field required";
  if (body.max_tokens !== undefined && body.max_tokens < 1) {
    return "max_tokens: Input should be greater than or equal to 1";
  }
  if (body.messages === undefined) return "messages: Field required";
  if (body.messages.length === 0) return "messages: at least one message is required";
  if (body.temperature !== undefined && (body.temperature < 0 || body.temperature > 1)) {
    return "temperature: range: 0..1";
  }
  if (
    body.messages.some((one) => Array.isArray(one.content) && one.content.some((piece) => piece.text === ""))
  ) {
    return "messages: text content blocks must be non-empty";
  }
  const { thinking } = body;
  if (thinking?.type === "enabled") {
    if ((thinking.budget_tokens ?? 0) < 1024) {
      return "thinking.enabled.budget_tokens: Input should be greater than or equal to 1024";
    }
    if (body.max_tokens !== undefined && body.max_tokens <= (thinking.budget_tokens ?? 0)) {
      return "`max_tokens` must be greater than `thinking.budget_tokens`";
    }
  }
  return undefined;
}

function blocksOf(reply: Reply, number: number): ContentBlock[] {
  const blocks: ContentBlock[] = [];
  if (reply.reasoning !== "") {
    blocks.push({ type: "thinking", thinking: reply.reasoning, signature: `sig_${number}` });
  }
  if (reply.text !== "") blocks.push({ type: "text", text: reply.text });
  reply.calls.forEach((call, index) => {
    blocks.push({ type: "tool_use", id: `toolu_${number}_${index}`, name: call.name, input: call.args });
  });
  return blocks;
}

function messageObject(
  body: MessagesBody,
  reply: Reply,
  content: readonly ContentBlock[],
  number: number,
): Record<string, unknown> {
  return {
    id: `msg_${number}`,
    type: "message",
    role: "assistant",
    model: body.model,
    content,
    stop_reason: STOP_REASONS[reply.finish],
    stop_sequence: reply.stopSequence ?? null,
    usage: messageUsage(reply, reply.tokens.outputTokens),
  };
}

const STOP_REASONS: Record<Finish, string> = {
  stop: "end_turn",
  stop_sequence: "stop_sequence",
  length: "max_tokens",
  tool_calls: "tool_use",
};

/** The `usage` object: cached tokens stand beside `input_tokens`, not in them. */
export function messageUsage(reply: Reply, outputTokens: number): Record<string, unknown> {
  return {
    input_tokens: reply.tokens.inputTokens - reply.tokens.cachedTokens,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: reply.tokens.cachedTokens,
    cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 },
    output_tokens: outputTokens,
    service_tier: "standard",
  };
}

function promptOf(body: MessagesBody): Prompt {
  const messages = body.messages ?? [];
  const lastUser = messages.findLast((one) => one.role === "user");
  const blocks = Array.isArray(lastUser?.content) ? lastUser.content : [];
  const result = blocks.find((piece) => piece.type === "tool_result");
  const format = body.output_config?.format;
  const system = body.system === undefined ? "" : textOf(body.system);
  return {
    allText: [system, ...messages.map((one) => textOf(one.content))].join(" "),
    lastText: lastUser === undefined ? "" : textOf(lastUser.content),
    imageBytes: blocks.flatMap((piece) =>
      piece.type === "image" ? [base64Bytes(piece.source?.data ?? "")] : []
    ),
    toolResult: result === undefined ? undefined : resultText(result.content),
    tools: (body.tools ?? []).map((tool) => ({ name: tool.name, parameters: tool.input_schema })),
    toolChoice: toolChoiceOf(body.tool_choice),
    schema: format?.type === "json_schema" ? format.schema ?? {} : undefined,
    isThinking: body.thinking !== undefined && body.thinking.type !== "disabled",
    maxTokens: body.max_tokens,
    stop: body.stop_sequences ?? [],
  };
}

function textOf(content: string | readonly z.infer<typeof block>[]): string {
  if (typeof content === "string") return content;
  return content.map((piece) => piece.type === "tool_result" ? resultText(piece.content) : piece.text ?? "")
    .filter((text) => text !== "").join(" ");
}

function resultText(content: unknown): string {
  if (typeof content === "string") return content;
  const blocks = z.array(block).safeParse(content);
  return blocks.success ? blocks.data.map((piece) => piece.text ?? "").join(" ") : "";
}

function toolChoiceOf(choice: MessagesBody["tool_choice"]): Prompt["toolChoice"] {
  if (choice?.type === "none") return "none";
  if (choice?.type === "any") return "required";
  return choice?.type === "tool" && choice.name !== undefined ? { name: choice.name } : "auto";
}
