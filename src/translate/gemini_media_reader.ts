import type { AudioPart, FilePart, ImagePart } from "./chat_request.ts";
import type { GeminiField } from "./gemini_field.ts";
import type { Losses } from "./losses.ts";

type Media = ImagePart | AudioPart | FilePart;

/** `inlineData` by its media type. Source: https://ai.google.dev/api/caching#Blob */
export function readGeminiInline(field: GeminiField, losses: Losses): Media {
  const mediaType = mediaTypeOf(field) ?? field.invalid("it has no mimeType");
  const base64 = standardBase64(field.member("data")?.text() ?? field.invalid("it has no data"));
  const name = field.member("displayName")?.text();
  if (mediaType.startsWith("audio/")) return { kind: "audio", mediaType, base64 };
  const source = { kind: "base64", mediaType, base64 } as const;
  if (mediaType.startsWith("image/")) return { kind: "image", source };
  refuseVideo(field, mediaType, losses);
  return { kind: "file", source, ...(name === undefined ? {} : { name }) };
}

/**
 * `fileData`: an upload to Google, which nobody else has, or a page of the web.
 * Source: https://ai.google.dev/gemini-api/docs/file-input-methods
 */
export function readGeminiFile(field: GeminiField, losses: Losses): Media {
  const uri = field.member("fileUri")?.text() ?? field.invalid("it has no fileUri");
  const mediaType = mediaTypeOf(field);
  if (mediaType !== undefined) refuseVideo(field, mediaType, losses);
  if (/^https?:\/\/(?:www\.)?(?:youtube\.com|youtu\.be)\//.test(uri)) refuseVideo(field, "video/*", losses);
  if (mediaType?.startsWith("audio/") === true) {
    losses.refuse(field.path, "no other provider takes audio by its address");
  }
  const isUpload = !/^https?:/i.test(uri) || uri.startsWith("https://generativelanguage.googleapis.com/");
  const source = isUpload
    ? { kind: "id", issuer: "gemini", id: uri } as const
    : { kind: "url", url: uri, ...(mediaType === undefined ? {} : { mediaType }) } as const;
  const isImage = mediaType?.startsWith("image/") ?? /\.(?:png|jpe?g|gif|webp)(?:[?#]|$)/i.test(uri);
  return { kind: isImage ? "image" : "file", source };
}

function mediaTypeOf(field: GeminiField): string | undefined {
  return field.member("mimeType")?.text().toLowerCase();
}

function refuseVideo(field: GeminiField, mediaType: string, losses: Losses): void {
  if (mediaType.startsWith("video/")) losses.refuse(field.path, "no other provider takes video");
}

/** Bytes may be written in base64url, too. */
function standardBase64(text: string): string {
  return text.includes("-") || text.includes("_") ? text.replaceAll("-", "+").replaceAll("_", "/") : text;
}
