import { isRecord, listAt, textAt, valueAt } from "../core/json.ts";
import type { Citation } from "./chat_answer.ts";

/**
 * Sources of a candidate: `groundingMetadata` of a search, `citationMetadata` of what was recited.
 * @param texts the candidate's text parts, where all of them are known: ranges are told in bytes of one of them
 * Sources: https://ai.google.dev/gemini-api/docs/google-search, https://ai.google.dev/api/generate-content#Citation
 */
export function readGeminiCitations(candidate: unknown, texts?: readonly string[]): Citation[] {
  const chunks = listAt(candidate, "groundingMetadata", "groundingChunks").map(chunkOf);
  const citations: Citation[] = [];
  const cited = new Set<number>();
  for (const support of listAt(candidate, "groundingMetadata", "groundingSupports")) {
    const segment = valueAt(support, "segment");
    const quote = textAt(segment, "text");
    for (const index of listAt(support, "groundingChunkIndices")) {
      const chunk = typeof index === "number" ? chunks[index] : undefined;
      if (chunk === undefined || typeof index !== "number") continue;
      cited.add(index);
      citations.push({ ...chunk, ...(quote === "" ? {} : { quote }), ...rangeOf(segment, texts) });
    }
  }
  for (const [index, chunk] of chunks.entries()) {
    if (chunk !== undefined && !cited.has(index)) citations.push(chunk);
  }
  for (const source of listAt(candidate, "citationMetadata", "citations")) {
    const url = textAt(source, "uri");
    const title = textAt(source, "title");
    if (url !== "") citations.push({ url, ...(title === "" ? {} : { title }), ...rangeOf(source, texts) });
  }
  return citations;
}

/**
 * Citations as `groundingMetadata`, which is where Google's callers look for pages.
 * @param text the choice's text, where all of it is known
 */
export function writeGeminiCitations(
  citations: readonly Citation[],
  text?: string,
): Record<string, unknown> {
  const urls = new Map<string, number>();
  const groundingChunks: unknown[] = [];
  const groundingSupports: unknown[] = [];
  for (const { url, title, quote, start, end } of citations) {
    const index = urls.get(url) ?? groundingChunks.length;
    if (!urls.has(url)) {
      urls.set(url, index);
      groundingChunks.push({ web: { uri: url, ...(title === undefined ? {} : { title }) } });
    }
    const hasRange = text !== undefined && start !== undefined && end !== undefined;
    const range = hasRange ? { startIndex: bytesOf(text, start), endIndex: bytesOf(text, end) } : {};
    const words = quote ?? (hasRange ? text.slice(start, end) : undefined);
    if (words === undefined) continue;
    groundingSupports.push({ segment: { ...range, text: words }, groundingChunkIndices: [index] });
  }
  return { groundingChunks, ...(groundingSupports.length === 0 ? {} : { groundingSupports }) };
}

function chunkOf(chunk: unknown): Citation | undefined {
  if (!isRecord(chunk)) return undefined;
  for (const kind of ["web", "retrievedContext", "maps", "image"]) {
    const source = chunk[kind];
    const url = textAt(source, kind === "image" ? "sourceUri" : "uri");
    const title = textAt(source, "title");
    if (url !== "") return { url, ...(title === "" ? {} : { title }) };
  }
  return undefined;
}

function rangeOf(segment: unknown, texts: readonly string[] | undefined): Pick<Citation, "start" | "end"> {
  const part = indexAt(segment, "partIndex") ?? 0;
  const text = texts?.[part];
  const end = indexAt(segment, "endIndex");
  if (text === undefined || end === undefined) return {};
  const before = texts?.slice(0, part).reduce((sum, { length }) => sum + length, 0) ?? 0;
  const start = indexAt(segment, "startIndex") ?? 0;
  return { start: before + unitsOf(text, start), end: before + unitsOf(text, end) };
}

function indexAt(value: unknown, member: string): number | undefined {
  const index = valueAt(value, member);
  return typeof index === "number" && Number.isSafeInteger(index) && index >= 0 ? index : undefined;
}

/** UTF-16 units of the first bytes of a text. */
function unitsOf(text: string, bytes: number): number {
  return new TextDecoder().decode(new TextEncoder().encode(text).subarray(0, bytes)).length;
}

function bytesOf(text: string, units: number): number {
  return new TextEncoder().encode(text.slice(0, units)).length;
}
