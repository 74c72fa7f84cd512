import { isRecord, textAt } from "../core/json.ts";
import { readCache } from "./anthropic_cache.ts";
import { type AnthropicRequest, TOOL } from "./anthropic_shape.ts";
import { refuseShape, shaped } from "./caller_shape.ts";
import type { ChatRequest, OutputFormat, Reasoning, Tool } from "./chat_request.ts";
import type { Losses } from "./losses.ts";

/** Members of a tool that only steer how Anthropic presents or streams it. */
const ONLY_STEERING = [
  "defer_loading",
  "input_examples",
  "eager_input_streaming",
  "allowed_callers",
] as const;

/** @throws {AppError} for tools that Anthropic itself runs or defines: nobody else has them. */
export function readTools(tools: readonly unknown[], losses: Losses): readonly Tool[] {
  return tools.map((one, index) => {
    const path = `tools[${index}]`;
    const type = textAt(one, "type");
    if (type !== "" && type !== "custom") losses.refuse(path, `only Anthropic has "${type}"`);
    const tool = shaped(TOOL, one, path);
    for (const name of ONLY_STEERING) {
      if (tool[name] !== undefined && tool[name] !== null) losses.ignore(`tools[].${name}`);
    }
    return {
      name: tool.name,
      ...(typeof tool.description === "string" ? { description: tool.description } : {}),
      ...(hasNoParameters(tool.input_schema) ? {} : { parameters: tool.input_schema }),
      ...(typeof tool.strict === "boolean" ? { isStrict: tool.strict } : {}),
      ...readCache(tool.cache_control),
    };
  });
}

/** An object schema that names no property. */
function hasNoParameters(schema: Readonly<Record<string, unknown>>): boolean {
  const { type, properties, ...rest } = schema;
  return type === "object" && isRecord(properties) && Object.keys(properties).length === 0 &&
    Object.keys(rest).length === 0;
}

export function readToolChoice(
  { tool_choice: choice }: AnthropicRequest,
): Pick<ChatRequest, "toolChoice" | "mayCallInParallel"> {
  if (choice === undefined || choice === null) return {};
  const disabled = choice.disable_parallel_tool_use;
  const parallel = typeof disabled === "boolean" ? { mayCallInParallel: !disabled } : {};
  switch (choice.type) {
    case "auto":
    case "none":
      return { toolChoice: { kind: choice.type }, ...parallel };
    case "any":
      return { toolChoice: { kind: "required" }, ...parallel };
    case "tool":
      if (choice.name === undefined) refuseShape("tool_choice.name", "it is missing");
      return { toolChoice: { kind: "named", names: [choice.name], isRequired: true }, ...parallel };
  }
}

/** `output_config.format`, or `output_format` as it was called before. */
export function readOutput(request: AnthropicRequest): OutputFormat | undefined {
  const format = request.output_config?.format ?? request.output_format;
  // Anthropic has one kind of schema, and it is always obeyed.
  return format ? { kind: "json_schema", schema: format.schema, isStrict: true } : undefined;
}

/**
 * `thinking` and `output_config.effort`. Who turns thinking on sees it, unless `display` says "omitted".
 * Source: https://platform.claude.com/docs/en/build-with-claude/adaptive-thinking
 */
export function readReasoning(request: AnthropicRequest, losses: Losses): Reasoning | undefined {
  const { thinking, output_config: config } = request;
  if (config?.task_budget !== undefined && config.task_budget !== null) {
    losses.ignore("output_config.task_budget");
  }
  const effort = config?.effort ? { effort: config.effort } : {};
  if (!thinking) return config?.effort ? effort : undefined;
  const mustShow = thinking.display !== "omitted";
  switch (thinking.type) {
    case "disabled":
      if (config?.effort) losses.ignore("output_config.effort");
      return { effort: "none" };
    case "between_tools":
      // Hardly any thinking: nobody else has it, and the least step is what comes next to it.
      losses.ignore("thinking");
      return { effort: "minimal" };
    case "adaptive":
      return { ...effort, isAdaptive: true, mustShow };
    case "enabled": {
      const budgetTokens = thinking.budget_tokens;
      if (typeof budgetTokens !== "number") refuseShape("thinking.budget_tokens", "it is missing");
      return { ...effort, budgetTokens, mustShow };
    }
  }
}
