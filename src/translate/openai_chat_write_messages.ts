import type {
  AssistantPart,
  FilePart,
  ImagePart,
  Signature,
  TextPart,
  ToolCallPart,
  ToolResultPart,
  Turn,
  UserPart,
} from "./chat_request.ts";
import { openAiChatExtra } from "./openai_chat_answer_words.ts";
import { isGemini, keepsThoughts, needsSignatures } from "./openai_chat_models.ts";
import type { RequestTold } from "./sides.ts";

type Message = Record<string, unknown>;

/** What Google takes for a signature that was lost. Source: https://ai.google.dev/gemini-api/docs/thought-signatures */
const LOST_SIGNATURE: Signature = { issuer: "gemini", value: "skip_thought_signature_validator" };

/**
 * The turns of a conversation as chat messages: tool results first, each a message of its own, then what the user says.
 * A picture or a file in a tool's result follows in a user message, for tool messages are text.
 * @throws {AppError} by `losses`, for content that chat completions have no place for
 */
export function writeOpenAiChatTurns(model: string, turns: readonly Turn[], told: RequestTold): Message[] {
  const writing: Writing = { model, told, currentFrom: currentTurn(turns) };
  return turns.flatMap((turn, index) =>
    turn.role === "user" ? userMessages(turn.parts, told) : assistantMessages(turn.parts, index, writing)
  );
}

interface Writing {
  readonly model: string;
  readonly told: RequestTold;
  /** Index of the last turn in which the user said something; what follows is the current turn. */
  readonly currentFrom: number;
}

function currentTurn(turns: readonly Turn[]): number {
  return turns.findLastIndex(({ role, parts }) =>
    role === "user" && parts.some(({ kind }) => kind !== "tool_result")
  );
}

function userMessages(parts: readonly UserPart[], told: RequestTold): Message[] {
  const results: Message[] = [];
  const said: Message[] = [];
  for (const part of parts) {
    if (part.kind === "tool_result") {
      results.push(toolMessage(part, told));
      said.push(...attachments(part, told));
    } else said.push(userContent(part, told));
  }
  if (said.length === 0) return results;
  const [first] = said;
  const content = said.length === 1 && first?.type === "text" ? first.text : said;
  return [...results, { role: "user", content }];
}

function toolMessage(result: ToolResultPart, told: RequestTold): Message {
  if (result.isError === true) told.losses.ignore(told.nameOf("toolResultError"));
  if (result.cache !== undefined) told.losses.ignore(told.nameOf("cache"));
  const texts = result.parts.flatMap((part) => part.kind === "text" ? [part.text] : []);
  const hasMore = texts.length < result.parts.length;
  return {
    role: "tool",
    tool_call_id: result.callId,
    content: texts.length === 0 && hasMore ? "The result is in the next message." : texts.join("\n"),
  };
}

function attachments(result: ToolResultPart, told: RequestTold): Message[] {
  const media = result.parts.flatMap((part) => part.kind === "text" ? [] : [userContent(part, told)]);
  if (media.length === 0) return [];
  return [{ type: "text", text: `Result of tool call ${result.callId}:` }, ...media];
}

function userContent(part: Exclude<UserPart, ToolResultPart>, told: RequestTold): Message {
  if ("cache" in part) told.losses.ignore(told.nameOf("cache"));
  switch (part.kind) {
    case "text":
      return { type: "text", text: part.text };
    case "image":
      return imageContent(part, told);
    case "audio": {
      const format = AUDIO_FORMATS.get(part.mediaType);
      if (format === undefined) {
        told.losses.refuse(
          told.nameOf("audio"),
          `OpenAI chat takes wav and mp3, and this is ${part.mediaType}`,
        );
      }
      return { type: "input_audio", input_audio: { data: part.base64, format } };
    }
    case "file":
      return fileContent(part, told);
  }
}

const AUDIO_FORMATS: ReadonlyMap<string, string> = new Map([
  ["audio/wav", "wav"],
  ["audio/x-wav", "wav"],
  ["audio/wave", "wav"],
  ["audio/mp3", "mp3"],
  ["audio/mpeg", "mp3"],
]);

function imageContent({ source, detail }: ImagePart, told: RequestTold): Message {
  if (source.kind === "id") {
    told.losses.refuse(told.nameOf("image"), "OpenAI chat takes images as bytes or by URL, not by file id");
  }
  const url = source.kind === "url" ? source.url : `data:${source.mediaType};base64,${source.base64}`;
  return { type: "image_url", image_url: { url, ...(detail === undefined ? {} : { detail }) } };
}

function fileContent({ source, name }: FilePart, told: RequestTold): Message {
  if (source.kind === "url") {
    told.losses.refuse(told.nameOf("file"), "OpenAI chat takes files as bytes, not by URL");
  }
  if (source.kind === "base64") {
    const data = `data:${source.mediaType};base64,${source.base64}`;
    return { type: "file", file: { filename: name ?? defaultName(source.mediaType), file_data: data } };
  }
  if (source.issuer !== "openai") {
    told.losses.refuse(told.nameOf("file"), "its id names a file of another provider");
  }
  return { type: "file", file: { file_id: source.id } };
}

/** Bytes want a name, whose ending tells servers what they are. */
function defaultName(mediaType: string): string {
  return mediaType === "application/pdf" ? "file.pdf" : "file.txt";
}

function assistantMessages(parts: readonly AssistantPart[], index: number, writing: Writing): Message[] {
  const { told } = writing;
  const calls = parts.filter((part): part is ToolCallPart => part.kind === "tool_call");
  // A refusal is text to every server, and `refusal` only to OpenAI's own.
  const said = parts.flatMap((part) => part.kind === "text" || part.kind === "refusal" ? [part.text] : []);
  if (parts.some(({ kind }) => kind === "image")) {
    told.losses.refuse(told.nameOf("image"), "OpenAI chat takes no images in what the assistant said");
  }
  if (parts.some((part) => "cache" in part)) told.losses.ignore(told.nameOf("cache"));
  const thoughts = thoughtsOf(parts, calls, writing);
  const content = said.join("");
  if (content === "" && calls.length === 0) return [];
  return [{
    role: "assistant",
    content: content === "" ? null : content,
    ...(thoughts === "" ? {} : { reasoning_content: thoughts }),
    ...textSignature(parts, writing),
    ...(calls.length === 0 ? {} : {
      tool_calls: calls.map((call, at) => ({
        id: call.id,
        type: "function",
        function: { name: call.name, arguments: call.arguments },
        ...callSignature(call, at === 0 && index > writing.currentFrom, writing),
      })),
    }),
  }];
}

/** Thoughts to be sent along, from the history or from what was remembered; "" for none. */
function thoughtsOf(
  parts: readonly AssistantPart[],
  calls: readonly ToolCallPart[],
  { model, told }: Writing,
): string {
  const own = thinkingIn(parts);
  const isHidden = parts.some(({ kind }) => kind === "redacted_thinking");
  const [first] = calls;
  if (first === undefined || !keepsThoughts(model)) {
    if (own !== "" || isHidden) told.losses.ignore(told.nameOf("thinking"));
    return "";
  }
  if (isHidden) told.losses.ignore(told.nameOf("thinking"));
  return own === "" ? thinkingIn(told.recall(first.id) ?? []) : own;
}

function thinkingIn(parts: readonly AssistantPart[]): string {
  return parts.map((part) => part.kind === "thinking" ? part.text : "").join("");
}

function textSignature(parts: readonly AssistantPart[], { model }: Writing): Message {
  const signed = parts.findLast((part): part is TextPart =>
    part.kind === "text" && part.signature !== undefined
  );
  return isGemini(model) ? openAiChatExtra(signed?.signature) : {};
}

function callSignature(call: ToolCallPart, isFirstOfTurn: boolean, { model, told }: Writing): Message {
  if (!isGemini(model)) return {};
  if (call.signature?.issuer === "gemini") return openAiChatExtra(call.signature);
  const remembered = told.recall(call.id)?.find((part) => part.kind === "tool_call" && part.id === call.id);
  const signature = remembered?.kind === "tool_call" ? remembered.signature : undefined;
  if (signature?.issuer === "gemini") return openAiChatExtra(signature);
  return openAiChatExtra(isFirstOfTurn && needsSignatures(model) ? LOST_SIGNATURE : undefined);
}
