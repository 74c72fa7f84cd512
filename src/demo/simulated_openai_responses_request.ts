import { z } from "zod";
import type { SimulatedAnswer, World } from "./simulated_dialect.ts";
import {
  badParameter,
  badValue,
  missingParameter,
  openaiError,
  temperatureObjection,
} from "./simulated_openai_errors.ts";
import { isReasoningModel, schemaObjection, toolObjection } from "./simulated_openai_parameters.ts";
import { imageObjection } from "./simulated_openai_turns.ts";
import { isGiven } from "./simulated_schema.ts";

const part = z.looseObject({
  type: z.string(),
  text: z.string().optional(),
  refusal: z.string().optional(),
  image_url: z.string().nullish(),
  file_data: z.string().nullish(),
  file_id: z.string().nullish(),
  file_url: z.string().nullish(),
});
const item = z.looseObject({
  type: z.string().optional(),
  id: z.string().nullish(),
  role: z.string().optional(),
  content: z.union([z.string(), z.array(part)]).nullish(),
  call_id: z.string().optional(),
  name: z.string().optional(),
  arguments: z.string().optional(),
  output: z.union([z.string(), z.array(part)]).optional(),
  summary: z.array(z.looseObject({ type: z.literal("summary_text"), text: z.string() })).optional(),
  encrypted_content: z.string().nullish(),
});

/** Body of a request for a response, as far as the answer or an objection depends on it. */
export const responsesBody = z.looseObject({
  model: z.string().optional(),
  input: z.union([z.string(), z.array(item)]).optional(),
  instructions: z.string().nullish(),
  include: z.array(z.string()).nullish(),
  previous_response_id: z.string().nullish(),
  store: z.boolean().nullish(),
  stream: z.boolean().nullish(),
  temperature: z.number().nullish(),
  top_p: z.number().nullish(),
  top_logprobs: z.number().int().nullish(),
  max_output_tokens: z.number().int().nullish(),
  tools: z.array(z.looseObject({
    type: z.string(),
    name: z.string().optional(),
    parameters: z.unknown().optional(),
    strict: z.boolean().nullish(),
  })).nullish(),
  tool_choice: z.union([
    z.enum(["none", "auto", "required"]),
    z.looseObject({
      type: z.string(),
      name: z.string().optional(),
      mode: z.enum(["auto", "required"]).optional(),
      tools: z.array(z.looseObject({ name: z.string() })).optional(),
    }),
  ]).nullish(),
  parallel_tool_calls: z.boolean().nullish(),
  text: z.looseObject({
    format: z.looseObject({
      type: z.enum(["text", "json_object", "json_schema"]),
      name: z.string().optional(),
      schema: z.unknown().optional(),
      strict: z.boolean().nullish(),
    }).optional(),
  }).nullish(),
  reasoning: z.looseObject({ effort: z.string().nullish(), summary: z.string().nullish() }).nullish(),
});

export type ResponsesBody = z.infer<typeof responsesBody>;
export type InputItem = z.infer<typeof item>;
export type InputPart = z.infer<typeof part>;

const ARGUMENTS: ReadonlySet<string> = new Set([
  "background",
  "conversation",
  "include",
  "input",
  "instructions",
  "max_output_tokens",
  "max_tool_calls",
  "metadata",
  "model",
  "parallel_tool_calls",
  "previous_response_id",
  "prompt",
  "prompt_cache_key",
  "prompt_cache_retention",
  "reasoning",
  "safety_identifier",
  "service_tier",
  "store",
  "stream",
  "stream_options",
  "temperature",
  "text",
  "tool_choice",
  "tools",
  "top_logprobs",
  "top_p",
  "truncation",
  "user",
]);
const ITEM_TYPES = ["message", "function_call", "function_call_output", "reasoning", "item_reference"];
const SAID_BY_MODEL = ["output_text", "refusal"];
const SAID_TO_MODEL = ["input_text", "input_image", "input_file"];

/**
 * OpenAI's objection to a request for a response.
 * Sources: https://platform.openai.com/docs/api-reference/responses/create, https://platform.openai.com/docs/guides/function-calling
 */
export function responsesObjection(body: ResponsesBody): SimulatedAnswer | undefined {
  const unknown = Object.keys(body).find((name) => !ARGUMENTS.has(name));
  if (unknown !== undefined) {
    return badParameter(`Unknown parameter: '${unknown}'.`, unknown, "unknown_parameter");
  }
  if (body.model === undefined) return missingParameter("model");
  if (body.input === undefined) return missingParameter("input");
  const model = body.model;
  if (typeof body.temperature === "number" && isReasoningModel(model)) {
    return badParameter(
      "Unsupported parameter: 'temperature' is not supported with this model.",
      "temperature",
      null,
    );
  }
  if (isGiven(body.reasoning?.effort) && !isReasoningModel(model)) {
    const message = "Unsupported parameter: 'reasoning.effort' is not supported with this model.";
    return badParameter(message, "reasoning.effort", "unsupported_parameter");
  }
  const outOfRange = temperatureObjection(body.temperature);
  if (outOfRange !== undefined) return outOfRange;
  for (const [index, tool] of body.tools?.entries() ?? []) {
    if (tool.type !== "function") continue;
    if (tool.name === undefined) return missingParameter(`tools[${index}].name`);
    // Where nothing is said the provider makes the schema strict by itself.
    const asked = { name: tool.name, parameters: tool.parameters, strict: tool.strict };
    const objection = toolObjection(asked, `tools[${index}]`);
    if (objection !== undefined) return objection;
  }
  const format = body.text?.format;
  if (format?.type === "json_schema") return schemaObjection(format, "text.format.schema", "text.format");
  if (format?.type === "json_object" && !JSON.stringify(body.input).toLowerCase().includes("json")) {
    const message =
      "Response input messages must contain the word 'json' in some form to use 'text.format' of type 'json_object'.";
    return badParameter(message, "input", null);
  }
  return undefined;
}

/** The items of the input, those that it only names filled in; or the objection to one of them. */
export function readItems(
  body: ResponsesBody,
  world: World,
): { readonly items: readonly InputItem[] } | { readonly objection: SimulatedAnswer } {
  const items: InputItem[] = [];
  const previous = body.previous_response_id ?? undefined;
  if (previous !== undefined) {
    const kept = world.kept.get(previous);
    if (kept === undefined) {
      const message = `Previous response with id '${previous}' not found.`;
      return { objection: badParameter(message, "previous_response_id", "previous_response_not_found") };
    }
    items.push(...z.array(item).parse(kept));
  }
  const given = typeof body.input === "string" ? [{ role: "user", content: body.input }] : body.input ?? [];
  for (const [index, one] of given.entries()) {
    const objection = itemObjection(one, `input[${index}]`);
    if (objection !== undefined) return { objection };
    const isNamed = one.type === "item_reference" ||
      (one.type === "reasoning" && !isGiven(one.encrypted_content));
    if (!isNamed) {
      items.push(one);
      continue;
    }
    const kept = world.kept.get(one.id ?? "");
    if (kept === undefined) return { objection: notKept(one.id ?? "") };
    items.push(...z.array(item).parse(kept));
  }
  const objection = callsObjection(items);
  return objection === undefined ? { items } : { objection };
}

function notKept(id: string): SimulatedAnswer {
  const message =
    `Item with id '${id}' not found. Items are not persisted when \`store\` is set to false. Try again with \`store\` set to true, or remove this item from your input.`;
  return openaiError(404, message, "invalid_request_error", null, "input");
}

function itemObjection(one: InputItem, at: string): SimulatedAnswer | undefined {
  const type = one.type ?? "message";
  if (!ITEM_TYPES.includes(type)) return badValue(type, ITEM_TYPES, `${at}.type`);
  if (type === "function_call" || type === "function_call_output") {
    const needed = type === "function_call" ? ["call_id", "name", "arguments"] : ["call_id", "output"];
    const missing = needed.find((name) => one[name] === undefined);
    if (missing !== undefined) return missingParameter(`${at}.${missing}`);
  }
  if (type === "reasoning") {
    if (one.summary === undefined) return missingParameter(`${at}.summary`);
    const sealed = one.encrypted_content ?? undefined;
    if (sealed === undefined || sealed === sealOf(one.summary.map(({ text }) => text).join(""), sealed)) {
      return undefined;
    }
    const message = `The encrypted content for item ${one.id ?? "rs"} could not be verified.`;
    return badParameter(message, null, "invalid_encrypted_content");
  }
  if (type !== "message" || typeof one.content === "string") return undefined;
  const allowed = one.role === "assistant" ? SAID_BY_MODEL : SAID_TO_MODEL;
  for (const [index, piece] of one.content?.entries() ?? []) {
    if (!allowed.includes(piece.type)) return badValue(piece.type, allowed, `${at}.content[${index}]`);
    const objection = typeof piece.image_url === "string" ? imageObjection(piece.image_url) : undefined;
    if (objection !== undefined) return objection;
  }
  return undefined;
}

const SEAL = "gAAAAAB";

/**
 * What the provider would seal a thought into. Its summary may be left out where the caller asked for none, so
 * then only the form of the seal can be verified.
 */
export function sealOf(summary: string, given = ""): string {
  if (summary === "" && given.startsWith(SEAL)) return given;
  return `${SEAL}${btoa(encodeURIComponent(summary))}`;
}

function callsObjection(items: readonly InputItem[]): SimulatedAnswer | undefined {
  const called = new Set<string>();
  const answered = new Set<string>();
  for (const one of items) {
    const id = one.call_id ?? "";
    if (one.type === "function_call") called.add(id);
    if (one.type !== "function_call_output") continue;
    if (!called.has(id)) {
      return badParameter(`No tool call found for function call output with call_id ${id}.`, "input", null);
    }
    answered.add(id);
  }
  const open = [...called].find((id) => !answered.has(id));
  return open === undefined
    ? undefined
    : badParameter(`No tool output found for function call ${open}.`, "input", null);
}
