import { isRecord, parseJson, textAt } from "../core/json.ts";
import type {
  AssistantPart,
  CacheHint,
  FilePart,
  ImagePart,
  MediaSource,
  Signature,
  TextPart,
} from "./chat_request.ts";
import type { Losses } from "./losses.ts";
import {
  type OpenAiChatCacheMarks,
  type OpenAiChatMessage,
  type OpenAiChatPart,
} from "./openai_chat_request_shape.ts";
import { refuseShape } from "./caller_shape.ts";
import { untagged } from "./signature.ts";

/** A text part. */
export function textOf(part: { readonly text: string } & OpenAiChatCacheMarks): TextPart {
  return { kind: "text", text: part.text, ...cacheOf(part) };
}

/** The cache hint of a part or a tool, as a fragment of the canonical part. */
export function cacheOf(
  part: Partial<OpenAiChatCacheMarks>,
): { readonly cache?: CacheHint } {
  const { cache_control: mark, prompt_cache_breakpoint: breakpoint } = part;
  if (mark === null || mark === undefined) {
    // Its times to live (30 minutes, 12 hours) are nobody else's.
    return breakpoint === null || breakpoint === undefined ? {} : { cache: {} };
  }
  return { cache: mark.ttl === "1h" || mark.ttl === "5m" ? { ttl: mark.ttl } : {} };
}

/** An image part. */
export function imageOf(
  part: Extract<OpenAiChatPart, { type: "image_url" }>,
  path: string,
  losses: Losses,
): ImagePart {
  const { url, detail } = part.image_url;
  // `original` is newer than what other dialects know; `high` is the nearest.
  if (detail === "original") losses.ignore(`${path}.image_url.detail`);
  return {
    kind: "image",
    source: sourceOf(url),
    ...(detail === null || detail === undefined ? {} : { detail: detail === "original" ? "high" : detail }),
    ...cacheOf(part),
  };
}

/** A file part. @throws {AppError} `invalid_request` when it holds nothing */
export function fileOf(part: Extract<OpenAiChatPart, { type: "file" }>, path: string): FilePart {
  const { file_data: data, file_id: id, filename } = part.file;
  const rest = { ...(filename ? { name: filename } : {}), ...cacheOf(part) };
  if (id) return { kind: "file", source: { kind: "id", issuer: "openai", id }, ...rest };
  if (!data) refuseShape(`${path}.file`, "it has neither file_data nor file_id");
  const source = data.startsWith("data:") || data.startsWith("http") ? sourceOf(data) : {
    kind: "base64" as const,
    mediaType: filename?.endsWith(".txt") ? "text/plain" : "application/pdf",
    base64: data,
  };
  return { kind: "file", source, ...rest };
}

/** Where the bytes of a data URL begin, its media type told. Sticky and short: the bytes themselves are not walked. */
const DATA_URL = /data:([^;,]{0,100})(?:;[^,]{0,100})?,/y;

/** A URL as a source: the bytes of a base64 `data:` URL (RFC 2397), else the address. */
function sourceOf(url: string): MediaSource {
  DATA_URL.lastIndex = 0;
  const found = DATA_URL.exec(url);
  if (found === null || !found[0].endsWith(";base64,")) return { kind: "url", url };
  return { kind: "base64", mediaType: found[1] ?? "", base64: url.slice(found[0].length) };
}

/** What an assistant's content says; empty texts, which stand beside tool calls, are left out. */
export function assistantContent(
  content: Extract<OpenAiChatMessage, { role: "assistant" }>["content"],
): AssistantPart[] {
  if (content === null || content === undefined || content === "") return [];
  if (typeof content === "string") return [{ kind: "text", text: content }];
  return content.flatMap((part): AssistantPart[] => {
    if (part.type === "refusal") return [{ kind: "refusal", text: part.refusal }];
    if (part.type === "thinking") {
      return [{ kind: "thinking", text: part.thinking.map(({ text }) => text ?? "").join("") }];
    }
    return part.text === "" ? [] : [textOf(part)];
  });
}

/** Signs the last text of a message: Google's place for its signature is the message. */
export function signText(parts: AssistantPart[], extra: unknown): void {
  const { signature } = signatureOf(extra);
  if (signature === undefined) return;
  const at = parts.findLastIndex(({ kind }) => kind === "text");
  const text = parts[at];
  if (text?.kind === "text") parts[at] = { ...text, signature };
  else parts.push({ kind: "text", text: "", signature });
}

/**
 * `extra_content.google.thought_signature`; what is no base64 is dropped, for Google refuses the whole request with it.
 * Source: https://ai.google.dev/gemini-api/docs/thought-signatures
 */
export function signatureOf(extra: unknown): { readonly signature?: Signature } {
  const value = textAt(extra, "google", "thought_signature");
  if (value === "") return {};
  const signature = untagged(value, "gemini");
  return BASE64.test(signature.value) ? { signature } : {};
}

const BASE64 = /^[A-Za-z0-9+/_-]+={0,2}$/;

/** Arguments of a call. @throws {AppError} `invalid_request` when they are not JSON of an object */
export function argumentsOf(text: string, path: string): string {
  if (text.trim() === "") return "{}";
  if (!isRecord(parseJson(text))) refuseShape(path, "it is not JSON of an object");
  return text;
}
