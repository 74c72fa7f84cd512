import { type Header, headerValue } from "../core/http.ts";

/** Where a caller's credential may stand. None of these headers ever travels upstream. */
export const CREDENTIAL_HEADERS: readonly string[] = [
  "authorization",
  "x-api-key",
  "x-goog-api-key",
  "api-key",
  "x-proxy-key",
  "x-anthropic-api-key",
];

/** RFC 9110 section 7.6.1, and what frames a message: each connection has its own. */
const HOP_BY_HOP = [
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
];

const NOT_FORWARDED = new Set([
  ...HOP_BY_HOP,
  ...CREDENTIAL_HEADERS,
  "accept-encoding",
  "content-length",
  "cookie",
  "expect",
  "forwarded",
  "host",
  "http2-settings",
  "origin",
  "referer",
  "sec-websocket-extensions",
  "sec-websocket-key",
  "sec-websocket-protocol",
  "sec-websocket-version",
  "via",
  "x-admin-key",
  "x-client-ip",
  "x-forwarded-for",
  "x-forwarded-host",
  "x-forwarded-port",
  "x-forwarded-proto",
  "x-pool-max-wait",
  "x-real-ip",
]);

/**
 * The caller's headers as they go upstream, then the provider's own and the credential. `identity` is asked
 * for where the answer must be read (usage, errors); a `rest` caller keeps its own `accept-encoding`.
 */
export function upstreamHeaders(
  incoming: readonly Header[],
  extra: readonly Header[],
  credential: Header | undefined,
  isRaw: boolean,
): Header[] {
  const listed = listedInConnection(incoming);
  const headers: Header[] = [];
  for (const header of incoming) {
    const name = header[0];
    if (NOT_FORWARDED.has(name) || listed?.has(name) === true) continue;
    headers.push(header);
  }
  const encoding = isRaw ? headerValue(incoming, "accept-encoding") : undefined;
  headers.push(["accept-encoding", encoding ?? "identity"]);
  for (const header of extra) if (headerValue(headers, header[0]) === undefined) headers.push(header);
  if (credential !== undefined) headers.push(credential);
  return headers;
}

/** Answers' headers that would act on our origin, or that describe a connection that ends here. */
const NOT_ANSWERED = new Set([
  ...HOP_BY_HOP,
  ...CREDENTIAL_HEADERS,
  "access-control-allow-credentials",
  "access-control-allow-headers",
  "access-control-allow-methods",
  "access-control-allow-origin",
  "access-control-expose-headers",
  "access-control-max-age",
  "alt-svc",
  "clear-site-data",
  "content-length",
  "content-security-policy",
  "content-security-policy-report-only",
  "cross-origin-embedder-policy",
  "cross-origin-opener-policy",
  "cross-origin-resource-policy",
  "link",
  "nel",
  "public-key-pins",
  "refresh",
  "report-to",
  "reporting-endpoints",
  "server",
  "service-worker-allowed",
  "set-cookie",
  "set-cookie2",
  "sourcemap",
  "strict-transport-security",
  "via",
  "x-powered-by",
]);

/** What we say of the request ourselves, beside the upstream's headers. */
export interface AnswerNotes {
  readonly requestId: string;
  readonly provider: string | undefined;
  readonly attempts: number;
  readonly elapsedMs: number;
  /** `X-RateLimit-*` of the client key, where it has limits: in the place of the upstream's own. */
  readonly limits?: readonly Header[] | undefined;
}

/**
 * An upstream's headers as the caller gets them, without those that repeat one of the `secrets`. The
 * upstream's own `x-request-id` moves to `x-upstream-request-id`.
 */
export function callerHeaders(
  upstream: readonly Header[],
  notes: AnswerNotes,
  secrets: readonly string[],
): [string, string][] {
  const listed = listedInConnection(upstream);
  const headers: [string, string][] = [];
  for (const [name, value] of upstream) {
    if (NOT_ANSWERED.has(name) || listed?.has(name) === true || OURS.has(name)) continue;
    if (notes.limits !== undefined && RATE_LIMITS.has(name)) continue;
    if (secrets.some((secret) => repeats(value, secret))) continue;
    headers.push([name === "x-request-id" ? "x-upstream-request-id" : name, value]);
  }
  addNotes(headers, notes);
  return headers;
}

/** As it is, or as it stands in a URL. */
function repeats(value: string, secret: string): boolean {
  return value.includes(secret) || (value.includes("%") && value.includes(encodeURIComponent(secret)));
}

const OURS = new Set([
  "x-proxy-provider",
  "x-proxy-attempts",
  "x-proxy-response-time",
  "x-content-type-options",
]);

const RATE_LIMITS = new Set(["x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"]);

/** Adds the headers that every answer of the proxy carries. */
export function addNotes(headers: [string, string][], notes: AnswerNotes): void {
  headers.push(["x-request-id", notes.requestId], ["x-content-type-options", "nosniff"]);
  // An upstream's page must never run as a page of this origin.
  headers.push(["content-security-policy", "sandbox"]);
  if (notes.provider !== undefined) headers.push(["x-proxy-provider", notes.provider]);
  headers.push(["x-proxy-attempts", String(notes.attempts)]);
  for (const [name, value] of notes.limits ?? []) headers.push([name.toLowerCase(), value]);
  headers.push(["x-proxy-response-time", `${Math.round(notes.elapsedMs)}ms`]);
}

function listedInConnection(headers: readonly Header[]): Set<string> | undefined {
  const value = headerValue(headers, "connection");
  if (value === undefined || value === "keep-alive" || value === "close") return undefined;
  return new Set(value.toLowerCase().split(",").map((name) => name.trim()));
}

/** Whether an answer is a stream of server-sent events. */
export function isEventStream(headers: readonly Header[]): boolean {
  return /^text\/event-stream\b/i.test(headerValue(headers, "content-type") ?? "");
}
