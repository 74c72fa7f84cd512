import type { TokenUsage } from "../core/usage.ts";
import type { SseEvent } from "../core/sse.ts";
import type { CallerError, Dialect, EventMeaning, StreamEnd } from "./dialect.ts";
import { errorOf } from "./error_body.ts";
import { isRecord, listAt, parseJson, textAt, valueAt } from "../core/json.ts";
import { openAiUsageIn, readOpenAiUsage } from "../core/openai_usage.ts";
import { countAt } from "../core/token_count.ts";
import { modelInPath } from "./model_path.ts";
import { readSoftFailure } from "./soft_failure.ts";
import { lastObject, linesWith } from "./tail.ts";

/**
 * OpenAI's dialect: chat completions, completions, responses, embeddings, moderations, images, audio
 * (platform.openai.com/docs/api-reference), as OpenAI and the servers that imitate it speak it.
 */
export const OPENAI: Dialect = {
  name: "openai",
  isRepeatable(method, path) {
    return method === "GET" || method === "HEAD" || method === "OPTIONS" ||
      (method === "POST" && REPEATABLE.test(path));
  },
  modelInPath,
  readSoftFailure: (body, json) => readSoftFailure(body, isEmpty, json),
  meaningOf,
  readEnd,
  readUsage,
  charactersIn,
  renderError: (error) => JSON.stringify(errorForm(error)),
  renderStreamError: (error) => `data: ${JSON.stringify(errorForm(error))}\n\n`,
};

/** Calls that cost again but do nothing twice. Pictures, files, jobs and stored objects are made anew by each call. */
const REPEATABLE =
  /\/(?:chat\/completions|completions|responses|responses\/input_tokens|embeddings|moderations|rerank|audio\/(?:speech|transcriptions|translations))$/;

function isEmpty(json: unknown): boolean {
  const choices = valueAt(json, "choices");
  return Array.isArray(choices) && choices.length === 0;
}

/** Events of the Responses API that carry nothing yet. */
const PREAMBLE_EVENTS: ReadonlySet<string> = new Set([
  "response.created",
  "response.in_progress",
  "response.queued",
  "response.content_part.added",
  "response.reasoning_summary_part.added",
  "keepalive",
  "ping",
]);

function meaningOf(event: SseEvent): EventMeaning {
  const data = event.data.trim();
  if (data === "") return "preamble";
  if (data === "[DONE]") return "content";
  const json = parseJson(data);
  if (event.name === "error" || errorOf(json) !== undefined) return "error";
  // What is not understood may be what the caller waits for.
  if (!isRecord(json)) return "content";
  const type = typeof json.type === "string" ? json.type : event.name;
  if (type === "response.failed") return "error";
  if (PREAMBLE_EVENTS.has(type)) return "preamble";
  if (type === "response.output_item.added") return hasStarted(json.item) ? "content" : "preamble";
  if (Array.isArray(json.choices)) {
    return json.choices.some(isMeaningful) || isRecord(json.usage) ? "content" : "preamble";
  }
  return Object.keys(json).length === 0 ? "preamble" : "content";
}

/** An item of the Responses API other than an empty message or empty reasoning: a tool call names its tool. */
function hasStarted(item: unknown): boolean {
  const type = textAt(item, "type");
  if (type === "message") return listAt(item, "content").length > 0;
  if (type === "reasoning") return listAt(item, "summary").length > 0;
  return true;
}

/** Members of a delta that are there from the first chunk on and say nothing. */
const SILENT_MEMBERS: ReadonlySet<string> = new Set(["role", "name", "id", "tool_call_id"]);

/** Whether a choice has text, reasoning, a tool call, a refusal, audio or an end. */
function isMeaningful(choice: unknown): boolean {
  if (textAt(choice, "finish_reason") !== "" || textAt(choice, "text") !== "") return true;
  const delta = valueAt(choice, "delta") ?? valueAt(choice, "message");
  return isRecord(delta) &&
    Object.entries(delta).some(([member, value]) => !SILENT_MEMBERS.has(member) && isFilled(value));
}

function isFilled(value: unknown): boolean {
  if (typeof value === "string" || Array.isArray(value)) return value.length > 0;
  return isRecord(value) ? Object.keys(value).length > 0 : value === true;
}

function readEnd(tail: string): StreamEnd {
  for (const member of ["error", "finish_reason"] as const) {
    for (const json of linesWith(tail, member)) if (errorOf(json) !== undefined) return "error";
  }
  if (/(?:^|[\r\n])data: ?\[DONE\][ \t]*(?:[\r\n]|$)/.test(tail)) return "complete";
  for (const json of linesWith(tail, "finish_reason")) {
    if (listAt(json, "choices").some((choice) => textAt(choice, "finish_reason") !== "")) return "complete";
  }
  return END_EVENT.test(tail) || countAt(lastObject(tail, "usage"), "output_tokens") !== undefined
    ? "complete"
    : "cut";
}

/**
 * The last events of responses, transcripts, speech and images. `response.completed` repeats the whole answer
 * and may be larger than the tail: then its usage, which no earlier event has, stands for it.
 */
const END_EVENT =
  /(?:^|[\r\n])(?:event: ?|data: ?\{"type": ?")(?:response\.(?:completed|incomplete)|transcript\.text\.done|speech\.audio\.done|image_(?:generation|edit)\.completed)\b/;

function readUsage(text: string, json?: unknown): TokenUsage | undefined {
  const whole = json ?? (text.trimStart().startsWith("{") ? parseJson(text) : undefined);
  if (whole !== undefined) return openAiUsageIn(whole);
  for (const line of linesWith(text, "usage")) {
    const usage = openAiUsageIn(line);
    if (usage !== undefined) return usage;
  }
  return readOpenAiUsage(lastObject(text, "usage"));
}

/** A chat's deltas, a completion's text, and the deltas of Responses' own events. */
function charactersIn(event: SseEvent): number {
  const json = parseJson(event.data);
  if (!isRecord(json)) return 0;
  if (!Array.isArray(json.choices)) return typeof json.delta === "string" ? json.delta.length : 0;
  let count = 0;
  for (const choice of json.choices) {
    const delta = valueAt(choice, "delta");
    count += textAt(choice, "text").length + textAt(delta, "content").length +
      textAt(delta, "refusal").length;
    count += (textAt(delta, "reasoning_content") || textAt(delta, "reasoning")).length;
    for (const call of listAt(delta, "tool_calls")) count += textAt(call, "function", "arguments").length;
  }
  return count;
}

function errorForm(error: CallerError): Record<string, unknown> {
  const { details, message, code, requestId, status } = error;
  return { error: { param: null, ...details, message, type: typeOf(status), code, request_id: requestId } };
}

function typeOf(status: number): string {
  if (status === 401) return "authentication_error";
  if (status === 403) return "permission_error";
  if (status === 429) return "rate_limit_error";
  return status >= 500 ? "server_error" : "invalid_request_error";
}
