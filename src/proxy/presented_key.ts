import type { Header } from "../core/http.ts";
import { headerValue } from "../core/http.ts";

/**
 * The client key that a caller presents: `X-Proxy-Key`, `Authorization: Bearer`, `x-api-key`,
 * `x-goog-api-key`, `api-key`, `?key=`, or the subprotocol that OpenAI's browser clients use for WebSockets.
 * `undefined` when there is none.
 */
export function presentedKey(headers: readonly Header[], query: string): string | undefined {
  const bearer = headerValue(headers, "authorization");
  const presented = headerValue(headers, "x-proxy-key") ??
    (bearer !== undefined && /^bearer /i.test(bearer) ? bearer.slice(7).trim() : undefined) ??
    headerValue(headers, "x-api-key") ??
    headerValue(headers, "x-goog-api-key") ??
    headerValue(headers, "api-key") ??
    headerValue(headers, "x-anthropic-api-key");
  if (presented !== undefined && presented !== "") return presented;
  if (query.includes("key=")) {
    const parameter = new URLSearchParams(query).get("key");
    if (parameter !== null && parameter !== "") return parameter;
  }
  return headerValue(headers, "sec-websocket-protocol")?.split(",").map((each) => each.trim())
    .find((each) => each.startsWith(SUBPROTOCOL))?.slice(SUBPROTOCOL.length);
}

/** OpenAI's realtime guide, "Connect with WebSockets": browsers cannot set headers. */
export const SUBPROTOCOL = "openai-insecure-api-key.";
