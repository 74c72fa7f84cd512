/** Answers for the differential test: mostly sound ones, each perhaps with a flaw or a few bytes changed. */

export interface GeneratedAnswer {
  readonly method: "GET" | "HEAD";
  /** One char a byte. */
  readonly bytes: string;
}

/** `count` answers; the same seed gives the same ones. */
export function generateAnswers(seed: number, count: number): GeneratedAnswer[] {
  const random = createRandom(seed);
  return Array.from({ length: count }, () => generate(random));
}

type Random = (below: number) => number;

const STATUS_LINES = [
  "HTTP/1.1 200 OK",
  "HTTP/1.1 429 Too Many",
  "HTTP/1.1 500 caf\xe9",
  "HTTP/1.1 204 No Content",
];
const MORE_STATUS_LINES = [
  ...["HTTP/1.0 200 OK", "HTTP/1.1 304 Not Modified", "HTTP/1.1 200 ", "HTTP/1.1 200", "HTTP/1.1 101 Up"],
  ...[
    "HTTP/1.1 599 X",
    "HTTP/1.1 600 X",
    "HTTP/1.1 2000 OK",
    "HTTP/1.1 20 OK",
    "HTTP/2.0 200 OK",
    "http/1.1 200 OK",
  ],
  ...[
    "HTTP/1.1  200 OK",
    "HTTP/1.1\t200 OK",
    " HTTP/1.1 200 OK",
    "HTTP/1.1 200OK",
    "HTTP/1.1 +20 OK",
    "HTTP/0.9 200",
  ],
];
const HEADERS = [
  ...[
    "content-type: application/json",
    "X-Request-Id: abc",
    "Set-Cookie: a=1",
    "Set-Cookie: b=2; path=/",
    "x-empty:",
  ],
  ...[
    "Date: Mon, 02 Mar 2026 00:00:00 GMT",
    "x-blank: \t a b \t ",
    "X-Latin: caf\xe9\xff",
    "vary: a, b",
    "x!#$%&'*+-.^_`|~: 1",
  ],
];
const MORE_HEADERS = [
  ...[
    "Connection: close",
    "connection: keep-alive",
    "Content-Length: 5",
    "content-length: 0",
    "Content-Length: 5, 5",
  ],
  ...[
    "content-length: +5",
    "content-length: -1",
    "content-length: 0x5",
    "content-length:",
    "content-length: 5 5",
  ],
  ...[
    "content-length : 5",
    "content-length: 99999999999999999999",
    "content-length: 00005",
    "content-length: 5.0",
  ],
  ...["transfer-encoding: chunked", "Transfer-Encoding: CHUNKED", "transfer-encoding: gzip, chunked"],
  ...["transfer-encoding: chunked, chunked", "transfer-encoding: identity", "transfer-encoding: chunked;a=b"],
  ...[
    "transfer-encoding:",
    "transfer-encoding: xchunked",
    "transfer-encoding: chunked, gzip",
    " folded: 1",
    "\tfolded",
  ],
  ...[
    "no colon",
    ": no name",
    "bad name: 1",
    "bad(name): 1",
    "x-nul: a\0b",
    "x-cr: a\rb",
    "x-lf: a\nb",
    "x-del: a\x7f",
  ],
  ...["x-esc: \x1b", "caf\xe9: 1", "upgrade: websocket", "content-encoding: gzip", "", "trailer: x-sum"],
];
const EXTENSIONS = [
  ";a=b",
  ";a",
  ';a="b c"',
  ";",
  ";=",
  ";a=",
  "; a=b",
  " ;a=b",
  ";a=b;c",
  ';a="',
  ";a\t=b",
  ";\xe9",
];
const TRAILERS = [
  "x-sum: 1",
  "X-B:",
  "content-length: 5",
  "transfer-encoding: chunked",
  "bad",
  " x: 1",
  "a\0: 1",
  "x: \x01",
];
const SIZES = [
  "+5",
  "0x5",
  "-5",
  "5 ",
  " 5",
  "",
  "g",
  "00000000005",
  "ffffffffffffffff",
  "fffffffffffffffff",
  "5\t",
  "5;",
];
const BYTES = '\r\n\0 \t:;,+-05aF\x7f\x80\xff\x1b="';

function generate(random: Random): GeneratedAnswer {
  const method = random(12) === 0 ? "HEAD" : "GET";
  let bytes = random(12) === 0 ? "HTTP/1.1 103 Early\r\nlink: x\r\n\r\n" : "";
  bytes += pick(random, random(6) === 0 ? MORE_STATUS_LINES : STATUS_LINES) + "\r\n";
  for (let i = random(6); i > 0; i--) bytes += pick(random, HEADERS) + "\r\n";
  if (random(6) === 0) bytes += pick(random, MORE_HEADERS) + "\r\n";
  bytes += generateBody(random);
  if (random(20) === 0) bytes += pick(random, ["X", "\r\n", "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"]);
  if (random(3) === 0) { for (let i = random(2); i >= 0; i--) bytes = change(random, bytes); }
  if (random(20) === 0) bytes = bytes.slice(0, random(bytes.length));
  return { method, bytes };
}

function generateBody(random: Random): string {
  const body = "hello, world".slice(0, random(13));
  switch (random(4)) {
    case 0:
      return `\r\n${body}`;
    case 1:
      return `Content-Length: ${random(10) === 0 ? random(20) : body.length}\r\n\r\n${body}`;
    default:
      return `Transfer-Encoding: chunked\r\n\r\n${generateChunks(random, body)}`;
  }
}

function generateChunks(random: Random, body: string): string {
  let text = "";
  for (let at = 0; at < body.length;) {
    const piece = body.slice(at, at + 1 + random(6));
    const size = random(20) === 0 ? pick(random, SIZES) : piece.length.toString(16);
    text += `${size}${random(10) === 0 ? pick(random, EXTENSIONS) : ""}\r\n${piece}\r\n`;
    at += piece.length;
  }
  text += "0\r\n";
  if (random(6) === 0) text += pick(random, TRAILERS) + "\r\n";
  return text + "\r\n";
}

/** Replaces, deletes, inserts or doubles one byte. */
function change(random: Random, bytes: string): string {
  const at = random(bytes.length);
  const kind = random(4);
  const byte = kind === 1 ? "" : kind === 3 ? bytes.charAt(at) : BYTES.charAt(random(BYTES.length));
  return bytes.slice(0, at) + byte + bytes.slice(kind >= 2 ? at : at + 1);
}

function pick(random: Random, from: readonly string[]): string {
  return from[random(from.length)] ?? "";
}

/** mulberry32: small, and good enough to choose test cases. */
function createRandom(seed: number): Random {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % Math.max(below, 1);
  };
}
