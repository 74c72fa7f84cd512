import { errorOf, looksLikeEvents, looksLikeHtml, readErrorBody } from "./error_body.ts";
import { parseJson } from "../core/json.ts";

/** Longer answers are parsed only when they mention an error at all. */
const MAX_BLIND_CHARS = 2048;
const MENTIONS_ERROR = /"error"\s*:\s*["{]|:\s*"(?:error|insufficient_system_resource)"|^\s*</;

/**
 * Whether a 200 of this body is an error after all, or has nothing in it (`isEmpty` knows the dialect's own
 * form of nothing). Answers that are empty by right (a content filter, a stop after no token) are neither.
 * `parsed` is the body as JSON, where it was parsed already.
 */
export function readSoftFailure(
  body: string,
  isEmpty: (json: unknown) => boolean,
  parsed?: unknown,
): "error" | "empty" | undefined {
  if (body.length > MAX_BLIND_CHARS && !MENTIONS_ERROR.test(body)) return undefined;
  if (body.trim() === "") return "empty";
  if (looksLikeHtml(body)) return "error";
  // The last event of a stream may lack its blank line, and so come as text.
  if (looksLikeEvents(body)) return readErrorBody(body).isError ? "error" : undefined;
  const json = parsed ?? parseJson(body);
  if (json === undefined) return undefined;
  if (errorOf(Array.isArray(json) ? json[0] : json) !== undefined) return "error";
  return json === null || isBare(json) || isEmpty(json) ? "empty" : undefined;
}

function isBare(json: unknown): boolean {
  return typeof json === "object" && json !== null && !Array.isArray(json) && Object.keys(json).length === 0;
}
