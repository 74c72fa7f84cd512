import {
  jsonAnswer,
  readJson,
  type SimulatedAnswer,
  type SimulatedRequest,
  type World,
} from "./simulated_dialect.ts";
import { logprobsOf } from "./simulated_openai_chat.ts";
import {
  badParameter,
  blockedPrompt,
  invalidType,
  NO_JSON,
  unknownModel,
} from "./simulated_openai_errors.ts";
import { responsesPrompt } from "./simulated_openai_responses_prompt.ts";
import {
  readItems,
  type ResponsesBody,
  responsesBody,
  responsesObjection,
  sealOf,
} from "./simulated_openai_responses_request.ts";
import { type OutputItem, responseEvents } from "./simulated_openai_responses_stream.ts";
import { argumentPieces } from "./simulated_openai_stream.ts";
import { composeReply, type Finish, piecesOf, type Reply } from "./simulated_reply.ts";
import { isRecord } from "./simulated_schema.ts";

/** How many items and responses are kept for requests that name them. */
const MAX_KEPT = 1000;

/** POST /v1/responses. Source: https://platform.openai.com/docs/api-reference/responses/create */
export function answerResponses(request: SimulatedRequest, world: World): SimulatedAnswer {
  const json = readJson(request);
  if (json === undefined) return badParameter(NO_JSON, null, null);
  const parsed = responsesBody.safeParse(json);
  if (!parsed.success) return invalidType(parsed.error);
  const body = parsed.data;
  const objection = responsesObjection(body);
  if (objection !== undefined) return objection;
  const read = readItems(body, world);
  if ("objection" in read) return read.objection;
  if (body.model === undefined || !world.models.includes(body.model)) return unknownModel(body.model ?? "");

  const reply = composeReply(responsesPrompt(body, read.items), world.isEmpty);
  if (reply.isPromptBlocked) return blockedPrompt();
  const items = outputOf(body, reply, request.number);
  const response = responseOf(body, reply, items, request);
  if (body.store !== false) keep(world, `resp_${request.number}`, read.items, items);
  if (body.stream === true) return responseEvents(response, reply, items);
  return jsonAnswer(200, response, reply.tokens);
}

function keep(world: World, id: string, input: readonly unknown[], output: readonly OutputItem[]): void {
  for (const one of output) world.kept.set(one.id, [one.done]);
  world.kept.set(id, [...input, ...output.map((one) => one.done)]);
  for (const oldest of [...world.kept.keys()].slice(0, Math.max(0, world.kept.size - MAX_KEPT))) {
    world.kept.delete(oldest);
  }
}

function outputOf(body: ResponsesBody, reply: Reply, number: number): OutputItem[] {
  const items: OutputItem[] = [];
  if (reply.reasoning !== "") items.push(reasoningItem(body, reply, number));
  if (reply.text !== "" || reply.calls.length === 0) items.push(messageItem(body, reply, number));
  reply.calls.forEach((call, index) => {
    const id = `fc_${number}_${index}`;
    const text = JSON.stringify(call.args);
    const shared = { id, type: "function_call", call_id: `call_${number}_${index}`, name: call.name };
    items.push({
      kind: "function_call",
      id,
      added: { ...shared, arguments: "", status: "in_progress" },
      done: { ...shared, arguments: text, status: "completed" },
      pieces: argumentPieces(text),
    });
  });
  return items;
}

/** A summary only comes to those who ask for one. Source: https://platform.openai.com/docs/guides/reasoning */
function reasoningItem(body: ResponsesBody, reply: Reply, number: number): OutputItem {
  const hasSummary = typeof body.reasoning?.summary === "string";
  const isSealed = body.include?.includes("reasoning.encrypted_content") === true;
  const text = hasSummary ? reply.reasoning : "";
  const done = {
    id: `rs_${number}`,
    type: "reasoning",
    summary: hasSummary ? [{ type: "summary_text", text }] : [],
    ...(isSealed ? { encrypted_content: sealOf(reply.reasoning) } : {}),
  };
  return { kind: "reasoning", id: done.id, added: { ...done, summary: [] }, done, pieces: piecesOf(text) };
}

function messageItem(body: ResponsesBody, reply: Reply, number: number): OutputItem {
  const top = body.include?.includes("message.output_text.logprobs") === true
    ? body.top_logprobs ?? 0
    : undefined;
  const told = logprobsOf(reply.pieces, top);
  const part = reply.finish === "refusal" ? { type: "refusal", refusal: reply.text } : {
    type: "output_text",
    text: reply.text,
    annotations: [],
    logprobs: isRecord(told) ? told.content : [],
  };
  const done = {
    id: `msg_${number}`,
    type: "message",
    role: "assistant",
    status: "completed",
    content: [part],
  };
  const kind = reply.finish === "refusal" ? "refusal" : "message";
  return {
    kind,
    id: done.id,
    added: { ...done, status: "in_progress", content: [] },
    done,
    pieces: reply.pieces,
  };
}

/** Why a response is not complete, as far as it is not. */
const REASONS: Partial<Record<Finish, string>> = {
  length: "max_output_tokens",
  content_filter: "content_filter",
};

function responseOf(
  body: ResponsesBody,
  reply: Reply,
  items: readonly OutputItem[],
  request: SimulatedRequest,
): Record<string, unknown> {
  const { inputTokens, outputTokens, cachedTokens, reasoningTokens } = reply.tokens;
  const reason = REASONS[reply.finish];
  return {
    id: `resp_${request.number}`,
    object: "response",
    created_at: Math.floor(request.nowMs / 1000),
    status: reason === undefined ? "completed" : "incomplete",
    background: false,
    error: null,
    incomplete_details: reason === undefined ? null : { reason },
    instructions: body.instructions ?? null,
    max_output_tokens: body.max_output_tokens ?? null,
    metadata: {},
    model: body.model,
    output: items.map((one) => one.done),
    parallel_tool_calls: body.parallel_tool_calls ?? true,
    previous_response_id: body.previous_response_id ?? null,
    reasoning: { effort: body.reasoning?.effort ?? null, summary: body.reasoning?.summary ?? null },
    service_tier: "default",
    store: body.store ?? true,
    temperature: body.temperature ?? 1,
    text: body.text ?? { format: { type: "text" } },
    tool_choice: body.tool_choice ?? "auto",
    tools: body.tools ?? [],
    top_p: body.top_p ?? 1,
    truncation: "disabled",
    usage: {
      input_tokens: inputTokens,
      input_tokens_details: { cached_tokens: cachedTokens },
      output_tokens: outputTokens,
      output_tokens_details: { reasoning_tokens: reasoningTokens },
      total_tokens: inputTokens + outputTokens,
    },
  };
}
