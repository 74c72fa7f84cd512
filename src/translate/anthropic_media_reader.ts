import { readCache } from "./anthropic_cache.ts";
import { blockType, DOCUMENT, IMAGE, SEARCH_RESULT, TEXT } from "./anthropic_shape.ts";
import { shaped } from "./caller_shape.ts";
import type { FilePart, ImagePart, TextPart } from "./chat_request.ts";
import type { Losses } from "./losses.ts";

/** Source: https://platform.claude.com/docs/en/build-with-claude/vision */
export function readImage(block: unknown, path: string, losses: Losses): ImagePart {
  const { source, transformations, cache_control: control } = shaped(IMAGE, block, path);
  if (transformations !== undefined && transformations !== null) {
    losses.ignore("messages[].content[].transformations");
  }
  const cache = readCache(control);
  switch (source.type) {
    case "base64":
      return {
        kind: "image",
        source: { kind: "base64", mediaType: source.media_type, base64: source.data },
        ...cache,
      };
    case "url":
      return { kind: "image", source: { kind: "url", url: source.url }, ...cache };
    case "file":
      return { kind: "image", source: { kind: "id", issuer: "anthropic", id: source.file_id }, ...cache };
  }
}

/**
 * A document: PDFs are files; text documents become text with their title, which every provider can read.
 * Source: https://platform.claude.com/docs/en/build-with-claude/citations#document-types
 */
export function readFileBlock(
  block: unknown,
  path: string,
  losses: Losses,
): readonly (FilePart | TextPart | ImagePart)[] {
  const { source, title, context, citations, cache_control: control } = shaped(DOCUMENT, block, path);
  if (citations?.enabled === true) losses.ignore("messages[].content[].citations");
  const cache = readCache(control);
  const named = title ? { name: title } : {};
  const head = [title, context].filter((line) => typeof line === "string" && line !== "").join("\n");
  const text = (body: string): TextPart => ({
    kind: "text",
    text: head === "" ? body : `${head}\n\n${body}`,
    ...cache,
  });
  switch (source.type) {
    case "text":
      return [text(source.data)];
    case "content":
      if (typeof source.content === "string") return [text(source.content)];
      return [
        ...(head === "" ? [] : [{ kind: "text" as const, text: head }]),
        ...source.content.map((piece, index) => readPiece(piece, `${path}.source.content[${index}]`, losses)),
      ];
    default:
      if (context) losses.ignore("messages[].content[].context");
      return [{ kind: "file", source: fileSource(source), ...named, ...cache }];
  }
}

function fileSource(
  source:
    | { readonly type: "base64"; readonly media_type: string; readonly data: string }
    | { readonly type: "url"; readonly url: string }
    | { readonly type: "file"; readonly file_id: string },
): FilePart["source"] {
  switch (source.type) {
    case "base64":
      return { kind: "base64", mediaType: source.media_type, base64: source.data };
    case "url":
      return { kind: "url", url: source.url };
    case "file":
      return { kind: "id", issuer: "anthropic", id: source.file_id };
  }
}

function readPiece(piece: unknown, path: string, losses: Losses): TextPart | ImagePart {
  const type = blockType(piece, path);
  if (type === "image") return readImage(piece, path, losses);
  const { text, cache_control: control } = shaped(TEXT, piece, path);
  return { kind: "text", text, ...readCache(control) };
}

/**
 * A search result as text with its title and source; others cite no search results.
 * Source: https://platform.claude.com/docs/en/build-with-claude/search-results
 */
export function readSearchResult(block: unknown, path: string, losses: Losses): TextPart {
  const result = shaped(SEARCH_RESULT, block, path);
  if (result.citations?.enabled === true) losses.ignore("messages[].content[].citations");
  const text = [result.title, result.source, ...result.content.map((piece) => piece.text)].join("\n");
  return { kind: "text", text, ...readCache(result.cache_control) };
}
