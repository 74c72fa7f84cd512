import { z } from "zod";
import {
  jsonAnswer,
  readJson,
  type SimulatedAnswer,
  type SimulatedRequest,
  type World,
} from "./simulated_dialect.ts";
import {
  badParameter,
  invalidType,
  missingParameter,
  NO_JSON,
  unknownModel,
} from "./simulated_openai_errors.ts";
import { chatEvents } from "./simulated_openai_stream.ts";
import { base64Bytes, composeReply, type Prompt, type Reply, type ToolCall } from "./simulated_reply.ts";

const part = z.looseObject({
  type: z.string(),
  text: z.string().optional(),
  image_url: z.looseObject({ url: z.string() }).optional(),
});
const message = z.looseObject({
  role: z.string(),
  content: z.union([z.string(), z.array(part)]).nullish(),
});
const chatBody = z.looseObject({
  model: z.string().optional(),
  messages: z.array(message).optional(),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().optional() }).nullish(),
  n: z.number().int().nullish(),
  temperature: z.number().nullish(),
  max_tokens: z.number().int().nullish(),
  max_completion_tokens: z.number().int().nullish(),
  stop: z.union([z.string(), z.array(z.string())]).nullish(),
  tools: z.array(z.looseObject({
    function: z.looseObject({ name: z.string(), parameters: z.unknown().optional() }).optional(),
  })).nullish(),
  tool_choice: z.union([
    z.string(),
    z.looseObject({ function: z.looseObject({ name: z.string() }).optional() }),
  ]).nullish(),
  response_format: z.looseObject({
    type: z.string(),
    json_schema: z.looseObject({ schema: z.unknown() }).optional(),
  }).nullish(),
  reasoning_effort: z.string().nullish(),
});

type ChatBody = z.infer<typeof chatBody>;

/** What all parts of one chat answer share. */
export interface ChatHead {
  readonly id: string;
  readonly created: number;
  readonly model: string;
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

  const reply = composeReply(promptOf(body), world.isEmpty);
  const head = {
    id: `chatcmpl-${request.number}`,
    created: Math.floor(request.nowMs / 1000),
    model: body.model,
  };
  const choices = body.n ?? 1;
  if (body.stream === true) {
    return chatEvents(head, reply, choices, body.stream_options?.include_usage === true);
  }
  return jsonAnswer(200, completion(head, reply, choices), tokensOf(reply, choices));
}

/** The `usage` object; every choice is paid for, the prompt once. */
export function chatUsage(reply: Reply, choices: number): Record<string, unknown> {
  const { inputTokens, outputTokens, reasoningTokens, cachedTokens } = reply.tokens;
  return {
    prompt_tokens: inputTokens,
    completion_tokens: outputTokens * choices,
    total_tokens: inputTokens + outputTokens * choices,
    prompt_tokens_details: { cached_tokens: cachedTokens, audio_tokens: 0 },
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
  return reply.finish === "stop_sequence" ? "stop" : reply.finish;
}

/** Id of the call at `index` in the answer of `id`, the same whether it is streamed or not. */
export function callId(id: string, index: number): string {
  return `call_${id.slice(id.indexOf("-") + 1)}_${index}`;
}

function completion(head: ChatHead, reply: Reply, choices: number): unknown {
  return {
    id: head.id,
    object: "chat.completion",
    created: head.created,
    model: head.model,
    choices: Array.from({ length: choices }, (_, index) => ({
      index,
      message: {
        role: "assistant",
        content: reply.text === "" && reply.calls.length > 0 ? null : reply.text,
        ...(reply.calls.length > 0
          ? { tool_calls: reply.calls.map((call, at) => toolCall(head.id, call, at)) }
          : {}),
        refusal: null,
        annotations: [],
      },
      logprobs: null,
      finish_reason: finishReason(reply),
    })),
    usage: chatUsage(reply, choices),
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
  if (body.messages.length === 0) {
    return badParameter(
      "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty array instead.",
      "messages",
      "empty_array",
    );
  }
  return temperatureObjection(body.temperature);
}

/** OpenAI's objection to a temperature outside of 0 to 2. */
export function temperatureObjection(temperature: number | null | undefined): SimulatedAnswer | undefined {
  if (temperature === null || temperature === undefined) return undefined;
  if (temperature >= 0 && temperature <= 2) return undefined;
  const [side, sign, bound] = temperature > 2 ? ["above maximum", "<=", 2] : ["below minimum", ">=", 0];
  return badParameter(
    `Invalid 'temperature': decimal ${side} value. Expected a value ${sign} ${bound}, but got ${temperature} instead.`,
    "temperature",
    temperature > 2 ? "decimal_above_max_value" : "decimal_below_min_value",
  );
}

function promptOf(body: ChatBody): Prompt {
  const messages = body.messages ?? [];
  const lastUser = messages.findLast((one) => one.role === "user");
  const last = messages.at(-1);
  return {
    allText: messages.map(textOf).join(" "),
    lastText: lastUser === undefined ? "" : textOf(lastUser),
    imageBytes: lastUser === undefined ? [] : imagesOf(lastUser),
    toolResult: last?.role === "tool" ? textOf(last) : undefined,
    tools: (body.tools ?? []).flatMap((tool) =>
      tool.function === undefined ? [] : [{ name: tool.function.name, parameters: tool.function.parameters }]
    ),
    toolChoice: toolChoiceOf(body.tool_choice),
    schema: schemaOf(body.response_format),
    isThinking: !["none", null, undefined].includes(body.reasoning_effort),
    maxTokens: body.max_completion_tokens ?? body.max_tokens ?? undefined,
    stop: typeof body.stop === "string" ? [body.stop] : body.stop ?? [],
  };
}

function textOf(one: z.infer<typeof message>): string {
  if (typeof one.content === "string") return one.content;
  return (one.content ?? []).map((piece) => piece.text ?? "").filter((text) => text !== "").join(" ");
}

function imagesOf(one: z.infer<typeof message>): number[] {
  if (typeof one.content === "string") return [];
  return (one.content ?? []).flatMap((piece) =>
    piece.image_url === undefined ? [] : [base64Bytes(piece.image_url.url)]
  );
}

function toolChoiceOf(choice: ChatBody["tool_choice"]): Prompt["toolChoice"] {
  if (choice === "none" || choice === "required") return choice;
  if (typeof choice === "object" && choice?.function !== undefined) return { name: choice.function.name };
  return "auto";
}

function schemaOf(format: ChatBody["response_format"]): unknown {
  if (format?.type === "json_schema") return format.json_schema?.schema ?? {};
  return format?.type === "json_object" ? {} : undefined;
}
