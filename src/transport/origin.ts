import type { Origin } from "./transport.ts";

/** A base URL, taken apart once when the provider is read. */
export interface Base {
  readonly origin: Origin;
  /** Path before every path of the provider: `` or `/v1`, without a trailing slash. */
  readonly prefix: string;
}

/**
 * Takes a base URL apart. Only `http:` and `https:`, without user, query and fragment. Whether the host may be
 * reached at all is not judged here.
 * @throws TypeError that says what is wrong, without repeating the URL
 */
export function parseBaseUrl(baseUrl: string): Base {
  const url = URL.parse(baseUrl);
  if (url === null) throw new TypeError("Cannot use the base URL: not a URL");
  const isTls = url.protocol === "https:";
  if (!isTls && url.protocol !== "http:") {
    throw new TypeError("Cannot use the base URL: its scheme is not http or https");
  }
  if (url.username !== "" || url.password !== "") {
    throw new TypeError("Cannot use the base URL: it holds a user name or password");
  }
  if (baseUrl.includes("?") || baseUrl.includes("#")) {
    throw new TypeError("Cannot use the base URL: it holds a query or a fragment");
  }
  const hostname = url.hostname.startsWith("[") ? url.hostname.slice(1, -1) : url.hostname;
  const port = url.port === "" ? defaultPort(isTls) : Number(url.port);
  if (port === 0) throw new TypeError("Cannot use the base URL: its port is 0");
  return { origin: { isTls, hostname, port }, prefix: url.pathname.replace(/\/+$/, "") };
}

/** `https://api.openai.com:443`: the same string for the same origin, for pools and messages. */
export function originKey(origin: Origin): string {
  return `${origin.isTls ? "https" : "http"}://${bracketed(origin.hostname)}:${origin.port}`;
}

/** Value of the `host` header: the port only when it is not the scheme's own (RFC 9110, 7.2). */
export function originAuthority(origin: Origin): string {
  const host = bracketed(origin.hostname);
  return origin.port === defaultPort(origin.isTls) ? host : `${host}:${origin.port}`;
}

function defaultPort(isTls: boolean): number {
  return isTls ? 443 : 80;
}

function bracketed(hostname: string): string {
  return hostname.includes(":") ? `[${hostname}]` : hostname;
}
