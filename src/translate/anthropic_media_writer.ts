import { writeCache } from "./anthropic_cache.ts";
import type { FilePart, ImagePart, Issuer } from "./chat_request.ts";
import type { RequestTold } from "./sides.ts";

type Block = Readonly<Record<string, unknown>>;

/** Source: https://platform.claude.com/docs/en/build-with-claude/vision */
const IMAGE_TYPES = new Set(["image/jpeg", "image/png", "image/gif", "image/webp"]);

/** Text in files that is no `text/…` by its name. */
const TEXT_TYPES = /^(?:text\/|application\/(?:json|xml|yaml|x-yaml|javascript)(?:;|$))/;

export function writeImage(part: ImagePart, told: RequestTold): Block {
  const { source } = part;
  if (part.detail !== undefined && part.detail !== "auto") told.losses.ignore(told.nameOf("detail"));
  const block = (from: Block): Block => ({ type: "image", source: from, ...writeCache(part) });
  switch (source.kind) {
    case "url":
      return block({ type: "url", url: source.url });
    case "id":
      return block({ type: "file", file_id: ownId(source.issuer, source.id, "image", told) });
    case "base64": {
      const type = source.mediaType === "image/jpg" ? "image/jpeg" : source.mediaType;
      if (!IMAGE_TYPES.has(type)) {
        told.losses.refuse(
          told.nameOf("image"),
          `Anthropic takes JPEG, PNG, GIF and WebP, and this is ${type}`,
        );
      }
      return block({ type: "base64", media_type: type, data: source.base64 });
    }
  }
}

/** Source: https://platform.claude.com/docs/en/build-with-claude/pdf-support, …/build-with-claude/files */
export function writeFile(part: FilePart, told: RequestTold): Block {
  const { source } = part;
  const title = part.name === undefined ? {} : { title: part.name };
  const block = (from: Block): Block => ({ type: "document", source: from, ...title, ...writeCache(part) });
  switch (source.kind) {
    case "url":
      return block({ type: "url", url: source.url });
    case "id":
      return block({ type: "file", file_id: ownId(source.issuer, source.id, "file", told) });
    case "base64": {
      const { mediaType, base64 } = source;
      if (mediaType === "application/pdf") {
        return block({ type: "base64", media_type: mediaType, data: base64 });
      }
      if (!TEXT_TYPES.test(mediaType)) {
        told.losses.refuse(told.nameOf("file"), `Anthropic takes PDF and text, and this is ${mediaType}`);
      }
      return block({ type: "text", media_type: "text/plain", data: decoded(base64, told) });
    }
  }
}

function ownId(issuer: Issuer, id: string, field: "image" | "file", told: RequestTold): string {
  if (issuer === "anthropic") return id;
  return told.losses.refuse(told.nameOf(field), "Anthropic has not the files of another provider");
}

function decoded(base64: string, told: RequestTold): string {
  try {
    return new TextDecoder().decode(Uint8Array.from(atob(base64), (char) => char.charCodeAt(0)));
  } catch {
    // atob throws for what is not base64: the caller's mistake.
    return told.losses.refuse(told.nameOf("file"), "it is not base64");
  }
}
