import { type Header, headerValue } from "../core/http.ts";
import { CREDENTIAL_HEADERS, HOP_BY_HOP, listedInConnection } from "./hop_headers.ts";

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
  // Who calls is nobody's business, and what was asked for is what the path and the method say.
  "cf-connecting-ip",
  "cf-connecting-ipv6",
  "client-ip",
  "fastly-client-ip",
  "fly-client-ip",
  "true-client-ip",
  "x-azure-clientip",
  "x-cluster-client-ip",
  "x-envoy-external-address",
  "x-http-method",
  "x-http-method-override",
  "x-method-override",
  "x-original-url",
  "x-rewrite-url",
  "x-forwarded-for",
  "x-forwarded-host",
  "x-forwarded-port",
  "x-forwarded-proto",
  "x-pool-max-wait",
  "x-real-ip",
]);

/**
 * The caller's headers as they go upstream, then the provider's own and the credential. `identity` is asked for,
 * because what comes back must be read: usage, errors, and whether a key stands in it.
 */
export function upstreamHeaders(
  incoming: readonly Header[],
  extra: readonly Header[],
  credential: Header | undefined,
): Header[] {
  const listed = listedInConnection(incoming);
  const headers: Header[] = [];
  for (const header of incoming) {
    const name = header[0];
    if (isNotForwarded(name) || listed?.has(name) === true || name === credential?.[0]) continue;
    headers.push(header);
  }
  headers.push(["accept-encoding", "identity"]);
  for (const header of extra) if (headerValue(headers, header[0]) === undefined) headers.push(header);
  if (credential !== undefined) headers.push(credential);
  return headers;
}

function isNotForwarded(name: string): boolean {
  if (NOT_FORWARDED.has(name) || name.startsWith("x-forwarded-")) return true;
  // Many servers take "_" and "-" for the same (CGI, WSGI), so that a twin would come through.
  return name.includes("_") && isNotForwarded(name.replaceAll("_", "-"));
}
