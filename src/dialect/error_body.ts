import { isRecord, listAt, parseJson, textAt, valueAt } from "../core/json.ts";

/** What an error body says, whatever its form. Members that it does not state are empty. */
export interface ErrorBody {
  /** Whether the body says by itself that it is an error, whatever the status. */
  readonly isError: boolean;
  readonly isHtml: boolean;
  readonly message: string;
  readonly type: string;
  /** A number becomes its digits. */
  readonly code: string;
  /** Google's name of the status, e.g. `RESOURCE_EXHAUSTED`. */
  readonly status: string;
  /** The `reason` of every ErrorInfo in the details, e.g. `API_KEY_INVALID`. */
  readonly reasons: readonly string[];
  /** The error object itself, for what only one vendor has. */
  readonly error: unknown;
  /** The whole body as text, unescaped where it was JSON. */
  readonly text: string;
}

/**
 * Reads an error in any of the forms in use, whatever the content type: `{error: {…}}`, `{error: "…"}`, an
 * array of one (Google's OpenAI endpoint), the top-level forms of Mistral and of the Responses API, FastAPI's
 * `detail`, the error of a choice (OpenRouter), server-sent events with one of these inside, HTML, plain text.
 */
export function readErrorBody(body: string): ErrorBody {
  const text = body.trimStart();
  if (looksLikeHtml(text)) return plainText(titleOf(text), text, true);
  const json = looksLikeEvents(text) ? errorAmongEvents(text) : parseJson(text);
  if (json === undefined) return plainText(text, text, false);

  const root = Array.isArray(json) ? json.find((item) => errorOf(item) !== undefined) ?? json[0] : json;
  const found = errorOf(root);
  const error = found ?? root;
  return {
    isError: found !== undefined,
    isHtml: false,
    message: messageOf(error),
    type: textAt(error, "type"),
    code: textAt(error, "code"),
    status: textAt(error, "status"),
    reasons: listAt(error, "details").map((detail) => textAt(detail, "reason")).filter((reason) =>
      reason !== ""
    ),
    error,
    text: JSON.stringify(json),
  };
}

/** Whether the text is a web page: what a proxy or a firewall in front of an API answers. */
export function looksLikeHtml(text: string): boolean {
  return /^\s*<(?:!doctype\s+html|html|head|body)\b/i.test(text);
}

/**
 * The error that a JSON value carries, as an object, or `undefined`. Objects that merely record an error of
 * some job (batches, fine-tuning, videos, runs) are not errors themselves.
 */
export function errorOf(root: unknown): unknown {
  if (!isRecord(root)) return undefined;
  if (root.object === "error") return root;
  if (isRecord(root.error) || (typeof root.error === "string" && root.error !== "") || root.error === true) {
    if (typeof root.object === "string" && !ANSWERS.has(root.object)) return undefined;
    return isRecord(root.error) ? root.error : { message: textAt(root, "error") || textAt(root, "message") };
  }
  if (root.type === "error") return root;
  const failed = valueAt(root, "response", "error");
  if (isRecord(failed)) return failed;
  return errorOfChoice(valueAt(root, "choices", 0));
}

const ANSWERS: ReadonlySet<string> = new Set([
  "chat.completion",
  "chat.completion.chunk",
  "text_completion",
  "response",
  "list",
]);

/** Endings that mean that the provider gave up (docs of OpenRouter, Mistral and DeepSeek). */
const FAILED_ENDS: ReadonlySet<string> = new Set(["error", "insufficient_system_resource"]);

function errorOfChoice(choice: unknown): unknown {
  if (!isRecord(choice)) return undefined;
  if (isRecord(choice.error)) return choice.error;
  const end = textAt(choice, "finish_reason");
  return FAILED_ENDS.has(end) ? { message: `finish_reason ${end}`, code: end } : undefined;
}

function messageOf(error: unknown): string {
  if (typeof error === "string") return error;
  return textAt(error, "message") || textAt(error, "detail") || textAt(error, "detail", 0, "msg") ||
    textAt(error, "detail", "message") || textAt(error, "errors", 0, "message") ||
    textAt(error, "errors", 0) ||
    textAt(error, "error_description") || textAt(error, "msg");
}

/** Whether the text is a piece of an event stream. */
export function looksLikeEvents(text: string): boolean {
  return /^\s*(?:data|event|id|retry)?:/.test(text);
}

/** The last event that is an error, else the last that is JSON. */
function errorAmongEvents(text: string): unknown {
  let last: unknown;
  for (const line of text.split(/\r\n|\n|\r/)) {
    const data = line.startsWith("data:") ? line.slice(5) : line.startsWith("{") ? line : "";
    const json = data === "" ? undefined : parseJson(data);
    if (json !== undefined && (errorOf(last) === undefined || errorOf(json) !== undefined)) last = json;
  }
  return last;
}

function plainText(message: string, text: string, isHtml: boolean): ErrorBody {
  return {
    isError: isHtml,
    isHtml,
    message,
    type: "",
    code: "",
    status: "",
    reasons: [],
    error: undefined,
    text,
  };
}

function titleOf(html: string): string {
  return /<title[^>]*>([^<]{1,200})/i.exec(html)?.[1]?.trim() ?? "HTML page";
}
