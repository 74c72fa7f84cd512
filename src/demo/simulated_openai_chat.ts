import {
  jsonAnswer,
  readJson,
  type SimulatedAnswer,
  type SimulatedRequest,
  type World,
} from "./simulated_dialect.ts";
import { type ChatBody, chatBody } from "./simulated_openai_chat_request.ts";
import { chatPrompt } from "./simulated_openai_chat_prompt.ts";
import {
  badParameter,
  blockedPrompt,
  emptyArray,
  invalidType,
  missingParameter,
  NO_JSON,
  unknownModel,
} from "./simulated_openai_errors.ts";
import { parametersObjection } from "./simulated_openai_parameters.ts";
import { chatEvents } from "./simulated_openai_stream.ts";
import { messagesObjection } from "./simulated_openai_turns.ts";
import { composeReply, logprobAt, type Reply } from "./simulated_reply.ts";
import type { ToolCall } from "./simulated_tool_calls.ts";

/** What all parts of one chat answer share. */
export interface ChatHead {
  readonly id: string;
  readonly created: number;
  readonly model: string;
  readonly choices: number;
  /** How many alternatives are told of each token; `undefined` for no log probabilities at all. */
  readonly topLogprobs: number | undefined;
  /** DeepSeek's models tell their thoughts beside the answer. Source: https://api-docs.deepseek.com/guides/reasoning_model */
  readonly showsReasoning: boolean;
}

/** POST /v1/chat/completions. Source: https://platform.openai.com/docs/api-reference/chat/create */
export function answerChat(request: SimulatedRequest, world: World): SimulatedAnswer {
  const json = readJson(request);
  if (json === undefined) return badParameter(NO_JSON, null, null);
  const parsed = chatBody.safeParse(json);
  if (!parsed.success) return invalidType(parsed.error);
  const body = parsed.data;
  if (body.model === undefined) return badParameter("you must provide a model parameter", null, null);
  const objection = objectionTo(body);
  if (objection !== undefined) return objection;
  if (!world.models.includes(body.model)) return unknownModel(body.model);

  const reply = composeReply(chatPrompt(body), world.isEmpty);
  if (reply.isPromptBlocked) return blockedPrompt();
  const head = {
    id: `chatcmpl-${request.number}`,
    created: Math.floor(request.nowMs / 1000),
    model: body.model,
    choices: body.n ?? 1,
    topLogprobs: body.logprobs === true ? body.top_logprobs ?? 0 : undefined,
    showsReasoning: body.model.startsWith("deepseek"),
  };
  if (body.stream === true) return chatEvents(head, reply, body.stream_options?.include_usage === true);
  return jsonAnswer(200, completion(head, reply), tokensOf(reply, head.choices));
}

/** The `usage` object; every choice is paid for, the prompt once. */
export function chatUsage(reply: Reply, choices: number): Record<string, unknown> {
  const { inputTokens, outputTokens, reasoningTokens, cachedTokens, audioTokens } = reply.tokens;
  return {
    prompt_tokens: inputTokens,
    completion_tokens: outputTokens * choices,
    total_tokens: inputTokens + outputTokens * choices,
    prompt_tokens_details: { cached_tokens: cachedTokens, audio_tokens: audioTokens },
    completion_tokens_details: {
      reasoning_tokens: reasoningTokens * choices,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  };
}

/** Tokens of an answer with several choices. */
export function tokensOf(reply: Reply, choices: number): { inputTokens: number; outputTokens: number } {
  return { inputTokens: reply.tokens.inputTokens, outputTokens: reply.tokens.outputTokens * choices };
}

/** OpenAI's `finish_reason`. */
export function finishReason(reply: Reply): string {
  return reply.finish === "stop_sequence" || reply.finish === "refusal" ? "stop" : reply.finish;
}

/** Id of the call at `index` in the answer of `id`, the same whether it is streamed or not. */
export function callId(id: string, index: number): string {
  return `call_${id.slice(id.indexOf("-") + 1)}_${index}`;
}

const encoder = new TextEncoder();

/** `logprobs` of a choice for the tokens from `from` on; `null` where none are asked for. */
export function logprobsOf(tokens: readonly string[], top: number | undefined, from = 0): unknown {
  if (top === undefined) return null;
  const entry = (token: string, logprob: number) => ({ token, logprob, bytes: [...encoder.encode(token)] });
  const content = tokens.map((token, index) => {
    const logprob = logprobAt(from + index);
    const others = Array.from(
      { length: top },
      (_, rank) => entry(rank === 0 ? token : `alt${rank}`, logprob - rank),
    );
    return { ...entry(token, logprob), top_logprobs: others };
  });
  return { content, refusal: null };
}

function completion(head: ChatHead, reply: Reply): unknown {
  const isRefusal = reply.finish === "refusal";
  const isSilent = isRefusal || (reply.text === "" && reply.calls.length > 0);
  const message = {
    role: "assistant",
    content: isSilent ? null : reply.text,
    ...(head.showsReasoning && reply.reasoning !== "" ? { reasoning_content: reply.reasoning } : {}),
    ...(reply.calls.length > 0
      ? { tool_calls: reply.calls.map((call, at) => toolCall(head.id, call, at)) }
      : {}),
    refusal: isRefusal ? reply.text : null,
    annotations: [],
  };
  return {
    id: head.id,
    object: "chat.completion",
    created: head.created,
    model: head.model,
    choices: Array.from({ length: head.choices }, (_, index) => ({
      index,
      message,
      logprobs: logprobsOf(reply.pieces, head.topLogprobs),
      finish_reason: finishReason(reply),
    })),
    usage: chatUsage(reply, head.choices),
    service_tier: "default",
    system_fingerprint: "fp_simulated",
  };
}

function toolCall(id: string, call: ToolCall, index: number): unknown {
  return {
    id: callId(id, index),
    type: "function",
    function: { name: call.name, arguments: JSON.stringify(call.args) },
  };
}

function objectionTo(body: ChatBody): SimulatedAnswer | undefined {
  if (body.messages === undefined) return missingParameter("messages");
  if (body.messages.length === 0) return emptyArray("messages");
  return parametersObjection(body) ?? messagesObjection(body.messages);
}
