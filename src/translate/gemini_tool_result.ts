import { isRecord, parseJson } from "../core/json.ts";
import type { FilePart, ImagePart, TextPart, ToolResultPart } from "./chat_request.ts";
import type { GeminiCallBook } from "./gemini_call_book.ts";
import type { GeminiField } from "./gemini_field.ts";
import { readGeminiFile, readGeminiInline } from "./gemini_media_reader.ts";
import type { Losses } from "./losses.ts";

/** A `functionResponse`. Source: https://ai.google.dev/api/caching#FunctionResponse */
export function readGeminiToolResult(
  field: GeminiField,
  calls: GeminiCallBook,
  losses: Losses,
): ToolResultPart {
  const name = field.member("name")?.text() ?? "";
  const call = calls.answer(field.member("id")?.text() ?? "", name) ??
    field.invalid("no call of the model is answered by it");
  const response = field.member("response")?.record() ?? {};
  const { text, isError } = readResponse(response);
  const parts: (TextPart | ImagePart | FilePart)[] = [{ kind: "text", text }];
  for (const item of field.member("parts")?.items() ?? []) {
    const inline = item.member("inlineData");
    const file = item.member("fileData");
    const media = inline !== undefined
      ? readGeminiInline(inline, losses)
      : file === undefined
      ? item.invalid("it has no data")
      : readGeminiFile(file, losses);
    if (media.kind === "audio") losses.refuse(item.path, "no other provider takes audio as a tool's result");
    parts.push(media);
  }
  // Media alone has an empty text before it only because Gemini wants an object.
  const isBare = parts.length > 1 && (text === "" || text === "{}");
  return {
    kind: "tool_result",
    callId: call.id,
    name: call.name,
    parts: isBare ? parts.slice(1) : parts,
    ...(isError ? { isError: true } : {}),
  };
}

/** A result's text as the object that Gemini wants. `output` and `error` are Google's own names for plain ones. */
export function geminiResponse(text: string, isError: boolean): Record<string, unknown> {
  if (isError) return { error: text };
  // Numbers of many digits would not come out of the parser as they went in.
  const object = text.startsWith("{") && !/\d{16}/.test(text) ? parseJson(text) : undefined;
  const isPlain = isRecord(object) && Object.keys(object).length > 0 && soleText(object) === undefined;
  // An empty object, or one that looks like a wrapper, would be taken for another result.
  return isPlain ? object : { result: text };
}

function readResponse(response: Record<string, unknown>): { text: string; isError: boolean } {
  const sole = soleText(response);
  if (sole !== undefined) return { text: sole.text, isError: sole.name === "error" };
  const [name, ...others] = Object.keys(response);
  const isError = name === "error" && others.length === 0;
  return { text: JSON.stringify(isError ? response.error : response), isError };
}

/** The text of an object that wraps nothing else. */
function soleText(object: Record<string, unknown>): { name: string; text: string } | undefined {
  const [name, ...others] = Object.keys(object);
  if (name === undefined || others.length > 0 || !WRAPPERS.has(name)) return undefined;
  const text = object[name];
  return typeof text === "string" ? { name, text } : undefined;
}

const WRAPPERS: ReadonlySet<string> = new Set(["result", "output", "error"]);
