import { type Header, headerValue } from "../core/http.ts";
import type { Secret } from "../core/secret.ts";
import { eraserOf } from "../dialect/key_eraser.ts";
import { CREDENTIAL_HEADERS, HOP_BY_HOP, listedInConnection } from "./hop_headers.ts";

/** Answers' headers that would act on our origin, or that describe a connection that ends here. */
const NOT_ANSWERED = new Set([
  ...HOP_BY_HOP,
  ...CREDENTIAL_HEADERS,
  "accept-ch",
  "activate-storage-access",
  "alt-svc",
  "clear-site-data",
  "content-length",
  "content-security-policy",
  "content-security-policy-report-only",
  "cross-origin-embedder-policy",
  "cross-origin-opener-policy",
  "cross-origin-resource-policy",
  "critical-ch",
  "document-policy",
  "link",
  "login-status",
  "nel",
  // Whose account it is.
  "anthropic-organization-id",
  "openai-organization",
  "openai-project",
  "origin-agent-cluster",
  "permissions-policy",
  "public-key-pins",
  "refresh",
  "report-to",
  "reporting-endpoints",
  "server",
  "set-login",
  "speculation-rules",
  "service-worker-allowed",
  "set-cookie",
  "set-cookie2",
  "sourcemap",
  "strict-transport-security",
  "timing-allow-origin",
  "via",
  // A browser would ask its user for a password of ours.
  "www-authenticate",
  // A web server in front would send a file of its own.
  "x-lighttpd-send-file",
  "x-powered-by",
  "x-reproxy-url",
  "x-sendfile",
]);

/** CORS; what a page of ours would do (htmx); what nginx in front would do. */
const NOT_ANSWERED_PREFIXES = /^(?:access-control-|hx-|x-accel-)/;

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
  secrets: readonly Secret[],
): [string, string][] {
  const listed = listedInConnection(upstream);
  const mayHold = holdsAny(upstream, secrets);
  const headers: [string, string][] = [];
  for (const [name, value] of upstream) {
    if (NOT_ANSWERED.has(name) || listed?.has(name) === true || OURS.has(name)) continue;
    if (NOT_ANSWERED_PREFIXES.test(name)) continue;
    if (notes.limits !== undefined && RATE_LIMITS.has(name)) continue;
    if (mayHold && holdsAny([[name, value]], secrets)) continue;
    headers.push([name === "x-request-id" ? "x-upstream-request-id" : name, value]);
  }
  addNotes(headers, notes);
  return headers;
}

/** An upstream's headers that a caller of another dialect can use, by the names that they get. */
const TRANSLATED: ReadonlyMap<string, string> = new Map([
  ["x-request-id", "x-upstream-request-id"],
  ["request-id", "x-upstream-request-id"],
  ["retry-after", "retry-after"],
  ["retry-after-ms", "retry-after-ms"],
]);

/**
 * Headers of an answer that was translated: nothing of the upstream's but what is known to be meant for the caller.
 * `ignored` names the fields of the request that could not be carried.
 */
export function translatedHeaders(
  upstream: readonly Header[],
  contentType: string,
  notes: AnswerNotes,
  ignored: readonly string[],
  secrets: readonly Secret[],
): [string, string][] {
  const headers: [string, string][] = [["content-type", contentType]];
  for (const [name, value] of upstream) {
    const known = TRANSLATED.get(name);
    if (known !== undefined && !holdsAny([[name, value]], secrets)) {
      headers.push([known, value]);
    }
  }
  if (ignored.length > 0) headers.push(["x-keyturn-ignored", listOf(ignored)]);
  addNotes(headers, notes);
  return headers;
}

const MAX_LIST_CHARS = 1000;

/** Names of a caller's own choosing may be among them. */
function listOf(names: readonly string[]): string {
  const list = names.map((name) => name.slice(0, 100).replaceAll(/[^\x21-\x2b\x2d-\x7e]/g, "_")).join(", ");
  return list.length <= MAX_LIST_CHARS ? list : `${list.slice(0, MAX_LIST_CHARS)}...`;
}

/** All lines are searched at once, because nearly never is there anything to find. */
function holdsAny(headers: readonly Header[], secrets: readonly Secret[]): boolean {
  if (secrets.length === 0) return false;
  let lines = "";
  for (const [name, value] of headers) lines += name + ":" + value + "\n";
  return secrets.some((secret) => eraserOf(secret).isIn(lines));
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

/** Whether an answer is a stream of server-sent events. */
export function isEventStream(headers: readonly Header[]): boolean {
  return /^text\/event-stream\b/i.test(headerValue(headers, "content-type") ?? "");
}
