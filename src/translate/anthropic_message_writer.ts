import { isRecord, parseJson } from "../core/json.ts";
import { writeCache } from "./anthropic_cache.ts";
import { writeFile, writeImage } from "./anthropic_media_writer.ts";
import type { AssistantPart, TextPart, ToolResultPart, Turn, UserPart } from "./chat_request.ts";
import type { RequestTold } from "./sides.ts";

type Block = Readonly<Record<string, unknown>>;

/** A message of `messages`. */
export interface AnthropicMessage {
  readonly role: "user" | "assistant";
  readonly content: Block[];
}

/** What stands for the user where a conversation begins with the assistant: Anthropic wants a user's turn first. */
const NO_WORD_YET = "(The user has not said anything yet.)";

/**
 * The turns as messages: users and assistants in turn, tool results first and in one message, no blank texts, which
 * Anthropic refuses. Thoughts go along if they are Anthropic's own and the model may think.
 * Source: https://platform.claude.com/docs/en/agents-and-tools/tool-use/implement-tool-use#handling-results
 */
export function writeMessages(
  turns: readonly Turn[],
  mayThink: boolean,
  told: RequestTold,
): readonly AnthropicMessage[] {
  const messages: AnthropicMessage[] = [];
  for (const turn of turns) {
    const content = turn.role === "user"
      ? turn.parts.flatMap((part) => writeUserPart(part, told))
      : turn.parts.flatMap((part) => writeAssistantPart(part, mayThink, told));
    const last = messages.at(-1);
    if (content.length === 0) continue;
    if (last?.role === turn.role) last.content.push(...content);
    else messages.push({ role: turn.role, content });
  }
  for (const { role, content } of messages) if (role === "user") content.sort(byResult);
  trimEnd(messages.at(-1));
  if (messages[0]?.role === "assistant") {
    messages.unshift({ role: "user", content: [{ type: "text", text: NO_WORD_YET }] });
  }
  return messages;
}

/** Texts as blocks, without the blank ones. */
export function writeTexts(parts: readonly TextPart[]): readonly Block[] {
  return parts.flatMap(writeText);
}

/** Tool results first; the rest as it was, for sorting is stable. */
function byResult(one: Block, other: Block): number {
  return Number(other["type"] === "tool_result") - Number(one["type"] === "tool_result");
}

function writeUserPart(part: UserPart, told: RequestTold): readonly Block[] {
  switch (part.kind) {
    case "text":
      return writeText(part);
    case "image":
      return [writeImage(part, told)];
    case "file":
      return [writeFile(part, told)];
    case "audio":
      return told.losses.refuse(told.nameOf("audio"), "Anthropic hears no audio");
    case "tool_result":
      return [writeToolResult(part, told)];
  }
}

function writeText(part: TextPart): readonly Block[] {
  return /\S/.test(part.text) ? [{ type: "text", text: part.text, ...writeCache(part) }] : [];
}

function writeToolResult(part: ToolResultPart, told: RequestTold): Block {
  const content = part.parts.flatMap((piece) => writeUserPart(piece, told));
  const [first, second] = part.parts;
  const isPlain = first?.kind === "text" && first.cache === undefined && second === undefined;
  return {
    type: "tool_result",
    tool_use_id: writtenId(part.callId),
    ...(content.length === 0 ? {} : { content: isPlain ? first.text : content }),
    ...(part.isError === true ? { is_error: true } : {}),
    ...writeCache(part),
  };
}

function writeAssistantPart(part: AssistantPart, mayThink: boolean, told: RequestTold): readonly Block[] {
  switch (part.kind) {
    case "text":
      return writeText(part);
    case "refusal":
      return writeText({ kind: "text", text: part.text });
    case "thinking":
      if (part.signature?.issuer === "anthropic") {
        return mayThink ? [{ type: "thinking", thinking: part.text, signature: part.signature.value }] : [];
      }
      // Anthropic takes no thoughts that it has not signed.
      if (part.text !== "") told.losses.ignore(told.nameOf("thinking"));
      return [];
    case "redacted_thinking":
      return part.issuer === "anthropic" && mayThink ? [{ type: "redacted_thinking", data: part.data }] : [];
    case "tool_call":
      return [{
        type: "tool_use",
        id: writtenId(part.id),
        name: part.name,
        input: inputOf(part.arguments),
        ...writeCache(part),
      }];
    case "image":
      return told.losses.refuse(told.nameOf("image"), "Anthropic's assistant shows no images");
  }
}

/**
 * Arguments as an object. Broken ones, which a model once wrote, are passed on in Anthropic's own way.
 * Source: https://platform.claude.com/docs/en/agents-and-tools/tool-use/fine-grained-tool-streaming#handling-invalid-json
 */
function inputOf(text: string): Readonly<Record<string, unknown>> {
  const input = text === "" ? {} : parseJson(text);
  return isRecord(input) ? input : { INVALID_JSON: text };
}

/** Anthropic takes letters, digits, `_` and `-` in ids; other characters become their code, the same each time. */
function writtenId(id: string): string {
  return id.replaceAll(/[^a-zA-Z0-9_-]/g, (char) => `_${char.charCodeAt(0).toString(16)}`);
}

/** A prefilled answer must not end in blanks. Source: https://platform.claude.com/docs/en/api/errors */
function trimEnd(message: AnthropicMessage | undefined): void {
  const last = message?.content.at(-1);
  if (message?.role !== "assistant" || typeof last?.["text"] !== "string") return;
  message.content[message.content.length - 1] = { ...last, text: last["text"].trimEnd() };
}
