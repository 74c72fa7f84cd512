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
export const HOP_BY_HOP: readonly string[] = [
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

/** The headers that a message names as its own connection's; `undefined` for none. */
export function listedInConnection(headers: readonly Header[]): Set<string> | undefined {
  const value = headerValue(headers, "connection");
  if (value === undefined || value === "keep-alive" || value === "close") return undefined;
  return new Set(value.toLowerCase().split(",").map((name) => name.trim()));
}
