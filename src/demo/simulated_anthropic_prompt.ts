import {
  blocksOf,
  type DocumentBlock,
  type ImageBlock,
  type InputBlock,
  type InputMessage,
  type MessagesBody,
} from "./simulated_anthropic_request.ts";
import { seenAt, seenBytes } from "./simulated_media.ts";
import type { Prompt, SeenResult, ToolChoice } from "./simulated_prompt.ts";

/** What a message request asks for. */
export function messagesPrompt(body: MessagesBody): Prompt {
  const messages = body.messages ?? [];
  const said = messages.findLastIndex((one) =>
    one.role === "user" && blocks(one).some((block) => block.type !== "tool_result")
  );
  const format = body.output_config?.format;
  const choice = body.tool_choice;
  return {
    allText: [...blocksOf(body.system), ...messages.flatMap(blocks)].map(textOf).join(" "),
    lastText: blocks(messages[said]).filter((block) => block.type === "text").map(textOf).join(" "),
    media: blocks(messages[said]).flatMap(mediaOf),
    results: resultsOf(messages),
    rounds:
      messages.slice(said + 1).filter((one) => blocks(one).some((block) => block.type === "tool_use")).length,
    tools: (body.tools ?? []).map((tool) => ({ name: tool.name, parameters: tool.input_schema })),
    toolChoice: toolChoiceOf(choice),
    mayCallInParallel: choice === undefined || choice.type === "none" ||
      choice.disable_parallel_tool_use !== true,
    schema: format?.schema,
    isThinking: body.thinking !== undefined && body.thinking.type !== "disabled",
    maxTokens: body.max_tokens,
    stop: body.stop_sequences ?? [],
  };
}

function blocks(message: InputMessage | undefined): readonly InputBlock[] {
  return blocksOf<InputBlock>(message?.content);
}

function textOf(block: InputBlock): string {
  switch (block.type) {
    case "text":
      return block.text;
    case "tool_result":
      return blocksOf<InputBlock>(block.content).map(textOf).filter((text) => text !== "").join(" ");
    default:
      return "";
  }
}

function mediaOf(block: InputBlock): string[] {
  return block.type === "image" || block.type === "document" ? [seen(block)] : [];
}

function seen({ type, source }: ImageBlock | DocumentBlock): string {
  const kind = type === "image" ? "image" : "file";
  switch (source.type) {
    case "base64":
      return seenBytes(source.media_type, source.data);
    case "url":
      return seenAt(kind, source.url);
    case "file":
      return seenAt(kind, source.file_id);
    case "text":
      return `${source.media_type} of ${source.data.length} bytes`;
    case "content":
      return "text/plain";
  }
}

function resultsOf(messages: readonly InputMessage[]): SeenResult[] {
  const calls = blocks(messages.at(-2)).flatMap((block) => block.type === "tool_use" ? [block] : []);
  return blocks(messages.at(-1)).flatMap((block) => {
    if (block.type !== "tool_result") return [];
    const name = calls.find((call) => call.id === block.tool_use_id)?.name ?? "";
    const media = blocksOf<InputBlock>(block.content).flatMap(mediaOf);
    return [{ name, text: textOf(block), isError: block.is_error === true, media }];
  });
}

function toolChoiceOf(choice: MessagesBody["tool_choice"]): ToolChoice {
  switch (choice?.type) {
    case "none":
      return "none";
    case "any":
      return "required";
    case "tool":
      return { names: [choice.name], isRequired: true };
    default:
      return "auto";
  }
}
