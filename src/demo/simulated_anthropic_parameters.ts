import type { MessagesBody } from "./simulated_anthropic_request.ts";
import { isGiven, isRecord } from "./simulated_schema.ts";

const MIN_BUDGET = 1024;
/** Source: https://platform.claude.com/docs/en/about-claude/models/overview, max output. */
const MAX_OUTPUT: readonly (readonly [RegExp, number])[] = [[/opus-4-[67]/, 128_000], [/opus-4-1/, 32_000]];
const MAX_OUTPUT_OF_OTHERS = 64_000;
const BOUNDS = [
  "minimum",
  "maximum",
  "exclusiveMinimum",
  "exclusiveMaximum",
  "multipleOf",
  "minLength",
  "maxLength",
];

/** Models that decide themselves how much to think and take no sampling arguments. */
export function isAdaptiveOnly(model: string): boolean {
  return /opus-4-7/.test(model);
}

/**
 * Anthropic's objection to the arguments of a message besides its turns, or `undefined`.
 * Sources: https://platform.claude.com/docs/en/build-with-claude/extended-thinking,
 * https://platform.claude.com/docs/en/build-with-claude/adaptive-thinking,
 * https://platform.claude.com/docs/en/build-with-claude/structured-outputs and
 * https://platform.claude.com/docs/en/about-claude/models/whats-new-claude-4-7
 */
export function parametersComplaint(body: MessagesBody): string | undefined {
  return rangeComplaint(body) ?? thinkingComplaint(body) ?? toolsComplaint(body) ?? formatComplaint(body);
}

function rangeComplaint(body: MessagesBody): string | undefined {
  const { model = "", max_tokens: max, temperature, top_p: topP } = body;
  const limit = MAX_OUTPUT.find(([pattern]) => pattern.test(model))?.[1] ?? MAX_OUTPUT_OF_OTHERS;
  if (max !== undefined && max < 1) return "max_tokens: Input should be greater than or equal to 1";
  if (max !== undefined && max > limit) {
    return `max_tokens: ${max} > ${limit}, which is the maximum allowed number of output tokens for ${model}`;
  }
  if (temperature !== undefined && (temperature < 0 || temperature > 1)) return "temperature: range: 0..1";
  if (topP !== undefined && (topP < 0 || topP > 1)) return "top_p: range: 0..1";
  if (isAdaptiveOnly(model)) {
    const given = (["temperature", "top_p", "top_k"] as const).find((name) => body[name] !== undefined);
    if (given !== undefined) return `\`${given}\` is deprecated for this model.`;
  }
  if (temperature !== undefined && topP !== undefined) {
    return "`temperature` and `top_p` cannot both be specified for this model. Please use only one.";
  }
  if (body.stop_sequences?.some((sequence) => sequence.trim() === "") === true) {
    return "stop_sequences: each stop sequence must contain non-whitespace";
  }
  return undefined;
}

function thinkingComplaint(body: MessagesBody): string | undefined {
  const { thinking, model = "" } = body;
  if (isGiven(body.output_config?.effort) && !/opus-4-[567]/.test(model)) {
    return "This model does not support the effort parameter.";
  }
  if (thinking?.type === "adaptive" && !isAdaptiveOnly(model)) {
    return "adaptive thinking is not supported on this model";
  }
  if (thinking?.type === "enabled") {
    if (isAdaptiveOnly(model)) {
      return '"thinking.type.enabled" is not supported for this model. Use "thinking.type.adaptive" and "output_config.effort" to control thinking behavior.';
    }
    if (thinking.budget_tokens < MIN_BUDGET) {
      return `thinking.enabled.budget_tokens: Input should be greater than or equal to ${MIN_BUDGET}`;
    }
    if (body.max_tokens !== undefined && body.max_tokens <= thinking.budget_tokens) {
      return "`max_tokens` must be greater than `thinking.budget_tokens`. Please consult our documentation at https://docs.claude.com/en/docs/build-with-claude/extended-thinking#max-tokens-and-context-window-size";
    }
  }
  if (thinking === undefined || thinking.type === "disabled") return undefined;
  if (body.temperature !== undefined && body.temperature !== 1) {
    return "`temperature` may only be set to 1 when thinking is enabled. Please consult our documentation at https://docs.claude.com/en/docs/build-with-claude/extended-thinking#important-considerations-when-using-extended-thinking";
  }
  if (body.top_k !== undefined) return "`top_k` must be unset when thinking is enabled.";
  if (body.top_p !== undefined && body.top_p < 0.95) {
    return "`top_p` must be greater than or equal to 0.95 or unset when thinking is enabled.";
  }
  const { tool_choice: choice } = body;
  return choice?.type === "any" || choice?.type === "tool"
    ? "Thinking may not be enabled when tool_choice forces tool use."
    : undefined;
}

function toolsComplaint(body: MessagesBody): string | undefined {
  const tools = body.tools ?? [];
  const names = tools.map((tool) => tool.name);
  if (new Set(names).size < names.length) return "tools: Tool names must be unique.";
  for (const [index, tool] of tools.entries()) {
    const schema = tool.input_schema;
    if (!isRecord(schema)) continue;
    const at = `tools.${index}.custom`;
    if (["oneOf", "allOf", "anyOf"].some((keyword) => keyword in schema)) {
      return `${at}.input_schema: input_schema does not support oneOf, allOf, or anyOf at the top level`;
    }
    const fault = tool.strict === true ? schemaFault(schema) : undefined;
    if (fault !== undefined) return `${at}: ${fault}`;
  }
  const { tool_choice: choice } = body;
  if (choice === undefined || choice.type === "none") return undefined;
  if (tools.length === 0) return "tool_choice: tool_choice may only be specified while providing tools";
  return choice.type === "tool" && !names.includes(choice.name)
    ? `tool_choice: Tool '${choice.name}' not found in provided tools`
    : undefined;
}

function formatComplaint(body: MessagesBody): string | undefined {
  const format = body.output_config?.format;
  if (!isGiven(format)) return undefined;
  const fault = schemaFault(format.schema);
  return fault === undefined ? undefined : `output_config.format.schema: ${fault}`;
}

/** What is wrong with a schema that an answer or a strict tool's input must satisfy. */
function schemaFault(schema: unknown): string | undefined {
  if (Array.isArray(schema)) return firstOf(schema);
  if (!isRecord(schema)) return undefined;
  if (schema.type === "object" && schema.additionalProperties !== false) {
    return "For 'object' type, 'additionalProperties' must be explicitly set to false";
  }
  const bounds = BOUNDS.filter((keyword) => keyword in schema);
  if (bounds.length > 0 && typeof schema.type === "string") {
    return `For '${schema.type}' type, properties ${bounds.join(", ")} are not supported`;
  }
  const maps = ["properties", "$defs", "definitions"].flatMap((keyword) =>
    isRecord(schema[keyword]) ? Object.values(schema[keyword]) : []
  );
  return firstOf([...maps, schema.items, schema.anyOf, schema.allOf]);
}

function firstOf(schemas: readonly unknown[]): string | undefined {
  for (const schema of schemas) {
    const fault = schemaFault(schema);
    if (fault !== undefined) return fault;
  }
  return undefined;
}
