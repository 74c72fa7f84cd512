import { isBytes } from "../core/http.ts";
import { originAuthority } from "./origin.ts";
import { TransportError, type UpstreamRequest } from "./transport.ts";

/**
 * The head of a request up to and with its empty line, one char a byte. Framing is written here and nowhere
 * else: content-length for bytes, chunked for a source.
 * @throws TransportError "protocol", naming a header but never its value
 */
export function renderHead(request: UpstreamRequest): string {
  checkTarget(request);
  const { method, headers, body } = request;
  let head = `${method} ${request.path} HTTP/1.1\r\nhost: ${originAuthority(request.origin)}\r\n`;
  for (const [name, value] of headers) {
    checkHeader(name, value);
    head += name + ": " + value + "\r\n";
  }
  if (body === undefined || (isBytes(body) && body.length === 0)) {
    return head + (mayHaveBody(method) ? "content-length: 0\r\n\r\n" : "\r\n");
  }
  return head +
    (isBytes(body) ? `content-length: ${body.length}\r\n\r\n` : "transfer-encoding: chunked\r\n\r\n");
}

/**
 * Refuses a method or path that would not arrive as it is.
 * @throws TransportError "protocol"
 */
export function checkTarget(request: UpstreamRequest): void {
  // The answer to CONNECT has no end of its own; the one to TRACE repeats the request, with the key.
  if (!TOKEN.test(request.method) || BAD_METHODS.test(request.method)) throw refuse("bad method");
  if (!PATH.test(request.path)) throw refuse("bad path");
}

/**
 * Refuses a header that would break the head apart, or whose line is the transport's own.
 * @throws TransportError "protocol", naming the header
 */
export function checkHeader(name: string, value: string): void {
  if (!knownNames.has(name)) {
    if (!TOKEN.test(name)) throw refuse(`bad header name ${JSON.stringify(name.slice(0, 64))}`);
    if (OWN.has(name.toLowerCase())) throw refuse(`header ${name} is the transport's own`);
    if (knownNames.size < MAX_KNOWN_NAMES) knownNames.add(name);
  }
  if (FORBIDDEN_IN_VALUE.test(value)) throw refuse(`bad value of header ${name}`);
}

const OWN = new Set(["host", "content-length", "transfer-encoding"]);
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const BAD_METHODS = /^(?:CONNECT|TRACE|TRACK)$/i;
const PATH = /^\/[\x21\x22\x24-\x7e]*$/;
const FORBIDDEN_IN_VALUE = /[^\t\x20-\x7e\x80-\xff]/;

/** Names found good. Bounded, since callers choose some of them. */
const knownNames = new Set<string>();
const MAX_KNOWN_NAMES = 1_024;

function mayHaveBody(method: string): boolean {
  return method === "POST" || method === "PUT" || method === "PATCH";
}

function refuse(state: string): TransportError {
  return new TransportError("protocol", `Cannot send the request: ${state}`, false);
}
