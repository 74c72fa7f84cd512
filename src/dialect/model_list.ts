import type { DialectName } from "../core/provider.ts";
import { isRecord, listAt, parseJson, textAt, valueAt } from "../core/json.ts";

/** One page of a provider's list of models. */
export interface ModelPage {
  /** Ids as a request names them. */
  readonly models: readonly string[];
  /** What `modelListPath()` takes for the page after it; `undefined` for the last one. */
  readonly next: string | undefined;
}

/**
 * Path and query that list models, behind the provider's prefix; `undefined` for a dialect that has no such list.
 * `after` is the `next` of the page before. Sources: platform.openai.com/docs/api-reference/models/list (one page),
 * platform.claude.com/docs/en/api/models-list (`after_id`, at most 1000 a page), ai.google.dev/api/models#method:-models.list
 * (`pageToken`, at most 1000 a page).
 */
export function modelListPath(dialect: DialectName, after?: string): string | undefined {
  const cursor = after === undefined ? "" : encodeURIComponent(after);
  switch (dialect) {
    case "openai":
      // Servers that page at all take the cursor of OpenAI's other lists.
      return after === undefined ? "/v1/models" : `/v1/models?after=${cursor}`;
    case "anthropic":
      return `/v1/models?limit=1000${after === undefined ? "" : `&after_id=${cursor}`}`;
    case "gemini":
      return `/v1beta/models?pageSize=1000${after === undefined ? "" : `&pageToken=${cursor}`}`;
    case "rest":
      return undefined;
  }
}

/** Reads a page; `undefined` when the text is no list of models. */
export function readModelPage(dialect: DialectName, text: string): ModelPage | undefined {
  const json = parseJson(text);
  const name = dialect === "gemini" ? "models" : "data";
  // A server of OpenAI's dialect may answer the bare array (Together AI does).
  const items = Array.isArray(json) ? json : valueAt(json, name);
  if (!Array.isArray(items)) {
    // The last page of Gemini's list may be an empty object.
    return dialect === "gemini" && isRecord(json) && json.error === undefined
      ? { models: [], next: undefined }
      : undefined;
  }
  const models = listAt(items).map((item) => idOf(dialect, item)).filter((id) => id !== "");
  return { models, next: nextOf(dialect, json) };
}

/** Longer names are nobody's. */
const MAX_ID_LENGTH = 200;

function idOf(dialect: DialectName, item: unknown): string {
  const id = dialect === "gemini"
    ? textAt(item, "name").replace(/^models\//, "")
    : textAt(item, "id") || textAt(item);
  return id.length <= MAX_ID_LENGTH ? id : "";
}

function nextOf(dialect: DialectName, json: unknown): string | undefined {
  if (dialect === "gemini") return textAt(json, "nextPageToken") || undefined;
  return valueAt(json, "has_more") === true ? textAt(json, "last_id") || undefined : undefined;
}
