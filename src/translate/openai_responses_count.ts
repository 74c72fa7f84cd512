import { valueAt } from "../core/json.ts";
import type { ChatRequest, OutputFormat, Tool, ToolChoice } from "./chat_request.ts";
import type { Losses } from "./losses.ts";
import { writeItems } from "./openai_responses_items_writer.ts";
import { readResponsesRequest } from "./openai_responses_request.ts";
import { AnswerUnreadableError, type RequestTold, type WrittenRequest } from "./sides.ts";

/**
 * Asks OpenAI itself how many tokens the prompt has. Its servers' imitations do not know the endpoint.
 * Source: https://developers.openai.com/api/reference/resources/responses/subresources/input_tokens/methods/count
 */
export function responsesCountRequest(request: ChatRequest, told: RequestTold): WrittenRequest {
  const { reasoning, output, toolChoice, mayCallInParallel } = request;
  const body = {
    model: request.model,
    input: writeItems(request, told),
    ...(request.tools.length === 0 ? {} : { tools: request.tools.map(toolForm) }),
    ...(toolChoice === undefined ? {} : { tool_choice: toolChoiceForm(toolChoice) }),
    ...(mayCallInParallel === undefined ? {} : { parallel_tool_calls: mayCallInParallel }),
    ...(output === undefined ? {} : { text: { format: formatForm(output) } }),
    ...(reasoning?.effort === undefined ? {} : { reasoning: { effort: reasoning.effort } }),
  };
  return { path: "/v1/responses/input_tokens", query: "", body, headers: [] };
}

/**
 * Reads OpenAI's answer to `responsesCountRequest`.
 * @throws {AnswerUnreadableError}
 */
export function readResponsesCount(body: unknown): number {
  const tokens = valueAt(body, "input_tokens");
  if (typeof tokens !== "number" || !Number.isSafeInteger(tokens) || tokens < 0) {
    throw new AnswerUnreadableError("it has no input_tokens");
  }
  return tokens;
}

/** What a caller of POST /v1/responses/input_tokens asks about: the same members as an answer's request. */
export function readResponsesCountRequest(body: unknown, losses: Losses): ChatRequest {
  return readResponsesRequest(body, losses);
}

/** The count as OpenAI writes it. */
export function writeResponsesCount(inputTokens: number): Record<string, unknown> {
  return { object: "response.input_tokens", input_tokens: inputTokens };
}

function toolForm({ name, description, parameters, isStrict }: Tool): Record<string, unknown> {
  return {
    type: "function",
    name,
    ...(description === undefined ? {} : { description }),
    parameters: parameters ?? { type: "object", properties: {} },
    strict: isStrict ?? false,
  };
}

function toolChoiceForm(choice: ToolChoice): unknown {
  if (choice.kind !== "named") return choice.kind;
  const tools = choice.names.map((name) => ({ type: "function", name }));
  if (tools.length === 1 && choice.isRequired) return tools[0];
  return { type: "allowed_tools", mode: choice.isRequired ? "required" : "auto", tools };
}

function formatForm(output: OutputFormat): Record<string, unknown> {
  if (output.kind === "json") return { type: "json_object" };
  return {
    type: "json_schema",
    name: output.name ?? "answer",
    schema: output.schema,
    ...(output.description === undefined ? {} : { description: output.description }),
    ...(output.isStrict === undefined ? {} : { strict: output.isStrict }),
  };
}
