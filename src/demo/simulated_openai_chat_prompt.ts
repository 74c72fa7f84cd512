import { readDataUrl, seenAt, seenBytes } from "./simulated_media.ts";
import type { ChatBody, ChatMessage, ChatPart } from "./simulated_openai_chat_request.ts";
import { choiceNames } from "./simulated_openai_parameters.ts";
import type { Prompt, SeenResult, ToolChoice } from "./simulated_prompt.ts";

/** What a chat request asks for. */
export function chatPrompt(body: ChatBody): Prompt {
  const messages = body.messages ?? [];
  const said = messages.findLastIndex((one) => one.role === "user");
  const lastUser = messages[said];
  return {
    allText: messages.map(textOf).join(" "),
    lastText: lastUser === undefined ? "" : textOf(lastUser),
    media: lastUser === undefined ? [] : partsOf(lastUser).flatMap(mediaOf),
    results: resultsOf(messages),
    rounds: messages.slice(said + 1).filter((one) => (one.tool_calls?.length ?? 0) > 0).length,
    tools: (body.tools ?? []).map(({ function: tool }) => ({ name: tool.name, parameters: tool.parameters })),
    toolChoice: toolChoiceOf(body.tool_choice),
    mayCallInParallel: body.parallel_tool_calls !== false,
    schema: schemaOf(body.response_format),
    isThinking: isThinking(body),
    maxTokens: body.max_completion_tokens ?? body.max_tokens ?? undefined,
    stop: typeof body.stop === "string" ? [body.stop] : body.stop ?? [],
  };
}

/** What a picture in a message looks like to the model. */
export function seenImage(url: string): string {
  const data = readDataUrl(url);
  return data === undefined ? seenAt("image", url) : seenBytes(data.mediaType, data.base64);
}

/** What a file in a message looks like to the model. */
export function seenFile(dataUrl: string | undefined, id: string | undefined): string {
  const data = readDataUrl(dataUrl ?? "");
  return data === undefined ? seenAt("file", id ?? "") : seenBytes(data.mediaType, data.base64);
}

function isThinking({ model, reasoning_effort: effort }: ChatBody): boolean {
  return effort === undefined || effort === null ? model === "deepseek-reasoner" : effort !== "none";
}

function partsOf(one: ChatMessage): readonly ChatPart[] {
  return Array.isArray(one.content) ? one.content : [];
}

function textOf(one: ChatMessage): string {
  if (typeof one.content === "string") return one.content;
  return partsOf(one).map((piece) => piece.text ?? "").filter((text) => text !== "").join(" ");
}

function mediaOf(part: ChatPart): string[] {
  if (part.image_url !== undefined) return [seenImage(part.image_url.url)];
  if (part.input_audio !== undefined) {
    return [seenBytes(`audio/${part.input_audio.format}`, part.input_audio.data)];
  }
  return part.file === undefined ? [] : [seenFile(part.file.file_data, part.file.file_id)];
}

function resultsOf(messages: readonly ChatMessage[]): SeenResult[] {
  const asked = messages.findLastIndex((one) => one.role !== "tool");
  const calls = messages[asked]?.tool_calls ?? [];
  return messages.slice(asked + 1).map((one) => ({
    name: calls.find((call) => call.id === one.tool_call_id)?.function.name ?? "",
    text: textOf(one),
  }));
}

function toolChoiceOf(choice: ChatBody["tool_choice"]): ToolChoice {
  if (choice === undefined || choice === null) return "auto";
  if (typeof choice === "string") return choice;
  const isRequired = choice.type === "function" || choice.allowed_tools.mode === "required";
  return { names: choiceNames(choice), isRequired };
}

function schemaOf(format: ChatBody["response_format"]): unknown {
  if (format?.type === "json_schema") return format.json_schema?.schema ?? {};
  return format?.type === "json_object" ? {} : undefined;
}
