import type { TokenUsage } from "../core/usage.ts";
import type { SseEvent } from "../core/sse.ts";
import type { CallerError, Dialect, EventMeaning, StreamEnd } from "./dialect.ts";
import { readGeminiUsage } from "../core/gemini_usage.ts";
import { errorOf } from "./error_body.ts";
import { isRecord, listAt, parseJson, textAt, valueAt } from "../core/json.ts";
import { modelInPath } from "./model_path.ts";
import { readSoftFailure } from "./soft_failure.ts";
import { lastObject, linesWith } from "./tail.ts";

/** Gemini's dialect: generateContent and its kin (ai.google.dev/api/generate-content). */
export const GEMINI: Dialect = {
  name: "gemini",
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
  renderStreamError: (error) => `data: ${JSON.stringify(errorForm(error))}\r\n\r\n`,
};

/** Batches, long-running predictions, files and caches are made anew by each call, so they are not in it. */
const REPEATABLE =
  /:(?:generateContent|streamGenerateContent|countTokens|computeTokens|embedContent|batchEmbedContents|generateAnswer)$/;

function isEmpty(json: unknown): boolean {
  if (textAt(json, "promptFeedback", "blockReason") !== "") return false;
  const candidates = valueAt(json, "candidates");
  if (Array.isArray(candidates)) return candidates.length === 0;
  // Other methods answer without candidates; of generateContent this much is left when nothing came.
  return candidates === undefined && isRecord(json) && isRecord(json.usageMetadata) && !hasOtherResult(json);
}

function hasOtherResult(json: Record<string, unknown>): boolean {
  return Object.keys(json).some((member) =>
    !["usageMetadata", "modelVersion", "responseId"].includes(member)
  );
}

function meaningOf(event: SseEvent): EventMeaning {
  if (event.data.trim() === "") return "preamble";
  const json = parseJson(event.data);
  if (event.name === "error" || errorOf(json) !== undefined) return "error";
  if (!isRecord(json)) return "content";
  if (textAt(json, "promptFeedback", "blockReason") !== "") return "content";
  return listAt(json, "candidates").some(isMeaningful) ? "content" : "preamble";
}

/** Whether a candidate has text, a thought, a call, data, or an end. */
function isMeaningful(candidate: unknown): boolean {
  if (textAt(candidate, "finishReason") !== "") return true;
  return listAt(candidate, "content", "parts").some((part) =>
    isRecord(part) &&
    Object.entries(part).some(([member, value]) =>
      member === "text" ? value !== "" : member !== "thought" && member !== "thoughtSignature"
    )
  );
}

function readEnd(tail: string): StreamEnd {
  for (const json of linesWith(tail, "error")) if (errorOf(json) !== undefined) return "error";
  if (errorOf(parseJson(afterLastEvent(tail))) !== undefined) return "error";
  for (const json of linesWith(tail, "finishReason")) {
    if (listAt(json, "candidates").some((candidate) => textAt(candidate, "finishReason") !== "")) {
      return "complete";
    }
  }
  for (const json of linesWith(tail, "blockReason")) {
    if (textAt(json, "promptFeedback", "blockReason") !== "") return "complete";
  }
  // Without alt=sse the stream is one JSON array over many lines.
  const isArray = !/(?:^|[\r\n])data:/.test(tail) && /\]\s*$/.test(tail);
  if (isArray && /"error"\s*:\s*\{\s*"code"/.test(tail)) return "error";
  return isArray && /"(?:finishReason|blockReason)"\s*:\s*"/.test(tail) ? "complete" : "cut";
}

/** Gemini may write an error as plain JSON over several lines after its last event. */
function afterLastEvent(tail: string): string {
  const start = tail.lastIndexOf("data:");
  if (start === -1) return tail;
  const rest = tail.slice(start);
  const end = /\r\n|\n|\r/.exec(rest);
  return end === null ? "" : rest.slice(end.index).trim();
}

function readUsage(text: string, json?: unknown): TokenUsage | undefined {
  const whole = json ?? (/^\s*[{[]/.test(text) ? parseJson(text) : undefined);
  if (Array.isArray(whole)) {
    const last = whole.findLast((item) => isRecord(valueAt(item, "usageMetadata")));
    return readGeminiUsage(valueAt(last, "usageMetadata"));
  }
  if (whole !== undefined) return readGeminiUsage(valueAt(whole, "usageMetadata"));
  for (const line of linesWith(text, "usageMetadata")) {
    const usage = readGeminiUsage(valueAt(line, "usageMetadata"));
    if (usage !== undefined) return usage;
  }
  return readGeminiUsage(lastObject(text, "usageMetadata"));
}

function charactersIn(event: SseEvent): number {
  let count = 0;
  for (const candidate of listAt(parseJson(event.data), "candidates")) {
    for (const part of listAt(candidate, "content", "parts")) {
      const args = valueAt(part, "functionCall", "args");
      count += textAt(part, "text").length + (args === undefined ? 0 : JSON.stringify(args).length);
    }
  }
  return count;
}

function errorForm({ details, message, code, requestId, status }: CallerError): Record<string, unknown> {
  const metadata = { ...textual(details ?? {}), request_id: requestId };
  return {
    error: {
      code: status,
      message: `${message} (${code})`,
      status: nameOf(status),
      details: [{
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        reason: code.toUpperCase(),
        domain: "keyturn",
        metadata,
      }],
    },
  };
}

/** ErrorInfo's metadata is a map of strings. */
function textual(details: Readonly<Record<string, unknown>>): Record<string, string> {
  const entries = Object.entries(details).filter(([, value]) => value !== undefined);
  return Object.fromEntries(
    entries.map(([name, value]) => [name, typeof value === "string" ? value : JSON.stringify(value)]),
  );
}

/** google.rpc.Code of an HTTP status (googleapis/google/rpc/code.proto). */
const NAME_OF_STATUS: ReadonlyMap<number, string> = new Map([
  [401, "UNAUTHENTICATED"],
  [403, "PERMISSION_DENIED"],
  [404, "NOT_FOUND"],
  [409, "ABORTED"],
  [429, "RESOURCE_EXHAUSTED"],
  [499, "CANCELLED"],
  [500, "INTERNAL"],
  [501, "UNIMPLEMENTED"],
  [504, "DEADLINE_EXCEEDED"],
]);

function nameOf(status: number): string {
  return NAME_OF_STATUS.get(status) ?? (status >= 500 ? "UNAVAILABLE" : "INVALID_ARGUMENT");
}
