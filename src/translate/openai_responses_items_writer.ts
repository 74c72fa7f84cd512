import type {
  AssistantPart,
  ChatRequest,
  FilePart,
  ImagePart,
  MediaSource,
  TextPart,
  ToolResultPart,
  UserPart,
} from "./chat_request.ts";
import type { RequestTold } from "./sides.ts";

type Item = Readonly<Record<string, unknown>>;

/**
 * The conversation as input items for OpenAI itself: what only another provider reads is left out.
 * Source: https://developers.openai.com/api/reference/resources/responses/methods/create (input)
 * @throws {AppError} by `losses`, for sound and for files of other providers
 */
export function writeItems(request: ChatRequest, told: RequestTold): Item[] {
  const items: Item[] = request.system.map((part) => ({
    type: "message",
    role: "developer",
    content: [sharedPart(part, told)],
  }));
  for (const turn of request.turns) {
    if (turn.role === "assistant") items.push(...turn.parts.flatMap((part) => assistantItems(part, told)));
    else items.push(...userItems(turn.parts, told));
  }
  return items;
}

function userItems(parts: readonly UserPart[], told: RequestTold): Item[] {
  const results: Item[] = [];
  const content: Item[] = [];
  for (const part of parts) {
    if (part.kind === "tool_result") results.push(resultItem(part, told));
    else if (part.kind === "audio") {
      told.losses.refuse(told.nameOf("audio"), "OpenAI's Responses take no sound");
    } else content.push(sharedPart(part, told));
  }
  return content.length === 0 ? results : [...results, { type: "message", role: "user", content }];
}

function assistantItems(part: AssistantPart, told: RequestTold): Item[] {
  switch (part.kind) {
    case "text":
      if (part.text === "") return [];
      return [messageItem({ type: "output_text", text: part.text, annotations: [] })];
    case "refusal":
      return [messageItem({ type: "refusal", refusal: part.text })];
    case "tool_call":
      return [{ type: "function_call", call_id: part.id, name: part.name, arguments: part.arguments }];
    case "thinking":
      if (part.signature?.issuer !== "openai") return [];
      return [{
        type: "reasoning",
        summary: part.text === "" ? [] : [{ type: "summary_text", text: part.text }],
        encrypted_content: part.signature.value,
      }];
    case "redacted_thinking":
      if (part.issuer !== "openai") return [];
      return [{ type: "reasoning", summary: [], encrypted_content: part.data }];
    case "image":
      // The model sees its own picture as one that it is shown.
      return [{ type: "message", role: "user", content: [sharedPart(part, told)] }];
  }
}

function messageItem(part: Item): Item {
  return { type: "message", role: "assistant", content: [part] };
}

function resultItem(result: ToolResultPart, told: RequestTold): Item {
  const [only] = result.parts;
  const isText = result.parts.length === 1 && only?.kind === "text";
  const output = isText ? only.text : result.parts.map((part) => sharedPart(part, told));
  if (result.isError === true) told.losses.ignore(told.nameOf("toolResultError"));
  return { type: "function_call_output", call_id: result.callId, output };
}

function sharedPart(part: TextPart | ImagePart | FilePart, told: RequestTold): Item {
  switch (part.kind) {
    case "text":
      return { type: "input_text", text: part.text };
    case "image":
      return { type: "input_image", detail: part.detail ?? "auto", ...imageSource(part.source, told) };
    case "file":
      return { type: "input_file", ...fileSource(part, told) };
  }
}

function imageSource(source: MediaSource, told: RequestTold): Item {
  if (source.kind === "id") return idSource(source, told, "image");
  return { image_url: source.kind === "url" ? source.url : dataUrl(source) };
}

function fileSource({ source, name }: FilePart, told: RequestTold): Item {
  if (source.kind === "id") return idSource(source, told, "file");
  if (source.kind === "url") return { file_url: source.url };
  return { file_data: dataUrl(source), filename: name ?? "document.pdf" };
}

function idSource(
  source: Extract<MediaSource, { kind: "id" }>,
  told: RequestTold,
  field: "image" | "file",
): Item {
  if (source.issuer === "openai") return { file_id: source.id };
  return told.losses.refuse(told.nameOf(field), "OpenAI has no file that was uploaded to another provider");
}

function dataUrl(source: Extract<MediaSource, { kind: "base64" }>): string {
  return `data:${source.mediaType};base64,${source.base64}`;
}
