import { badAnthropic, invalidAnthropic, notFoundAnthropic } from "./simulated_anthropic_errors.ts";
import { isAdaptiveOnly, parametersComplaint } from "./simulated_anthropic_parameters.ts";
import { messagesPrompt } from "./simulated_anthropic_prompt.ts";
import { type MessagesBody, messagesBody } from "./simulated_anthropic_request.ts";
import { messageEvents } from "./simulated_anthropic_stream.ts";
import { turnsComplaint } from "./simulated_anthropic_turns.ts";
import {
  jsonAnswer,
  readJson,
  type SimulatedAnswer,
  type SimulatedRequest,
  type World,
} from "./simulated_dialect.ts";
import { composeReply, type Finish, type Reply } from "./simulated_reply.ts";
import { signatureOf } from "./simulated_signature.ts";

/** A block of an answer's content. */
export type ContentBlock =
  | { readonly type: "thinking"; readonly thinking: string; readonly signature: string }
  | { readonly type: "redacted_thinking"; readonly data: string }
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
  const reply = composeReply(messagesPrompt(body), world.isEmpty);
  if (reply.isPromptBlocked) return badAnthropic("Output blocked by content filtering policy", request);
  const blocks = blocksOf(reply, body, request.number);
  const message = messageObject(body, reply, blocks, request.number);
  if (body.stream === true) return messageEvents(message, reply, blocks, request.number);
  return jsonAnswer(200, message, reply.tokens);
}

/** POST /v1/messages/count_tokens. Source: https://platform.claude.com/docs/en/api/messages-count-tokens */
export function countMessageTokens(request: SimulatedRequest, world: World): SimulatedAnswer {
  const read = readBody(request, world, false);
  if ("objection" in read) return read.objection;
  return jsonAnswer(200, { input_tokens: composeReply(messagesPrompt(read.body), true).tokens.inputTokens });
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
  if (body.messages === undefined) return "messages: Field required";
  if (body.messages.length === 0) return "messages: at least one message is required";
  const complaint = parametersComplaint(body);
  if (complaint !== undefined) return complaint;
  if (Array.isArray(body.system) && body.system.some((block) => block.text === "")) {
    return "system: text content blocks must be non-empty";
  }
  const isThinking = body.thinking !== undefined && body.thinking.type !== "disabled";
  if (body.messages.at(-1)?.role === "assistant" && (isThinking || isAdaptiveOnly(body.model))) {
    return "This model does not support assistant message prefill. The conversation must end with a user message.";
  }
  return turnsComplaint(body.messages, body.thinking?.type === "enabled");
}

function blocksOf(reply: Reply, { thinking, model = "" }: MessagesBody, number: number): ContentBlock[] {
  const blocks: ContentBlock[] = [];
  if (reply.reasoning !== "") {
    const signature = signatureOf("anthropic", reply.reasoning);
    const display = thinking !== undefined && thinking.type !== "disabled" ? thinking.display : undefined;
    const isOmitted = (display ?? (isAdaptiveOnly(model) ? "omitted" : "summarized")) === "omitted";
    blocks.push(
      reply.isReasoningHidden
        ? { type: "redacted_thinking", data: signature }
        : { type: "thinking", thinking: isOmitted ? "" : reply.reasoning, signature },
    );
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
  const stopReason = STOP_REASONS[reply.finish];
  return {
    id: `msg_${number}`,
    type: "message",
    role: "assistant",
    model: body.model,
    content,
    stop_reason: stopReason,
    stop_sequence: reply.stopSequence ?? null,
    stop_details: stopReason === "refusal" ? { type: "refusal", category: null, explanation: null } : null,
    usage: messageUsage(reply, reply.tokens.outputTokens),
  };
}

const STOP_REASONS: Record<Finish, string> = {
  stop: "end_turn",
  stop_sequence: "stop_sequence",
  length: "max_tokens",
  tool_calls: "tool_use",
  refusal: "refusal",
  content_filter: "refusal",
};

/** The `usage` object: cached tokens stand beside `input_tokens`, not in them. */
export function messageUsage({ tokens }: Reply, outputTokens: number): Record<string, unknown> {
  return {
    input_tokens: tokens.inputTokens - tokens.cachedTokens - tokens.cacheWriteTokens,
    cache_creation_input_tokens: tokens.cacheWriteTokens,
    cache_read_input_tokens: tokens.cachedTokens,
    cache_creation: { ephemeral_5m_input_tokens: tokens.cacheWriteTokens, ephemeral_1h_input_tokens: 0 },
    output_tokens: outputTokens,
    output_tokens_details: { thinking_tokens: Math.min(outputTokens, tokens.reasoningTokens) },
    service_tier: "standard",
  };
}
