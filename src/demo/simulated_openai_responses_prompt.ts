import { seenFile, seenImage } from "./simulated_openai_chat_prompt.ts";
import type { InputItem, InputPart, ResponsesBody } from "./simulated_openai_responses_request.ts";
import { seenAt } from "./simulated_media.ts";
import type { Prompt, SeenResult, ToolChoice } from "./simulated_prompt.ts";
import { isGiven } from "./simulated_schema.ts";

/** What a request for a response asks for. */
export function responsesPrompt(body: ResponsesBody, items: readonly InputItem[]): Prompt {
  const said = items.findLastIndex((one) => one.role === "user");
  const lastUser = items[said];
  const format = body.text?.format;
  return {
    allText: [body.instructions ?? "", ...items.map(textOf)].join(" "),
    lastText: lastUser === undefined ? "" : textOf(lastUser),
    media: lastUser === undefined ? [] : partsOf(lastUser.content).flatMap(mediaOf),
    results: resultsOf(items),
    rounds: roundsOf(items.slice(said + 1)),
    tools: (body.tools ?? []).flatMap((tool) =>
      tool.name === undefined ? [] : [{ name: tool.name, parameters: tool.parameters }]
    ),
    toolChoice: toolChoiceOf(body.tool_choice),
    mayCallInParallel: body.parallel_tool_calls !== false,
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

/** Calls that follow each other are of one round. */
function roundsOf(items: readonly InputItem[]): number {
  return items.filter((one, index) =>
    one.type === "function_call" && items[index - 1]?.type !== "function_call"
  ).length;
}

function resultsOf(items: readonly InputItem[]): SeenResult[] {
  const before = items.findLastIndex((one) => one.type !== "function_call_output");
  return items.slice(before + 1).map((one) => ({
    name: items.find((call) => call.type === "function_call" && call.call_id === one.call_id)?.name ?? "",
    text: textOf(one),
    media: partsOf(one.output).flatMap(mediaOf),
  }));
}

function toolChoiceOf(choice: ResponsesBody["tool_choice"]): ToolChoice {
  if (choice === undefined || choice === null) return "auto";
  if (typeof choice === "string") return choice;
  const names = choice.tools?.map((tool) => tool.name) ?? (choice.name === undefined ? [] : [choice.name]);
  return names.length === 0 ? "auto" : { names, isRequired: choice.mode !== "auto" };
}

function partsOf(content: string | readonly InputPart[] | null | undefined): readonly InputPart[] {
  return typeof content === "string" || content === null || content === undefined ? [] : content;
}

function mediaOf(part: InputPart): string[] {
  if (typeof part.image_url === "string") return [seenImage(part.image_url)];
  if (typeof part.file_url === "string") return [seenAt("file", part.file_url)];
  const { file_data: data, file_id: id } = part;
  return isGiven(data) || isGiven(id) ? [seenFile(data ?? undefined, id ?? undefined)] : [];
}

function textOf(one: InputItem): string {
  const content = one.output ?? one.content;
  if (typeof content === "string") return content;
  return partsOf(content).map((part) => part.text ?? "").filter((text) => text !== "").join(" ");
}
