import assert from "node:assert/strict";
import { FrontUnderTest } from "./front_under_test.ts";

const POST = "POST /v1/x HTTP/1.1\r\nHost: a\r\n";
const GET = "GET /v1/x HTTP/1.1\r\n";

/** What a request is refused for, and with which status. */
const MALFORMED: readonly [what: string, request: string, status: number][] = [
  ["no host", `${GET}\r\n`, 400],
  ["an empty host", `${GET}Host:\r\n\r\n`, 400],
  ["two hosts", `${GET}Host: a\r\nHost: a\r\n\r\n`, 400],
  ["a host with a path", `${GET}Host: a/b\r\n\r\n`, 400],
  ["a host with a user", `${GET}Host: u@a\r\n\r\n`, 400],
  ["content-length and chunked", `${POST}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n`, 400],
  ["chunked and content-length", `${POST}Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n`, 400],
  ["two content-lengths", `${POST}Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc`, 400],
  ["a list of content-lengths", `${POST}Content-Length: 3, 3\r\n\r\nabc`, 400],
  ["a signed content-length", `${POST}Content-Length: +3\r\n\r\nabc`, 400],
  ["an empty content-length", `${POST}Content-Length:\r\n\r\n`, 400],
  ["a hexadecimal content-length", `${POST}Content-Length: 0x3\r\n\r\nabc`, 400],
  ["a huge content-length", `${POST}Content-Length: 9999999999999999999\r\n\r\n`, 400],
  ["an unknown coding", `${POST}Transfer-Encoding: xchunked\r\n\r\n`, 400],
  ["two codings", `${POST}Transfer-Encoding: gzip, chunked\r\n\r\n`, 400],
  ["chunked twice", `${POST}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n`, 400],
  ["identity", `${POST}Transfer-Encoding: identity\r\n\r\n`, 400],
  ["vertical tab before chunked", `${POST}Transfer-Encoding: \vchunked\r\n\r\n`, 400],
  ["chunked in HTTP/1.0", "POST /v1/x HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400],
  ["a folded line", `${POST}X-A: b\r\n c\r\n\r\n`, 400],
  ["a folded first line", `${GET} Host: a\r\n\r\n`, 400],
  ["a blank before the colon", `${GET}Host : a\r\n\r\n`, 400],
  ["a line without colon", `${POST}X-A\r\n\r\n`, 400],
  ["an empty name", `${POST}: b\r\n\r\n`, 400],
  ["a name that is no token", `${POST}X(A): b\r\n\r\n`, 400],
  ["a name that is not ASCII", `${POST}X-\xe9: b\r\n\r\n`, 400],
  ["a bare LF after the request line", "GET /v1/x HTTP/1.1\nHost: a\r\n\r\n", 400],
  ["a bare LF after a header", `${GET}Host: a\n\r\n`, 400],
  ["a bare LF as the empty line", `${GET}Host: a\r\n\n`, 400],
  ["a bare CR in a value", `${POST}X-A: b\rc\r\n\r\n`, 400],
  ["two CRs", `${POST}X-A: b\r\r\n\r\n`, 400],
  ["a NUL in a value", `${POST}X-A: b\0c\r\n\r\n`, 400],
  ["a DEL in a value", `${POST}X-A: b\x7fc\r\n\r\n`, 400],
  ["an escape in a name", `${POST}X\x1bA: b\r\n\r\n`, 400],
  ["a NUL in the target", "GET /v1/\0 HTTP/1.1\r\nHost: a\r\n\r\n", 400],
  ["a TLS hello", "\x16\x03\x01\x02\0\x01", 400],
  ["a fragment", "GET /v1/x#y HTTP/1.1\r\nHost: a\r\n\r\n", 400],
  ["a target that is not ASCII", "GET /v1/\xe9 HTTP/1.1\r\nHost: a\r\n\r\n", 400],
  ["a target without slash", "GET v1/x HTTP/1.1\r\nHost: a\r\n\r\n", 400],
  ["an asterisk for GET", "GET * HTTP/1.1\r\nHost: a\r\n\r\n", 400],
  ["another authority", "GET http://b/v1/x HTTP/1.1\r\nHost: a\r\n\r\n", 400],
  ["an authority with a user", "GET http://u@a/v1/x HTTP/1.1\r\nHost: a\r\n\r\n", 400],
  ["another scheme", "GET ftp://a/v1/x HTTP/1.1\r\nHost: a\r\n\r\n", 400],
  ["CONNECT", "CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n", 400],
  ["a method that is no token", "G@T /v1/x HTTP/1.1\r\nHost: a\r\n\r\n", 400],
  ["no version", "GET /v1/x\r\nHost: a\r\n\r\n", 400],
  ["two blanks in the request line", "GET  /v1/x HTTP/1.1\r\nHost: a\r\n\r\n", 400],
  ["a blank after the version", "GET /v1/x HTTP/1.1 \r\nHost: a\r\n\r\n", 400],
  ["a version in lower case", "GET /v1/x http/1.1\r\nHost: a\r\n\r\n", 400],
  ["a tab in the request line", "GET\t/v1/x HTTP/1.1\r\nHost: a\r\n\r\n", 400],
  ["HTTP/1.2", "GET /v1/x HTTP/1.2\r\nHost: a\r\n\r\n", 505],
  ["HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505],
  ["an unknown expectation", `${POST}Expect: magic\r\n\r\n`, 417],
  ["a head over 64 KiB", `${POST}X-A: ${"b".repeat(66_000)}\r\n\r\n`, 431],
  ["a head without end", `${POST}X-A: ${"b".repeat(70_000)}`, 431],
  ["too many headers", `${POST}${"X-A: b\r\n".repeat(300)}\r\n`, 431],
];

Deno.test("startFront() refuses what two readers could understand differently, and closes", async (t) => {
  let relayed = 0;
  await using under = new FrontUnderTest({
    relay: () => {
      relayed++;
      return Promise.reject(new Error("relayed"));
    },
  });

  for (const [what, request, status] of MALFORMED) {
    await t.step(what, async () => {
      const text = await under.exchange(request + "GET /v1/smuggled HTTP/1.1\r\nHost: a\r\n\r\n");

      assert.match(text, new RegExp(`^HTTP/1\\.1 ${status} `));
      assert.match(text, /\r\nconnection: close\r\n/);
      assert.equal(text.split("HTTP/1.1 ").length, 2, "one answer only");
    });
  }
  assert.equal(relayed, 0);
});

const CHUNKED = `${POST}Transfer-Encoding: chunked\r\n\r\n`;

const BAD_BODIES: readonly [what: string, body: string][] = [
  ["a size that is no number", "x\r\n"],
  ["a negative size", "-1\r\n"],
  ["a size with 0x", "0x3\r\nabc\r\n0\r\n\r\n"],
  ["a size with a blank", "3 \r\nabc\r\n0\r\n\r\n"],
  ["a size too large", "fffffffffffff\r\n"],
  ["a chunk longer than its size", "3\r\nabcd\r\n0\r\n\r\n"],
  ["a bare LF after the size", "3\nabc\r\n0\r\n\r\n"],
  ["a bad extension", "3;=\r\nabc\r\n0\r\n\r\n"],
  ["an extension too long", `3;${"a".repeat(400)}\r\nabc\r\n0\r\n\r\n`],
  ["a framing header as trailer", "0\r\nContent-Length: 3\r\n\r\n"],
  ["a trailer with a NUL", "0\r\nX: \0\r\n\r\n"],
];

Deno.test("startFront() breaks a chunked body off that has no one meaning", async (t) => {
  await using under = new FrontUnderTest({
    relay: async (incoming) => {
      const told = await incoming.bytes().then((bytes) => `${bytes.length}`, (error: Error) => error.message);
      return { status: 400, headers: [], body: new TextEncoder().encode(told) };
    },
  });

  for (const [what, body] of BAD_BODIES) {
    await t.step(what, async () => {
      const text = await under.exchange(CHUNKED + body + "GET /v1/smuggled HTTP/1.1\r\nHost: a\r\n\r\n");

      assert.match(text, /^HTTP\/1\.1 400 /);
      assert.match(text, /\r\nconnection: close\r\n/);
      assert.match(text, /Cannot read the body: /);
      assert.equal(text.split("HTTP/1.1 ").length, 2, "one answer only");
    });
  }
});
