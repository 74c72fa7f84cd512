import type { ChatRequest, OutputFormat, Reasoning, Tool, ToolChoice } from "./chat_request.ts";
import { isGiven, refuseShape, shaped } from "./caller_shape.ts";
import type { Losses } from "./losses.ts";
import { readItems } from "./openai_responses_input.ts";
import {
  allowedTools,
  functionChoice,
  functionTool,
  type ResponsesBody,
  responsesBody,
  schemaFormat,
} from "./openai_responses_shape.ts";

/**
 * Reads the body of POST /v1/responses.
 * Source: https://developers.openai.com/api/reference/resources/responses/methods/create
 * @throws {AppError} `invalid_request`
 */
export function readResponsesRequest(value: unknown, losses: Losses): ChatRequest {
  const body = shaped(responsesBody, value, "");
  refuseWhatIsStored(body, losses);
  ignoreTheRest(body, losses);
  const { system, turns } = readItems(body.input, losses);
  const { instructions } = body;
  const hasInstructions = typeof instructions === "string" && instructions !== "";
  return {
    model: body.model,
    system: hasInstructions ? [{ kind: "text", text: instructions }, ...system] : system,
    turns,
    tools: readTools(body, losses),
    ...readToolChoice(body, losses),
    ...(!isGiven(body.parallel_tool_calls) ? {} : { mayCallInParallel: body.parallel_tool_calls }),
    ...readOutput(body, losses),
    ...(!isGiven(body.max_output_tokens) ? {} : { maxOutputTokens: body.max_output_tokens }),
    ...(!isGiven(body.temperature) ? {} : { temperature: body.temperature }),
    ...(!isGiven(body.top_p) ? {} : { topP: body.top_p }),
    ...readLogprobs(body, losses),
    ...readReasoning(body, losses),
    ...readEndUser(body),
    isStream: body.stream === true,
    echo: echoOf(body),
  };
}

/** Members that need an answer, a conversation or a template that is kept at OpenAI. */
const STORED: ReadonlyMap<string, string> = new Map([
  ["previous_response_id", "no answer is stored; send the earlier items as input"],
  ["conversation", "no conversation is stored; send the earlier items as input"],
  ["prompt", "prompt templates are stored at OpenAI only"],
  ["background", "an answer that is fetched later is stored at OpenAI only"],
  ["context_management", "compaction runs at OpenAI only"],
  ["moderation", "moderation runs at OpenAI only"],
]);

/** Members of chat completions, which OpenAI's endpoint refuses, too: left out they would change the answer. */
const OF_CHAT = [
  "messages",
  "n",
  "stop",
  "max_tokens",
  "max_completion_tokens",
  "response_format",
  "functions",
  "function_call",
  "logit_bias",
  "logprobs",
  "modalities",
  "audio",
];

/** Members that are read, or say nothing that an answer without memory does not do anyway. */
const READ: ReadonlySet<string> = new Set([
  ...Object.keys(responsesBody.shape).filter((name) => !["metadata", "truncation", "store"].includes(name)),
  ...STORED.keys(),
  "stream_options",
]);

/** What a member may say without asking for anything. */
const DEFAULTS: Readonly<Record<string, readonly unknown[]>> = {
  truncation: ["disabled"],
  store: [false],
  service_tier: ["auto", "default"],
};

function refuseWhatIsStored(body: ResponsesBody, losses: Losses): void {
  for (const [field, why] of STORED) {
    const asked = body[field];
    if (asked !== undefined && asked !== null && asked !== false) losses.refuse(field, why);
  }
  for (const field of OF_CHAT) {
    if (isGiven(body[field])) losses.refuse(field, "the Responses API has no such parameter");
  }
}

function ignoreTheRest(body: ResponsesBody, losses: Losses): void {
  for (const [field, asked] of Object.entries(body)) {
    if (READ.has(field) || !isGiven(asked) || DEFAULTS[field]?.includes(asked)) continue;
    losses.ignore(field);
  }
}

function readTools(body: ResponsesBody, losses: Losses): Tool[] {
  return (body.tools ?? []).map((tool, index) => {
    const at = `tools[${index}]`;
    if (tool.type !== "function") {
      losses.refuse(`${at}.type`, `only OpenAI itself runs the tool ${tool.type}`);
    }
    const { type: _, name, description, parameters, strict, ...rest } = shaped(functionTool, tool, at);
    for (const [member, asked] of Object.entries(rest)) if (isGiven(asked)) losses.ignore(`${at}.${member}`);
    return {
      name,
      ...(!isGiven(description) ? {} : { description }),
      ...(!isGiven(parameters) ? {} : { parameters }),
      ...(!isGiven(strict) ? {} : { isStrict: strict }),
    };
  });
}

function readToolChoice(body: ResponsesBody, losses: Losses): { toolChoice?: ToolChoice } {
  const choice = body.tool_choice;
  if (!isGiven(choice)) return {};
  if (typeof choice === "string") {
    if (choice !== "auto" && choice !== "none" && choice !== "required") {
      refuseShape("tool_choice", `expected one of "auto"|"none"|"required"`);
    }
    return { toolChoice: { kind: choice } };
  }
  if (choice.type === "function") {
    const { name } = shaped(functionChoice, choice, "tool_choice");
    return { toolChoice: { kind: "named", names: [name], isRequired: true } };
  }
  if (choice.type !== "allowed_tools") {
    losses.refuse("tool_choice.type", `only OpenAI itself runs the tool ${choice.type}`);
  }
  const { mode, tools } = shaped(allowedTools, choice, "tool_choice");
  const names = tools.map(({ type, name }, index) => {
    const at = `tool_choice.tools[${index}]`;
    if (type !== "function") losses.refuse(`${at}.type`, `only OpenAI itself runs the tool ${type}`);
    return name ?? refuseShape(`${at}.name`, "expected string, received undefined");
  });
  return { toolChoice: { kind: "named", names, isRequired: mode === "required" } };
}

function readOutput(body: ResponsesBody, losses: Losses): { output?: OutputFormat } {
  const { format, verbosity, ...rest } = body.text ?? {};
  for (const member of Object.keys(rest)) losses.ignore(`text.${member}`);
  if (isGiven(verbosity) && verbosity !== "medium") losses.ignore("text.verbosity");
  if (!isGiven(format) || format.type === "text") return {};
  if (format.type === "json_object") return { output: { kind: "json" } };
  if (format.type !== "json_schema") {
    losses.refuse("text.format.type", `no other provider has ${format.type}`);
  }
  const { name, description, schema, strict } = shaped(schemaFormat, format, "text.format");
  return {
    output: {
      kind: "json_schema",
      ...(!isGiven(name) ? {} : { name }),
      ...(!isGiven(description) ? {} : { description }),
      schema,
      ...(!isGiven(strict) ? {} : { isStrict: strict }),
    },
  };
}

function readReasoning(body: ResponsesBody, losses: Losses): { reasoning?: Reasoning } {
  if (!isGiven(body.reasoning)) return {};
  const { effort, summary, generate_summary, ...rest } = body.reasoning;
  for (const [member, asked] of Object.entries(rest)) {
    if (isGiven(asked)) losses.ignore(`reasoning.${member}`);
  }
  const mustShow = isGiven(summary ?? generate_summary);
  if (!isGiven(effort) && !mustShow) return {};
  return { reasoning: { ...(!isGiven(effort) ? {} : { effort }), ...(mustShow ? { mustShow } : {}) } };
}

/** What may be asked for besides and belongs to this answer's own words; the rest is of OpenAI's tools. */
function readLogprobs(body: ResponsesBody, losses: Losses): { logprobs?: { top: number } } {
  let hasLogprobs = (body.top_logprobs ?? 0) > 0;
  (body.include ?? []).forEach((included, index) => {
    if (included === "message.output_text.logprobs") hasLogprobs = true;
    // An opaque value that the upstream gives is told in any case.
    else if (included !== "reasoning.encrypted_content") losses.ignore(`include[${index}]`);
  });
  return hasLogprobs ? { logprobs: { top: body.top_logprobs ?? 0 } } : {};
}

function readEndUser(body: ResponsesBody): { endUser?: string } {
  const endUser = body.safety_identifier ?? body.user;
  return !isGiven(endUser) || endUser === "" ? {} : { endUser };
}

const ECHOED = [
  "instructions",
  "max_output_tokens",
  "metadata",
  "parallel_tool_calls",
  "reasoning",
  "safety_identifier",
  "temperature",
  "text",
  "tool_choice",
  "tools",
  "top_logprobs",
  "top_p",
  "user",
] as const;

function echoOf(body: ResponsesBody): Record<string, unknown> {
  const echo: Record<string, unknown> = {};
  for (const field of ECHOED) if (isGiven(body[field])) echo[field] = body[field];
  return echo;
}
