import assert from "node:assert/strict";
import { answerText, FrontUnderTest } from "./front_under_test.ts";

/** The answers of a relay that says the path it was asked for. */
const PATHS = /\/v1\/\w+?(?=HTTP|$)/g;
const CLOSE = "GET /v1/end HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

Deno.test("startFront() understands a request the same wherever it is split", async () => {
  await using under = new FrontUnderTest();
  const request = "\r\nPOST /v1/a%20b?c=d&e HTTP/1.1\r\nHost: a:1\r\nX-Two:  \t b c \t\r\nx-two: \xe9\r\n" +
    "Transfer-Encoding: Chunked\r\nConnection: close\r\n\r\n" +
    "3;a=b\r\nabc\r\n0a\r\n0123456789\r\n0\r\nX-T: u\r\n\r\n";
  const whole = await under.exchange(request);

  const answers = [];
  for (let at = 1; at < request.length; at++) {
    const client = await under.connect();
    await client.send(request.slice(0, at));
    await client.send(request.slice(at));
    answers.push(await client.readToEnd());
    client.close();
  }

  assert.deepEqual(JSON.parse(whole.slice(whole.indexOf("{"))), {
    method: "POST",
    path: "/v1/a%20b",
    query: "c=d&e",
    headers: [
      ["host", "a:1"],
      ["x-two", "b c"],
      ["x-two", "Ã©"],
      ["transfer-encoding", "Chunked"],
      ["connection", "close"],
    ],
    body: "abc0123456789",
  });
  assert.deepEqual(new Set(answers), new Set([whole]));
});

Deno.test("startFront() understands a request byte by byte", async () => {
  await using under = new FrontUnderTest();
  const request = "POST /v1/a HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello";
  const client = await under.connect();

  for (const byte of request) await client.send(byte);

  assert.match(await client.readToEnd(), /"body":"hello"}$/);
});

Deno.test("startFront() keeps a connection and answers pipelined requests in order", async () => {
  const waiting: (() => void)[] = [];
  await using under = new FrontUnderTest({
    relay: async ({ path }) => {
      if (path === "/v1/slow") await new Promise<void>((resolve) => waiting.push(resolve));
      return answerText(path);
    },
  });
  const client = await under.connect();

  await client.send("GET /v1/1 HTTP/1.1\r\nHost: a\r\n\r\n");
  const first = await client.readUntil("/v1/1");
  await client.send("GET /v1/slow HTTP/1.1\r\nHost: a\r\n\r\nGET /v1/3 HTTP/1.1\r\nHost: a\r\n\r\n" + CLOSE);
  while (waiting.length === 0) await turn();
  waiting[0]?.();
  const rest = await client.readToEnd();

  assert.doesNotMatch(first, /connection:/);
  assert.deepEqual(rest.match(PATHS), ["/v1/slow", "/v1/3", "/v1/end"]);
});

Deno.test("startFront() reduces a target in absolute form to its path", async () => {
  await using under = new FrontUnderTest();

  const text = await under.exchange(
    "GET HTTP://A:1/v1/x?y HTTP/1.1\r\nHost: a:1\r\nConnection: close\r\n\r\n",
  );

  assert.match(text, /"path":"\/v1\/x","query":"y"/);
});

Deno.test("startFront() serves HTTP/1.0 without Host, and keeps it only when asked", async () => {
  await using under = new FrontUnderTest({ relay: ({ path }) => Promise.resolve(answerText(path)) });

  const lone = await under.exchange("GET /v1/1 HTTP/1.0\r\n\r\n");
  const kept = await under.exchange(
    "GET /v1/1 HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\nGET /v1/2 HTTP/1.0\r\n\r\n",
  );

  assert.match(lone, /^HTTP\/1\.1 200 OK\r\n[^]*connection: close\r\n[^]*\/v1\/1$/);
  assert.match(kept, /connection: keep-alive\r\n[^]*\/v1\/1HTTP[^]*connection: close\r\n[^]*\/v1\/2$/);
});

Deno.test("startFront() gives no body to HEAD, 204 and 304, and keeps the connection in step", async () => {
  await using under = new FrontUnderTest({
    relay: ({ method, path }) => {
      const status = path === "/v1/204" ? 204 : path === "/v1/304" ? 304 : 200;
      const answer = answerText("body", status);
      if (method === "HEAD") answer.headers.push(["content-length", "4711"]);
      return Promise.resolve(answer);
    },
  });

  const text = await under.exchange(
    "HEAD /v1/x HTTP/1.1\r\nHost: a\r\n\r\nGET /v1/204 HTTP/1.1\r\nHost: a\r\n\r\n" +
      "GET /v1/304 HTTP/1.1\r\nHost: a\r\n\r\n" + CLOSE,
  );

  const [head = "", ...rest] = text.split(/(?=HTTP\/1\.1 )/);
  assert.match(head, /content-length: 4711\r\n[^]*\r\n\r\n$/);
  assert.deepEqual(rest.map((each) => each.slice(9, 12)), ["204", "304", "200"]);
  assert.deepEqual(rest.map((each) => each.endsWith("\r\n\r\n")), [true, true, false]);
  assert.deepEqual(rest.map((each) => each.includes("content-length")), [false, false, true]);
});

Deno.test("startFront() answers 100 when the body is first read, and not before", async () => {
  const { promise: mayRead, resolve: read } = Promise.withResolvers<void>();
  await using under = new FrontUnderTest({
    relay: async (incoming) => {
      await mayRead;
      return answerText(new TextDecoder().decode(await incoming.bytes()));
    },
  });
  const client = await under.connect();

  await client.send("POST /v1/x HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  read();
  const interim = await client.readUntil("\r\n\r\n");
  await client.send("ok");
  const answer = await client.readUntil("ok");

  assert.equal(interim, "HTTP/1.1 100 Continue\r\n\r\n");
  assert.match(answer, /^HTTP\/1\.1 200 OK/);
  assert.doesNotMatch(answer, /connection: close/);
});

Deno.test("startFront() closes after an answer that did not want the body of `Expect`", async () => {
  await using under = new FrontUnderTest({ relay: () => Promise.resolve(answerText("no", 413)) });

  const text = await under.exchange(
    "POST /v1/x HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n",
  );

  assert.match(text, /^HTTP\/1\.1 413 [^]*connection: close/);
});

Deno.test("startFront() passes over a small body that nobody read, and closes for a large one", async () => {
  await using under = new FrontUnderTest({
    relay: ({ path }) => Promise.resolve(answerText(path)),
    limits: { maxDrainBytes: 100_000 },
  });
  const small = "POST /v1/1 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" +
    `${(50_000).toString(16)}\r\n${"x".repeat(50_000)}\r\n0\r\n\r\n`;
  const large = `POST /v1/2 HTTP/1.1\r\nHost: a\r\nContent-Length: 900000\r\n\r\n${"x".repeat(300_000)}`;

  const kept = await under.exchange(small + CLOSE);
  const broken = await under.exchange(large);

  assert.deepEqual(kept.match(PATHS), ["/v1/1", "/v1/end"]);
  assert.deepEqual(broken.match(PATHS), ["/v1/2"]);
});

Deno.test("startFront() gives a large body piece by piece, byte for byte", async () => {
  await using under = new FrontUnderTest({
    relay: async (incoming) => {
      const source = incoming.body();
      let sum = 0;
      let size = 0;
      for (let chunk = await source?.read(); chunk !== undefined; chunk = await source?.read()) {
        size += chunk.length;
        for (const byte of chunk) sum = (sum * 31 + byte) % 1_000_003;
      }
      return answerText(`${size} ${sum}`);
    },
  });
  const body = Uint8Array.from({ length: 700_000 }, (_, index) => (index * 7 + (index >> 8)) & 255);
  const expected = body.reduce((sum, byte) => (sum * 31 + byte) % 1_000_003, 0);

  const known = await fetch(`${under.url}/v1/x`, { method: "POST", body });
  const chunked = await fetch(`${under.url}/v1/x`, {
    method: "POST",
    body: new Blob([body]).stream(),
  });

  assert.equal(await known.text(), `700000 ${expected}`);
  assert.equal(await chunked.text(), `700000 ${expected}`);
});

Deno.test("startFront() answers 500 where the relay rejects, or gives a head that would break apart", async () => {
  await using under = new FrontUnderTest({
    relay: ({ path }) => {
      if (path === "/v1/rejects") return Promise.reject(new Error("secret detail"));
      return Promise.resolve({ status: 200, headers: [["x-a", "b\r\nx-c: d"]], body: undefined });
    },
  });

  const rejected = await under.exchange("GET /v1/rejects HTTP/1.1\r\nHost: a\r\n\r\n");
  const broken = await under.exchange("GET /v1/broken HTTP/1.1\r\nHost: a\r\n\r\n");

  for (const text of [rejected, broken]) {
    assert.match(text, /^HTTP\/1\.1 500 [^]*"Internal error"/);
    assert.doesNotMatch(text, /secret detail|x-c:/);
  }
  assert.equal(under.logged.length, 2);
});

function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
