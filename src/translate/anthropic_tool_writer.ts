import { writeCache } from "./anthropic_cache.ts";
import type { AnthropicModel } from "./anthropic_models.ts";
import { closedSchema } from "./anthropic_schema.ts";
import type { ChatRequest, Tool } from "./chat_request.ts";
import type { RequestTold } from "./sides.ts";

type Members = Readonly<Record<string, unknown>>;

/** Whether some tool must be called. */
export function isToolForced({ tools, toolChoice }: ChatRequest): boolean {
  if (tools.length === 0) return false;
  return toolChoice?.kind === "required" || (toolChoice?.kind === "named" && toolChoice.isRequired);
}

/**
 * `tools` and `tool_choice`. A choice among several becomes the list of these tools.
 * Source: https://platform.claude.com/docs/en/agents-and-tools/tool-use/implement-tool-use
 */
export function writeTools(request: ChatRequest, model: AnthropicModel, told: RequestTold): Members {
  const { toolChoice } = request;
  if (request.tools.length === 0) return {};
  if (isToolForced(request) && !model.canForceTools) {
    told.losses.refuse(
      told.nameOf("toolChoice"),
      "Anthropic's model thinks always, and then takes no forced tool",
    );
  }
  const names = toolChoice?.kind === "named" && (toolChoice.names.length > 1 || !toolChoice.isRequired)
    ? new Set(toolChoice.names)
    : undefined;
  const tools = request.tools.filter((tool) => names === undefined || names.has(tool.name));
  return { tools: tools.map((tool) => writeTool(tool, model, told)), ...writeChoice(request) };
}

function writeTool(tool: Tool, model: AnthropicModel, told: RequestTold): Members {
  const parameters = { type: "object", ...(tool.parameters ?? { properties: {} }) };
  const strict = tool.isStrict === true && model.hasSchemas ? closedSchema(parameters) : undefined;
  if (tool.isStrict === true && strict === undefined) told.losses.ignore(told.nameOf("isStrict"));
  return {
    name: tool.name,
    ...(tool.description === undefined ? {} : { description: tool.description }),
    input_schema: strict ?? parameters,
    // A "no" is what Anthropic does without being told, on every model.
    ...(strict !== undefined
      ? { strict: true }
      : tool.isStrict === false && model.hasSchemas
      ? { strict: false }
      : {}),
    ...writeCache(tool),
  };
}

function writeChoice({ toolChoice, mayCallInParallel }: ChatRequest): Members {
  const single = mayCallInParallel === undefined ? {} : { disable_parallel_tool_use: !mayCallInParallel };
  switch (toolChoice?.kind) {
    case undefined:
      return mayCallInParallel === undefined ? {} : { tool_choice: { type: "auto", ...single } };
    case "auto":
      return { tool_choice: { type: "auto", ...single } };
    case "none":
      return { tool_choice: { type: "none" } };
    case "required":
      return { tool_choice: { type: "any", ...single } };
    case "named": {
      const [name, second] = toolChoice.names;
      if (!toolChoice.isRequired) return { tool_choice: { type: "auto", ...single } };
      return second === undefined
        ? { tool_choice: { type: "tool", name, ...single } }
        : { tool_choice: { type: "any", ...single } };
    }
  }
}
