import type { SimulatedAnswer } from "./simulated_dialect.ts";
import { CHAT_ARGUMENTS, type ChatBody } from "./simulated_openai_chat_request.ts";
import {
  badParameter,
  emptyArray,
  missingParameter,
  temperatureObjection,
} from "./simulated_openai_errors.ts";
import { strictSchemaFault } from "./simulated_openai_schema.ts";
import { isGiven, isRecord } from "./simulated_schema.ts";

const MAX_STOPS = 4;
const MAX_TOP_LOGPROBS = 20;
const NAME = /^[a-zA-Z0-9_-]{1,64}$/;

/** Whether it is one of OpenAI's models that think: they take other arguments than the rest. */
export function isReasoningModel(model: string): boolean {
  return /^(gpt-5|o\d)/.test(model);
}

/**
 * OpenAI's objection to the arguments of a chat besides its messages.
 * Sources: https://platform.openai.com/docs/api-reference/chat/create, https://platform.openai.com/docs/guides/reasoning,
 * https://platform.openai.com/docs/guides/structured-outputs
 */
export function parametersObjection(body: ChatBody): SimulatedAnswer | undefined {
  const unknown = Object.keys(body).find((name) => !CHAT_ARGUMENTS.has(name));
  if (unknown !== undefined) {
    return badParameter(`Unrecognized request argument supplied: ${unknown}`, null, null);
  }
  return modelObjection(body) ?? rangeObjection(body) ?? toolsObjection(body) ?? formatObjection(body);
}

/** What this model does not take. Source: https://platform.openai.com/docs/guides/latest-model */
function modelObjection(body: ChatBody): SimulatedAnswer | undefined {
  const model = body.model ?? "";
  if (!isReasoningModel(model)) {
    if (
      body.reasoning_effort === undefined || body.reasoning_effort === null || model.startsWith("deepseek")
    ) {
      return undefined;
    }
    return badParameter("Unrecognized request argument supplied: reasoning_effort", null, null);
  }
  if (typeof body.max_tokens === "number") {
    return unsupported("max_tokens", " Use 'max_completion_tokens' instead.");
  }
  const fixed = [["temperature", body.temperature], ["top_p", body.top_p]] as const;
  for (const [name, value] of fixed) {
    if (typeof value !== "number" || value === 1) continue;
    return badParameter(
      `Unsupported value: '${name}' does not support ${value} with this model. Only the default (1) value is supported.`,
      name,
      "unsupported_value",
    );
  }
  const absent = ["stop", "presence_penalty", "frequency_penalty", "logprobs", "top_logprobs"] as const;
  const given = absent.find((name) => body[name] !== undefined && body[name] !== null);
  return given === undefined ? undefined : unsupported(given);
}

function unsupported(name: string, hint = ""): SimulatedAnswer {
  const message = `Unsupported parameter: '${name}' is not supported with this model.${hint}`;
  return badParameter(message, name, "unsupported_parameter");
}

function rangeObjection(body: ChatBody): SimulatedAnswer | undefined {
  const max = body.max_completion_tokens ?? body.max_tokens ?? 1;
  const name = typeof body.max_completion_tokens === "number" ? "max_completion_tokens" : "max_tokens";
  if (max < 1) {
    return badParameter(
      `Invalid '${name}': integer below minimum value. Expected a value >= 1, but got ${max} instead.`,
      name,
      "integer_below_min_value",
    );
  }
  if (typeof body.max_completion_tokens === "number" && typeof body.max_tokens === "number") {
    return badParameter(
      "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.",
      "max_tokens",
      "invalid_parameter_combination",
    );
  }
  if (Array.isArray(body.stop) && body.stop.length > MAX_STOPS) {
    return badParameter(
      `Invalid 'stop': array too long. Expected an array with maximum length ${MAX_STOPS}, but got an array with length ${body.stop.length} instead.`,
      "stop",
      "array_above_max_length",
    );
  }
  if (typeof body.top_logprobs === "number" && body.logprobs !== true) {
    return badParameter(
      "The 'top_logprobs' parameter is only allowed when 'logprobs' is enabled.",
      null,
      null,
    );
  }
  if ((body.top_logprobs ?? 0) > MAX_TOP_LOGPROBS) {
    return badParameter(
      `Invalid 'top_logprobs': integer above maximum value. Expected a value <= ${MAX_TOP_LOGPROBS}, but got ${body.top_logprobs} instead.`,
      "top_logprobs",
      "integer_above_max_value",
    );
  }
  if (body.stream_options !== undefined && body.stream_options !== null && body.stream !== true) {
    return badParameter(
      "The 'stream_options' parameter is only allowed when 'stream' is enabled.",
      "stream_options",
      null,
    );
  }
  return temperatureObjection(body.temperature);
}

function toolsObjection(body: ChatBody): SimulatedAnswer | undefined {
  const { tools } = body;
  if (tools === undefined || tools === null) {
    const lone = (["tool_choice", "parallel_tool_calls"] as const).find((name) => isGiven(body[name]));
    if (lone === undefined || body.tool_choice === "none") return undefined;
    const message = `Invalid value for '${lone}': '${lone}' is only allowed when 'tools' are specified.`;
    return badParameter(message, lone, null);
  }
  if (tools.length === 0) return emptyArray("tools");
  for (const [index, { function: tool }] of tools.entries()) {
    const objection = toolObjection(tool, `tools[${index}].function`);
    if (objection !== undefined) return objection;
  }
  const names = choiceNames(body.tool_choice);
  const stranger = names.find((name) => !tools.some((tool) => tool.function.name === name));
  if (stranger === undefined) return undefined;
  const message =
    `Invalid value for 'tool_choice': Tool choice '${stranger}' not found in 'tools' parameter.`;
  return badParameter(message, "tool_choice", null);
}

/** OpenAI's objection to one function, of a chat or of a response. */
export function toolObjection(
  tool: {
    readonly name: string;
    readonly parameters?: unknown;
    readonly strict?: boolean | null | undefined;
  },
  at: string,
): SimulatedAnswer | undefined {
  if (!NAME.test(tool.name)) {
    return badParameter(
      `Invalid '${at}.name': string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'.`,
      `${at}.name`,
      "invalid_value",
    );
  }
  if (tool.parameters === undefined || tool.parameters === null) return undefined;
  const fault = isRecord(tool.parameters) && tool.parameters.type === "object"
    ? tool.strict === true ? strictSchemaFault(tool.parameters) : undefined
    : `schema must be a JSON Schema of 'type: "object"', got 'type: "${typeNameOf(tool.parameters)}"'.`;
  if (fault === undefined) return undefined;
  const message = `Invalid schema for function '${tool.name}': ${fault}`;
  return badParameter(message, `${at}.parameters`, "invalid_function_parameters");
}

function typeNameOf(schema: unknown): string {
  return isRecord(schema) && typeof schema.type === "string" ? schema.type : "None";
}

/** The functions that a tool choice names. */
export function choiceNames(choice: ChatBody["tool_choice"]): string[] {
  if (typeof choice !== "object" || choice === null) return [];
  if (choice.type === "function") return [choice.function.name];
  return choice.allowed_tools.tools.map((tool) => tool.function.name);
}

function formatObjection(body: ChatBody): SimulatedAnswer | undefined {
  const format = body.response_format;
  if (format?.type === "json_object") {
    if (JSON.stringify(body.messages).toLowerCase().includes("json")) return undefined;
    const message =
      "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.";
    return badParameter(message, "messages", null);
  }
  if (format?.type !== "json_schema") return undefined;
  const { json_schema: asked } = format;
  if (asked === undefined) return missingParameter("response_format.json_schema");
  return schemaObjection(asked, "response_format", "response_format.json_schema");
}

/** OpenAI's objection to the schema of an answer. */
export function schemaObjection(
  asked: {
    readonly name?: string | undefined;
    readonly schema?: unknown;
    readonly strict?: boolean | null | undefined;
  },
  param: string,
  at: string,
): SimulatedAnswer | undefined {
  if (asked.name === undefined) return missingParameter(`${at}.name`);
  if (!NAME.test(asked.name)) {
    return badParameter(
      `Invalid '${at}.name': string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'.`,
      `${at}.name`,
      "invalid_value",
    );
  }
  if (asked.schema === undefined) return missingParameter(`${at}.schema`);
  const fault = asked.strict !== true
    ? undefined
    : isRecord(asked.schema) && asked.schema.type === "object"
    ? strictSchemaFault(asked.schema)
    : `schema must be a JSON Schema of 'type: "object"', got 'type: "${typeNameOf(asked.schema)}"'.`;
  return fault === undefined
    ? undefined
    : badParameter(`Invalid schema for response_format '${asked.name}': ${fault}`, param, null);
}
