/** Google's names of failures. Source: https://google.aip.dev/193, googleapis google/rpc/code.proto */
const CODES: ReadonlyMap<string, number> = new Map([
  ["INVALID_ARGUMENT", 400],
  ["FAILED_PRECONDITION", 400],
  ["UNAUTHENTICATED", 401],
  ["PERMISSION_DENIED", 403],
  ["NOT_FOUND", 404],
  ["ABORTED", 409],
  ["RESOURCE_EXHAUSTED", 429],
  ["CANCELLED", 499],
  ["INTERNAL", 500],
  ["UNIMPLEMENTED", 501],
  ["UNAVAILABLE", 503],
  ["DEADLINE_EXCEEDED", 504],
]);

/** Other providers' words for what happens in the middle of an answer. */
const STATUSES: ReadonlyMap<string, string> = new Map([
  ["rate_limit_error", "RESOURCE_EXHAUSTED"],
  ["rate_limit_exceeded", "RESOURCE_EXHAUSTED"],
  ["rate_limited", "RESOURCE_EXHAUSTED"],
  ["timeout_error", "DEADLINE_EXCEEDED"],
  ["upstream_timeout", "DEADLINE_EXCEEDED"],
  ["invalid_request_error", "INVALID_ARGUMENT"],
  ["api_error", "INTERNAL"],
  ["server_error", "INTERNAL"],
]);

/** The error object of a stream that breaks off. */
export function geminiErrorBody(message: string, code: string): Record<string, unknown> {
  const status = CODES.has(code) ? code : STATUSES.get(code) ?? "UNAVAILABLE";
  return { error: { code: CODES.get(status) ?? 503, message, status } };
}
