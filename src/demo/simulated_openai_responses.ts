import { z } from "zod";
import {
  jsonAnswer,
  readJson,
  type SimulatedAnswer,
  type SimulatedRequest,
  type World,
} from "./simulated_dialect.ts";
import { temperatureObjection } from "./simulated_openai_chat.ts";
import {
  badParameter,
  invalidType,
  missingParameter,
  NO_JSON,
  unknownModel,
} from "./simulated_openai_errors.ts";
import { type OutputItem, responseEvents } from "./simulated_openai_responses_stream.ts";
import { argumentPieces } from "./simulated_openai_stream.ts";
import { base64Bytes, composeReply, type Prompt, type Reply } from "./simulated_reply.ts";

const item = z.looseObject({
  type: z.string().optional(),
  role: z.string().optional(),
  content: z.union([
    z.string(),
    z.array(z.looseObject({ text: z.string().optional(), image_url: z.string().nullish() })),
  ]).optional(),
  output: z.unknown().optional(),
});
const responsesBody = z.looseObject({
  model: z.string().optional(),
  input: z.union([z.string(), z.array(item)]).optional(),
  instructions: z.string().nullish(),
  stream: z.boolean().nullish(),
  temperature: z.number().nullish(),
  max_output_tokens: z.number().int().nullish(),
  tools: z.array(
    z.looseObject({ type: z.string(), name: z.string().optional(), parameters: z.unknown().optional() }),
  )
    .nullish(),
  tool_choice: z.union([z.string(), z.looseObject({ name: z.string().optional() })]).nullish(),
  text: z.looseObject({
    format: z.looseObject({ type: z.string(), schema: z.unknown().optional() }).optional(),
  }).nullish(),
  reasoning: z.looseObject({ effort: z.string().nullish() }).nullish(),
});

type ResponsesBody = z.infer<typeof responsesBody>;

/** POST /v1/responses. Source: https://platform.openai.com/docs/api-reference/responses/create */
export function answerResponses(request: SimulatedRequest, world: World): SimulatedAnswer {
  const json = readJson(request);
  if (json === undefined) return badParameter(NO_JSON, null, null);
  const parsed = responsesBody.safeParse(json);
  if (!parsed.success) return invalidType(parsed.error);
  const body = parsed.data;
  if (body.model === undefined) return missingParameter("model");
  if (body.input === undefined) return missingParameter("input");
  const objection = temperatureObjection(body.temperature);
  if (objection !== undefined) return objection;
  if (!world.models.includes(body.model)) return unknownModel(body.model);

  const reply = composeReply(promptOf(body), world.isEmpty);
  const items = outputOf(reply, request.number);
  const response = responseOf(body, reply, items, request);
  if (body.stream === true) return responseEvents(response, reply, items);
  return jsonAnswer(200, response, reply.tokens);
}

function outputOf(reply: Reply, number: number): OutputItem[] {
  const items: OutputItem[] = [];
  if (reply.reasoning !== "") {
    const done = {
      id: `rs_${number}`,
      type: "reasoning",
      summary: [{ type: "summary_text", text: reply.reasoning }],
    };
    items.push({ kind: "reasoning", id: done.id, added: { ...done, summary: [] }, done, pieces: [] });
  }
  if (reply.text !== "" || reply.calls.length === 0) {
    const part = { type: "output_text", text: reply.text, annotations: [], logprobs: [] };
    const done = {
      id: `msg_${number}`,
      type: "message",
      role: "assistant",
      status: "completed",
      content: [part],
    };
    const added = { ...done, status: "in_progress", content: [] };
    items.push({ kind: "message", id: done.id, added, done, pieces: reply.pieces });
  }
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

function responseOf(
  body: ResponsesBody,
  reply: Reply,
  items: readonly OutputItem[],
  request: SimulatedRequest,
): Record<string, unknown> {
  const { inputTokens, outputTokens, cachedTokens, reasoningTokens } = reply.tokens;
  const isShort = reply.finish === "length";
  return {
    id: `resp_${request.number}`,
    object: "response",
    created_at: Math.floor(request.nowMs / 1000),
    status: isShort ? "incomplete" : "completed",
    background: false,
    error: null,
    incomplete_details: isShort ? { reason: "max_output_tokens" } : null,
    instructions: body.instructions ?? null,
    max_output_tokens: body.max_output_tokens ?? null,
    metadata: {},
    model: body.model,
    output: items.map((one) => one.done),
    parallel_tool_calls: true,
    previous_response_id: null,
    reasoning: { effort: body.reasoning?.effort ?? null, summary: null },
    service_tier: "default",
    store: true,
    temperature: body.temperature ?? 1,
    text: body.text ?? { format: { type: "text" } },
    tool_choice: body.tool_choice ?? "auto",
    tools: body.tools ?? [],
    top_p: 1,
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

function promptOf(body: ResponsesBody): Prompt {
  const items = typeof body.input === "string" ? [{ role: "user", content: body.input }] : body.input ?? [];
  const lastUser = items.findLast((one) => one.role === "user");
  const last: z.infer<typeof item> | undefined = items.at(-1);
  const format = body.text?.format;
  return {
    allText: [body.instructions ?? "", ...items.map(textOf)].join(" "),
    lastText: lastUser === undefined ? "" : textOf(lastUser),
    imageBytes: lastUser === undefined || !Array.isArray(lastUser.content)
      ? []
      : lastUser.content.flatMap((part) =>
        typeof part.image_url === "string" ? [base64Bytes(part.image_url)] : []
      ),
    toolResult: last?.type === "function_call_output" ? textOf(last) : undefined,
    tools: (body.tools ?? []).flatMap((tool) =>
      tool.name === undefined ? [] : [{ name: tool.name, parameters: tool.parameters }]
    ),
    toolChoice: toolChoiceOf(body.tool_choice),
    schema: format?.type === "json_schema"
      ? format.schema ?? {}
      : format?.type === "json_object"
      ? {}
      : undefined,
    isThinking: !["none", null, undefined].includes(body.reasoning?.effort),
    maxTokens: body.max_output_tokens ?? undefined,
    stop: [],
  };
}

function toolChoiceOf(choice: ResponsesBody["tool_choice"]): Prompt["toolChoice"] {
  if (choice === "none" || choice === "required") return choice;
  if (typeof choice === "object" && choice?.name !== undefined) return { name: choice.name };
  return "auto";
}

function textOf(one: z.infer<typeof item>): string {
  if (typeof one.output === "string") return one.output;
  if (typeof one.content === "string") return one.content;
  return (one.content ?? []).map((part) => part.text ?? "").filter((text) => text !== "").join(" ");
}
