import type { Header } from "../core/http.ts";

/** How the answer's end is told to the caller. `none`: it has no body whatever its headers say. */
export type AnswerFraming = number | "chunked" | "close" | "none";

/** What becomes of the connection; `silent` where the version's own rule says it. */
export type ConnectionWord = "close" | "keep-alive" | "silent";

/**
 * The head of an answer up to and with its empty line, one char a byte. Framing, `connection` and `date` are
 * written here and nowhere else; the answer's own lines of these names are left out, except a content-length
 * beside no body (it tells what GET would give).
 * @throws TypeError for a status or header that would break the head apart, without the header's value.
 */
export function renderAnswerHead(
  status: number,
  headers: readonly Header[],
  framing: AnswerFraming,
  word: ConnectionWord,
  nowMs: number,
): string {
  let head = statusLine(status);
  for (const [name, value] of headers) {
    if (!knownNames.has(name)) checkName(name);
    if (OWN.has(name) && !(name === "content-length" && framing === "none" && status !== 204)) continue;
    if (FORBIDDEN_IN_VALUE.test(value)) throw new TypeError(`Cannot answer: bad value of header ${name}`);
    head += name + ": " + value + "\r\n";
  }
  if (word !== "silent") head += word === "close" ? "connection: close\r\n" : "connection: keep-alive\r\n";
  if (typeof framing === "number") head += "content-length: " + framing + "\r\n";
  else if (framing === "chunked") head += "transfer-encoding: chunked\r\n";
  return head + dateLine(nowMs);
}

function statusLine(status: number): string {
  const known = STATUS_LINES.get(status);
  if (known !== undefined) return known;
  if (!Number.isInteger(status) || status < 200 || status > 599) {
    throw new TypeError("Cannot answer: bad status");
  }
  return `HTTP/1.1 ${status} \r\n`;
}

const STATUS_LINES = new Map([
  [200, "OK"],
  [201, "Created"],
  [202, "Accepted"],
  [204, "No Content"],
  [206, "Partial Content"],
  [301, "Moved Permanently"],
  [302, "Found"],
  [304, "Not Modified"],
  [307, "Temporary Redirect"],
  [308, "Permanent Redirect"],
  [400, "Bad Request"],
  [401, "Unauthorized"],
  [402, "Payment Required"],
  [403, "Forbidden"],
  [404, "Not Found"],
  [405, "Method Not Allowed"],
  [408, "Request Timeout"],
  [409, "Conflict"],
  [413, "Content Too Large"],
  [415, "Unsupported Media Type"],
  [417, "Expectation Failed"],
  [422, "Unprocessable Content"],
  [429, "Too Many Requests"],
  [431, "Request Header Fields Too Large"],
  [500, "Internal Server Error"],
  [502, "Bad Gateway"],
  [503, "Service Unavailable"],
  [504, "Gateway Timeout"],
  [505, "HTTP Version Not Supported"],
].map(([status, reason]): [number, string] => [Number(status), `HTTP/1.1 ${status} ${reason}\r\n`]));

const OWN = new Set(["connection", "content-length", "date", "keep-alive", "transfer-encoding"]);
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const FORBIDDEN_IN_VALUE = /[^\t\x20-\x7e\x80-\xff]/;

/** Names found good. Bounded, since upstreams choose some of them. */
const knownNames = new Set<string>(OWN);
const MAX_KNOWN_NAMES = 1_024;

function checkName(name: string): void {
  if (!TOKEN.test(name)) throw new TypeError("Cannot answer: bad header name");
  if (OWN.has(name.toLowerCase())) throw new TypeError("Cannot answer: header name not in lower case");
  if (knownNames.size < MAX_KNOWN_NAMES) knownNames.add(name);
}

let dateSecond = -1;
let dateText = "";

/** `date` changes once a second, and the empty line follows it. */
function dateLine(nowMs: number): string {
  const second = Math.floor(nowMs / 1000);
  if (second !== dateSecond) {
    dateSecond = second;
    dateText = `date: ${new Date(nowMs).toUTCString()}\r\n\r\n`;
  }
  return dateText;
}
