import type { OfferedTool, Prompt } from "./simulated_prompt.ts";
import { exampleOf } from "./simulated_schema.ts";

export interface ToolCall {
  readonly name: string;
  readonly args: Record<string, unknown>;
}

/** The calls that a prompt asks for, in the order in which it names the tools. */
export function callsOf(prompt: Prompt): ToolCall[] {
  const { toolChoice } = prompt;
  const allowed = typeof toolChoice === "object" ? toolChoice.names : undefined;
  const tools = prompt.tools.filter((tool) => allowed?.includes(tool.name) ?? true);
  if (toolChoice === "none" || tools.length === 0) return [];
  const named = namedCalls(tools, prompt);
  const isRequired = toolChoice === "required" || (typeof toolChoice === "object" && toolChoice.isRequired);
  const calls = named.length === 0 && isRequired
    ? tools.slice(0, 1).map((tool) => callOf(tool, prompt.lastText))
    : named;
  return prompt.mayCallInParallel ? calls : calls.slice(0, 1);
}

/** One call for each time that a name stands in the words of this round. */
function namedCalls(tools: readonly OfferedTool[], prompt: Prompt): ToolCall[] {
  const round = prompt.lastText.split(/\bthen\b/)[prompt.rounds] ?? "";
  const found = tools.flatMap((tool) => placesOf(tool.name, round).map((at) => ({ tool, at })))
    .sort((one, other) => one.at - other.at);
  return found.map(({ tool, at }, index) =>
    callOf(tool, `${round.slice(at, found[index + 1]?.at)} ${prompt.lastText}`)
  );
}

function placesOf(name: string, text: string): number[] {
  const places: number[] = [];
  for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1)) {
    if (!/[\w-]/.test(text.charAt(at + name.length))) places.push(at);
  }
  return places;
}

function callOf(tool: OfferedTool, hints: string): ToolCall {
  const made = exampleOf(tool.parameters, hints);
  return { name: tool.name, args: typeof made === "object" && made !== null ? { ...made } : {} };
}
