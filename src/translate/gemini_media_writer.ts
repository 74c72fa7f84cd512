import type { FilePart, ImagePart, MediaSource } from "./chat_request.ts";
import type { RequestField, RequestTold } from "./sides.ts";

type Part = Record<string, unknown>;

/** An image as `inlineData`, or as `fileData` that Google fetches by itself: the gateway never does. */
export function geminiImage(part: ImagePart, told: RequestTold): Part {
  if (part.cache !== undefined) told.losses.ignore(told.nameOf("cache"));
  return mediaPart(part.source, "image", "image/jpeg", told);
}

/** A document as `inlineData` or `fileData`. Its name has no place. */
export function geminiFile(part: FilePart, told: RequestTold): Part {
  if (part.cache !== undefined) told.losses.ignore(told.nameOf("cache"));
  if (part.name !== undefined) told.losses.ignore(told.nameOf("fileName"));
  return mediaPart(part.source, "file", "application/pdf", told);
}

/** @param usual the media type of an address that tells none: Google wants one */
function mediaPart(source: MediaSource, field: RequestField, usual: string, told: RequestTold): Part {
  switch (source.kind) {
    case "base64":
      return { inlineData: { mimeType: source.mediaType, data: source.base64 } };
    case "url":
      if (!/^https:\/\//i.test(source.url)) {
        told.losses.refuse(told.nameOf(field), "Gemini fetches https addresses only");
      }
      return {
        fileData: { mimeType: source.mediaType ?? typeOfPath(source.url) ?? usual, fileUri: source.url },
      };
    case "id":
      if (source.issuer !== "gemini") {
        told.losses.refuse(told.nameOf(field), "Gemini has no file that was uploaded to another provider");
      }
      return { fileData: { fileUri: source.id } };
  }
}

const TYPES: ReadonlyMap<string, string> = new Map([
  ["png", "image/png"],
  ["jpg", "image/jpeg"],
  ["jpeg", "image/jpeg"],
  ["webp", "image/webp"],
  ["heic", "image/heic"],
  ["heif", "image/heif"],
  ["gif", "image/gif"],
  ["pdf", "application/pdf"],
  ["txt", "text/plain"],
  ["html", "text/html"],
  ["csv", "text/csv"],
  ["json", "application/json"],
  ["xml", "text/xml"],
]);

function typeOfPath(url: string): string | undefined {
  return TYPES.get(/\.([a-z]+)(?:[?#]|$)/i.exec(url)?.[1]?.toLowerCase() ?? "");
}
