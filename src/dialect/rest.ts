import type { Dialect } from "./dialect.ts";

/** Idempotent methods (RFC 9110, 9.2.2): the same request twice has the effect of one. */
const IDEMPOTENT: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"]);

/**
 * Any HTTP API, passed through as it is: no word is said about its bodies, so every event is content, every
 * end complete, and usage is never known.
 */
export const REST: Dialect = {
  name: "rest",
  isRepeatable: (method) => IDEMPOTENT.has(method),
  modelInPath: () => undefined,
  readSoftFailure: () => undefined,
  meaningOf: () => "content",
  readEnd: () => "complete",
  readUsage: () => undefined,
  charactersIn: () => 0,
  renderError({ details, message, code, requestId }) {
    return JSON.stringify({ error: { ...details, code, message, request_id: requestId } });
  },
  // The form of the stream is not known: it can only be broken off.
  renderStreamError: () => "",
};
