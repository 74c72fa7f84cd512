import { Buffer } from "node:buffer";
import type { Header } from "../core/http.ts";
import { BadRequest } from "./bad_request.ts";
import { authorityOf, splitTarget } from "./request_target.ts";

/** The head of one request, as strictly read as RFC 9112 allows. */
export interface RequestHead {
  readonly method: string;
  readonly path: string;
  /** Without "?". */
  readonly query: string;
  /** Names in lower case, in order. */
  readonly headers: readonly Header[];
  /** How long its body is; 0 for none. */
  readonly framing: number | "chunked";
  /** HTTP/1.0. */
  readonly isOld: boolean;
  readonly isKeepAlive: boolean;
  readonly expectsContinue: boolean;
  readonly hasUpgrade: boolean;
}

export const MAX_HEADERS = 256;

/**
 * Reads a whole head that `scanHead` has found. What two readers could understand differently is refused
 * (RFC 9112, 3.2, 5.1, 6.1 to 6.3 and 11.2).
 * @throws BadRequest
 */
export function parseRequestHead(buffer: Uint8Array, start: number, end: number): RequestHead {
  const text = Buffer.prototype.latin1Slice.call(buffer, start, end);
  // Each CR is followed by a LF here.
  const firstEnd = text.indexOf("\r");
  const methodEnd = text.indexOf(" ");
  const targetEnd = text.indexOf(" ", methodEnd + 1);
  if (methodEnd === -1 || targetEnd === -1 || targetEnd > firstEnd) {
    throw new BadRequest(400, "bad request line");
  }
  const isOld = readVersion(text, targetEnd + 1, firstEnd);
  const method = checkMethod(text.slice(0, methodEnd));
  const target = text.slice(methodEnd + 1, targetEnd);
  const headers: Header[] = [];
  let host: string | undefined;
  let length: number | undefined;
  let isChunked = false;
  let isClose = false;
  let isKept = false;
  let expectsContinue = false;
  let hasUpgrade = false;
  const last = text.length - 2;
  for (let at = firstEnd + 2; at < last;) {
    const lineEnd = text.indexOf("\r", at);
    if (headers.length === MAX_HEADERS) throw new BadRequest(431, "too many headers");
    const header = parseHeaderLine(text, at, lineEnd);
    headers.push(header);
    at = lineEnd + 2;
    const value = header[1];
    switch (header[0]) {
      case "host":
        if (host !== undefined) throw new BadRequest(400, "two hosts");
        if (!HOST.test(value)) throw new BadRequest(400, "bad host");
        host = value;
        break;
      case "content-length":
        if (length !== undefined) throw new BadRequest(400, "two content-lengths");
        length = parseLength(value);
        break;
      case "transfer-encoding":
        if (isChunked || isOld || !/^chunked$/i.test(value)) {
          throw new BadRequest(400, "transfer-encoding is not exactly chunked");
        }
        isChunked = true;
        break;
      case "connection":
        isClose ||= CLOSE.test(value);
        isKept ||= KEEP_ALIVE.test(value);
        break;
      case "expect":
        if (!/^100-continue$/i.test(value)) throw new BadRequest(417, "unknown expectation");
        // HTTP/1.0 knows no interim answers (RFC 9110, 10.1.1).
        expectsContinue = !isOld;
        break;
      case "upgrade":
        hasUpgrade = true;
        break;
    }
  }
  if (host === undefined && !isOld) throw new BadRequest(400, "no host");
  if (isChunked && length !== undefined) throw new BadRequest(400, "content-length beside transfer-encoding");
  const authority = authorityOf(target);
  if (authority !== undefined && authority.toLowerCase() !== host?.toLowerCase()) {
    throw new BadRequest(400, "the target names another host");
  }
  const { path, query } = splitTarget(target, method);
  const isKeepAlive = !isClose && (isKept || !isOld);
  const framing = isChunked ? "chunked" : length ?? 0;
  return { method, path, query, headers, framing, isOld, isKeepAlive, expectsContinue, hasUpgrade };
}

const CLOSE = /(?:^|,)[ \t]*close[ \t]*(?:,|$)/i;
const KEEP_ALIVE = /(?:^|,)[ \t]*keep-alive[ \t]*(?:,|$)/i;
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** Names, IPv4 and IPv6 addresses, with a port or without (RFC 3986, 3.2.2); never empty. */
const HOST = /^(?:[A-Za-z0-9\-._~!$&'()*+,;=%]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{0,5})?$/;

/** Whether it is HTTP/1.0. */
function readVersion(text: string, start: number, end: number): boolean {
  if (end - start === 8) {
    if (text.startsWith("HTTP/1.1", start)) return false;
    if (text.startsWith("HTTP/1.0", start)) return true;
    if (/^HTTP\/[0-9]\.[0-9]$/.test(text.slice(start, end))) throw new BadRequest(505, "not HTTP/1");
  }
  throw new BadRequest(400, "bad version");
}

function checkMethod(method: string): string {
  if (method === "POST" || method === "GET") return method;
  // The answer to CONNECT has no end of its own; the one to TRACE repeats the request, credentials included.
  if (method.length > 32 || !TOKEN.test(method) || /^(?:CONNECT|TRACE|TRACK)$/i.test(method)) {
    throw new BadRequest(400, "bad method");
  }
  return method;
}

function parseHeaderLine(text: string, start: number, end: number): Header {
  const colon = text.indexOf(":", start);
  if (colon === -1 || colon >= end) throw new BadRequest(400, "header line without colon");
  let from = colon + 1;
  let to = end;
  while (from < to && isBlank(text.charCodeAt(from))) from++;
  while (to > from && isBlank(text.charCodeAt(to - 1))) to--;
  return [lowerName(text.slice(start, colon)), text.slice(from, to)];
}

/** Names as received, to their checked lower-case form. Bounded, since callers choose the names. */
const names = new Map<string, string>();
const MAX_NAMES = 1_024;

function lowerName(name: string): string {
  const known = names.get(name);
  if (known !== undefined) return known;
  // Also refuses a blank before the colon, an empty name, and a folded line (it begins with a blank).
  if (!TOKEN.test(name)) throw new BadRequest(400, "header name is not a token");
  const lower = name.toLowerCase();
  if (names.size < MAX_NAMES && name.length <= 64) names.set(name, lower);
  return lower;
}

function parseLength(value: string): number {
  // 15 digits are exact in a double; "+5", "-5", "5, 5" and "" are no digits.
  if (!/^[0-9]{1,15}$/.test(value)) throw new BadRequest(400, "content-length is not a number");
  return Number(value);
}

function isBlank(code: number): boolean {
  return code === 32 || code === 9;
}
