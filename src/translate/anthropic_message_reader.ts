import { readCache } from "./anthropic_cache.ts";
import { readFileBlock, readImage, readSearchResult } from "./anthropic_media_reader.ts";
import {
  blockType,
  MESSAGE,
  REDACTED_THINKING,
  TEXT,
  THINKING,
  TOOL_RESULT,
  TOOL_USE,
} from "./anthropic_shape.ts";
import { shaped } from "./caller_shape.ts";
import { readHidden } from "./anthropic_hidden.ts";
import type {
  AssistantPart,
  FilePart,
  ImagePart,
  Signature,
  TextPart,
  ToolResultPart,
  Turn,
  UserPart,
} from "./chat_request.ts";
import type { Losses } from "./losses.ts";
import { UNSIGNED, untagged } from "./signature.ts";

interface Conversation {
  readonly turns: readonly Turn[];
  /** Texts of `system` messages that stand between the turns. */
  readonly laterSystem: readonly TextPart[];
}

interface ReadState {
  readonly losses: Losses;
  /** Names of the tools by the id of their call. */
  readonly toolNames: Map<string, string>;
}

/** Reads `messages` into turns: those of one role that follow each other are one, with its tool results first. */
export function readMessages(messages: readonly unknown[], losses: Losses): Conversation {
  const state: ReadState = { losses, toolNames: new Map() };
  const laterSystem: TextPart[] = [];
  const turns: Turn[] = [];
  let results: ToolResultPart[] = [];
  let others: UserPart[] = [];
  let assistant: AssistantPart[] = [];
  const endUser = () => {
    if (results.length + others.length > 0) turns.push({ role: "user", parts: [...results, ...others] });
    results = [];
    others = [];
  };
  const endAssistant = () => {
    if (assistant.length > 0) turns.push({ role: "assistant", parts: assistant });
    assistant = [];
  };
  messages.forEach((one, index) => {
    const path = `messages[${index}]`;
    const { role, content } = shaped(MESSAGE, one, path);
    if (role === "system") laterSystem.push(...readSystem(content, losses, `${path}.content`));
    else if (role === "assistant") {
      endUser();
      readAssistant(content, `${path}.content`, state, assistant);
    } else {
      endAssistant();
      for (const part of readUser(content, `${path}.content`, state)) {
        if (part.kind === "tool_result") results.push(part);
        else others.push(part);
      }
    }
  });
  endUser();
  endAssistant();
  return { turns, laterSystem };
}

/** The system prompt: a string, or text blocks. */
export function readSystem(
  content: string | readonly unknown[],
  losses: Losses,
  path = "system",
): readonly TextPart[] {
  if (typeof content === "string") return content === "" ? [] : [{ kind: "text", text: content }];
  return content.flatMap((block, index) => {
    const at = `${path}[${index}]`;
    const type = blockType(block, at);
    return type === "text"
      ? readText(block, at, losses)
      : losses.refuse(at, `only Anthropic reads "${type}"`);
  });
}

function readUser(content: string | readonly unknown[], path: string, state: ReadState): readonly UserPart[] {
  if (typeof content === "string") return content === "" ? [] : [{ kind: "text", text: content }];
  return content.flatMap((block, index): readonly UserPart[] => {
    const at = `${path}[${index}]`;
    const type = blockType(block, at);
    return type === "tool_result"
      ? [readToolResult(block, at, state)]
      : readShown(type, block, at, state.losses);
  });
}

/** Blocks that a user and a tool may show. */
function readShown(
  type: string,
  block: unknown,
  path: string,
  losses: Losses,
): readonly (TextPart | ImagePart | FilePart)[] {
  switch (type) {
    case "text":
      return readText(block, path, losses);
    case "image":
      return [readImage(block, path, losses)];
    case "document":
      return readFileBlock(block, path, losses);
    case "search_result":
      return [readSearchResult(block, path, losses)];
    default:
      return losses.refuse(path, `only Anthropic reads "${type}"`);
  }
}

function readText(block: unknown, path: string, losses: Losses): readonly TextPart[] {
  const { text, cache_control: control, citations } = shaped(TEXT, block, path);
  if (Array.isArray(citations) && citations.length > 0) losses.ignore("messages[].content[].citations");
  return text === "" ? [] : [{ kind: "text", text, ...readCache(control) }];
}

function readToolResult(block: unknown, path: string, state: ReadState): ToolResultPart {
  const result = shaped(TOOL_RESULT, block, path);
  const content = result.content ?? [];
  const name = state.toolNames.get(result.tool_use_id);
  const parts = typeof content === "string"
    ? [{ kind: "text" as const, text: content }]
    : content.flatMap((piece, index) => {
      const at = `${path}.content[${index}]`;
      return readShown(blockType(piece, at), piece, at, state.losses);
    });
  return {
    kind: "tool_result",
    callId: result.tool_use_id,
    ...(name === undefined ? {} : { name }),
    parts,
    ...(result.is_error === true ? { isError: true } : {}),
    ...readCache(result.cache_control),
  };
}

function readAssistant(
  content: string | readonly unknown[],
  path: string,
  state: ReadState,
  parts: AssistantPart[],
): void {
  if (typeof content === "string") {
    if (content !== "") parts.push({ kind: "text", text: content });
    return;
  }
  let callSignature: Signature | undefined;
  content.forEach((block, index) => {
    const at = `${path}[${index}]`;
    const type = blockType(block, at);
    switch (type) {
      case "text":
        parts.push(...readText(block, at, state.losses));
        return;
      case "thinking": {
        const { thinking: text, signature } = shaped(THINKING, block, at);
        parts.push({
          kind: "thinking",
          text,
          ...(signature && signature !== UNSIGNED ? { signature: untagged(signature, "anthropic") } : {}),
        });
        return;
      }
      case "redacted_thinking": {
        const hidden = readHidden(shaped(REDACTED_THINKING, block, at).data);
        if (hidden.of === "call") callSignature = hidden.signature;
        else if (hidden.of === "text") signText(parts, hidden.signature);
        else {parts.push({
            kind: "redacted_thinking",
            issuer: hidden.signature.issuer,
            data: hidden.signature.value,
          });}
        return;
      }
      case "tool_use": {
        const call = shaped(TOOL_USE, block, at);
        if (call.toolset_name) state.losses.refuse(at, `only Anthropic has the "${call.toolset_name}" tools`);
        state.toolNames.set(call.id, call.name);
        parts.push({
          kind: "tool_call",
          id: call.id,
          name: call.name,
          arguments: JSON.stringify(call.input),
          ...(callSignature === undefined ? {} : { signature: callSignature }),
          ...readCache(call.cache_control),
        });
        callSignature = undefined;
        return;
      }
      default:
        state.losses.refuse(at, `only Anthropic reads "${type}"`);
    }
  });
}

/** A text's signature follows it, and stands for itself where there is no text. */
function signText(parts: AssistantPart[], signature: Signature): void {
  const last = parts.at(-1);
  if (last?.kind === "text" && last.signature === undefined) parts[parts.length - 1] = { ...last, signature };
  else parts.push({ kind: "text", text: "", signature });
}
