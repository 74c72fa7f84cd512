import type { TokenUsage } from "../core/usage.ts";
import type { SseEvent } from "../core/sse.ts";
import type { CallerError, Dialect, EventMeaning, StreamEnd } from "./dialect.ts";
import { anthropicUsageOfStream, readAnthropicUsage } from "../core/anthropic_usage.ts";
import { errorOf } from "./error_body.ts";
import { isRecord, parseJson, textAt, valueAt } from "../core/json.ts";
import { readSoftFailure } from "./soft_failure.ts";
import { lastObject, linesWith } from "./tail.ts";

/**
 * Anthropic's dialect: messages and count_tokens (platform.claude.com/docs/en/api). `readUsage` merges
 * `message_start` with `message_delta`: give it the head of the stream and its tail, joined by a line end.
 */
export const ANTHROPIC: Dialect = {
  name: "anthropic",
  isRepeatable(method, path) {
    return method === "GET" || method === "HEAD" || method === "OPTIONS" ||
      (method === "POST" && /\/(?:messages|messages\/count_tokens|complete)$/.test(path));
  },
  modelInPath: () => undefined,
  readSoftFailure: (body, json) => readSoftFailure(body, isEmpty, json),
  meaningOf,
  readEnd,
  readUsage,
  charactersIn,
  renderError: (error) => JSON.stringify(errorForm(error)),
  renderStreamError: (error) => `event: error\ndata: ${JSON.stringify(errorForm(error))}\n\n`,
};

function isEmpty(json: unknown): boolean {
  const content = valueAt(json, "content");
  return Array.isArray(content) && content.length === 0 && textAt(json, "stop_reason") === "";
}

function meaningOf(event: SseEvent): EventMeaning {
  const json = parseJson(event.data);
  const type = textAt(json, "type") || event.name;
  if (type === "error" || errorOf(json) !== undefined) return "error";
  switch (type) {
    case "ping":
    case "message_start":
    case "content_block_stop":
      return "preamble";
    case "content_block_start":
      return hasStarted(valueAt(json, "content_block")) ? "content" : "preamble";
    case "content_block_delta":
      return isFilled(valueAt(json, "delta")) ? "content" : "preamble";
    case "message_delta":
      return textAt(json, "delta", "stop_reason") === "" ? "preamble" : "content";
    default:
      // What is not understood may be what the caller waits for.
      return event.data.trim() === "" ? "preamble" : "content";
  }
}

/** Text and thinking begin empty; any other block (a tool, a search, redacted thinking) says something at once. */
function hasStarted(block: unknown): boolean {
  const type = textAt(block, "type");
  return type === "text" || type === "thinking" ? textAt(block, type) !== "" : true;
}

function isFilled(delta: unknown): boolean {
  return isRecord(delta) &&
    Object.entries(delta).some(([member, value]) => member !== "type" && value !== "" && value !== null);
}

function readEnd(tail: string): StreamEnd {
  for (const json of linesWith(tail, "error")) if (errorOf(json) !== undefined) return "error";
  for (const json of linesWith(tail, "type")) if (textAt(json, "type") === "message_stop") return "complete";
  return "cut";
}

function readUsage(text: string, json?: unknown): TokenUsage | undefined {
  const whole = json ?? (text.trimStart().startsWith("{") ? parseJson(text) : undefined);
  if (whole !== undefined) return readAnthropicUsage(valueAt(whole, "usage"));
  // A whole message of which the middle was not kept: its usage stands after all that the model wrote.
  if (text.trimStart().startsWith("{")) return readAnthropicUsage(lastObject(text, "usage"));
  let start: unknown;
  let delta: unknown;
  for (const line of linesWith(text, "usage")) {
    const type = textAt(line, "type");
    if (type === "message_delta") delta ??= valueAt(line, "usage");
    else if (type === "message_start") start ??= valueAt(line, "message", "usage");
  }
  return anthropicUsageOfStream(start, delta);
}

function charactersIn(event: SseEvent): number {
  const delta = valueAt(parseJson(event.data), "delta");
  return textAt(delta, "text").length + textAt(delta, "thinking").length +
    textAt(delta, "partial_json").length;
}

function errorForm({ details, message, code, requestId, status }: CallerError): Record<string, unknown> {
  return {
    type: "error",
    error: { ...details, type: typeOf(status), message: `${message} (${code})` },
    request_id: requestId,
  };
}

const TYPE_OF_STATUS: ReadonlyMap<number, string> = new Map([
  [401, "authentication_error"],
  [402, "billing_error"],
  [403, "permission_error"],
  [404, "not_found_error"],
  [413, "request_too_large"],
  [429, "rate_limit_error"],
  [503, "overloaded_error"],
  [504, "timeout_error"],
  [529, "overloaded_error"],
]);

function typeOf(status: number): string {
  return TYPE_OF_STATUS.get(status) ?? (status >= 500 ? "api_error" : "invalid_request_error");
}
