import assert from "node:assert/strict";
import { headerValue, isBytes } from "../../src/core/http.ts";
import { RawServer } from "../support/raw_server.ts";
import { failureOf, get, LIMITS, testBoth, textOf, turn, until } from "./transports.ts";

const OK = "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello";

testBoth("send() writes the head and the body as they were given", async ({ transport }) => {
  let head = "";
  let body = "";
  await using server = new RawServer(async (connection) => {
    head = await connection.readHead() ?? "";
    body = await connection.readText(3);
    await connection.write(OK);
    await connection.readToEnd();
  });

  const answer = await transport.send({
    origin: server.origin,
    method: "POST",
    path: "/v1/a%2Fb?x=1&y=%20",
    headers: [["x-api-key", "s\xe9cret"], ["content-type", "text/plain"]],
    body: new Uint8Array([97, 98, 99]),
  }, LIMITS).answer;

  assert.equal(answer.status, 200);
  assert.match(head, /^POST \/v1\/a%2Fb\?x=1&y=%20 HTTP\/1\.1\r\n/);
  assert.match(head, new RegExp(`\r\nhost: 127\\.0\\.0\\.1:${server.origin.port}\r\n`, "i"));
  assert.match(head, /\r\nx-api-key: s\xe9cret\r\n/);
  assert.match(head, /\r\ncontent-length: 3\r\n/);
  assert.doesNotMatch(head, /transfer-encoding/);
  assert.equal(body, "abc");
});

testBoth(
  "send() gives status, headers as ByteStrings and a small body as bytes",
  async ({ transport, kind }) => {
    await using server = new RawServer(async (connection) => {
      await connection.readHead();
      await connection.write(
        "HTTP/1.1 429 Slow Down\r\nX-Name: \t caf\xe9\x80 \r\nset-cookie: a=1\r\nset-cookie: b=2\r\ncontent-length: 2\r\n\r\nno",
      );
      await connection.readToEnd();
    });

    const answer = await transport.send(get(server.origin), LIMITS).answer;

    assert.equal(answer.status, 429);
    const expected = [["x-name", "caf\xe9\x80"], ["set-cookie", "a=1"], ["set-cookie", "b=2"], [
      "content-length",
      "2",
    ]];
    // Fetch sorts them.
    assert.deepEqual(answer.headers, kind === "http1" ? expected : expected.toSorted());
    assert.ok(isBytes(answer.body));
    assert.equal(await textOf(answer.body), "no");
  },
);

const BODIES: readonly [name: string, bytes: string, body: string][] = [
  ["known length", OK, "hello"],
  ["length 0", "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", ""],
  ["no reason phrase", "HTTP/1.1 200\r\ncontent-length: 2\r\n\r\nhi", "hi"],
  [
    "chunks",
    "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n",
    "hello",
  ],
  [
    "trailers",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n5\r\nhello\r\n0\r\nx-sum: 1\r\nx-b:\r\n\r\n",
    "hello",
  ],
  [
    "chunk extensions",
    'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5;a=b;c="d"\r\nhello\r\n0\r\n\r\n',
    "hello",
  ],
  ["end of connection", "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nhello", "hello"],
  ["HTTP/1.0", "HTTP/1.0 200 OK\r\n\r\nhello", "hello"],
  ["interim answers", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nlink: x\r\n\r\n" + OK, "hello"],
  ["204", "HTTP/1.1 204 No Content\r\n\r\n", ""],
  ["304 with a length", "HTTP/1.1 304 Not Modified\r\ncontent-length: 9\r\n\r\n", ""],
];

for (const [name, bytes, body] of BODIES) {
  testBoth(`send() reads a body: ${name}`, async ({ transport }) => {
    await using server = new RawServer(async (connection) => {
      await connection.readHead();
      await connection.write(bytes);
    });

    const answer = await transport.send(get(server.origin), LIMITS).answer;

    assert.equal(await textOf(answer.body), body);
  });
}

testBoth("send() of HEAD gives no body and uses the connection again", async ({ transport }) => {
  await using server = new RawServer(async (connection) => {
    while (await connection.readHead() !== undefined) {
      await connection.write("HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n");
    }
  });

  for (let i = 0; i < 3; i++) {
    const answer = await transport.send(get(server.origin, { method: "HEAD" }), LIMITS).answer;
    assert.equal(await textOf(answer.body), "");
  }

  assert.equal(server.connectionCount, 1);
});

testBoth("send() uses a connection again after each kind of whole body", async ({ transport, kind }) => {
  const reusable = BODIES.filter(([name]) => name !== "end of connection" && name !== "HTTP/1.0");
  let next = 0;
  await using server = new RawServer(async (connection) => {
    while (await connection.readHead() !== undefined) await connection.write(reusable[next++]?.[1] ?? "");
  });

  for (const [, , body] of reusable) {
    const answer = await transport.send(get(server.origin), LIMITS).answer;
    assert.equal(await textOf(answer.body), body);
    await turn();
  }

  // When exactly hyper takes a connection back is its own affair.
  assert.ok(server.connectionCount <= (kind === "http1" ? 1 : 3), `${server.connectionCount} connections`);
});

testBoth("send() gives an event stream as it comes", async ({ transport }) => {
  const { promise: hasRead, resolve: read } = Promise.withResolvers<void>();
  await using server = new RawServer(async (connection) => {
    await connection.readHead();
    await connection.write(
      "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n",
    );
    await connection.write("9\r\ndata: 1\n\n\r\n");
    await hasRead;
    await connection.write("9\r\ndata: 2\n\n\r\n0\r\n\r\n");
    await connection.readToEnd();
  });

  const { body } = await transport.send(get(server.origin), LIMITS).answer;

  assert.ok(!isBytes(body));
  assert.equal(new TextDecoder().decode(await body.read()), "data: 1\n\n");
  read();
  assert.equal(new TextDecoder().decode(await body.read()), "data: 2\n\n");
  assert.equal(await body.read(), undefined);
  assert.equal(await body.read(), undefined);
  body.cancel();
});

testBoth("send() does not read on while nobody pulls", async ({ transport }) => {
  const total = 64 * 1_048_576;
  let written = 0;
  await using server = new RawServer(async (connection) => {
    await connection.readHead();
    await connection.write(`HTTP/1.1 200 OK\r\ncontent-length: ${total}\r\n\r\n`);
    const piece = new Uint8Array(65_536);
    for (; written < total; written += piece.length) await connection.write(piece);
    await connection.readToEnd();
  });

  const { body } = await transport.send(get(server.origin), LIMITS).answer;
  let before = -1;
  while (written !== before) {
    before = written;
    for (let i = 0; i < 20; i++) await turn();
  }

  assert.ok(before < total / 2, `the sender was not stopped: ${before}`);
  assert.ok(!isBytes(body));
  let received = 0;
  for (let chunk = await body.read(); chunk !== undefined; chunk = await body.read()) {
    received += chunk.length;
  }
  assert.equal(received, total);
});

testBoth("send() streams a request's body by chunks", async ({ transport }) => {
  let sent = "";
  await using server = new RawServer(async (connection) => {
    sent = await connection.readHead() ?? "";
    sent += await connection.readUntil("0\r\n\r\n");
    await connection.write(OK);
    await connection.readToEnd();
  });
  const chunks = ["hello", "world!"].map((text) => new TextEncoder().encode(text));
  const body = { read: () => Promise.resolve(chunks.shift()), cancel: () => {} };

  const answer = await transport.send(get(server.origin, { method: "POST", body }), LIMITS).answer;

  assert.equal(await textOf(answer.body), "hello");
  assert.match(sent, /\r\ntransfer-encoding: chunked\r\n/i);
  // Fetch may join chunks.
  assert.match(sent, /\r\n\r\n(?:5\r\nhello\r\n6\r\nworld!|B\r\nhelloworld!)\r\n0\r\n\r\n$/);
});

testBoth("send() tells when the request's own body breaks off", async ({ transport }) => {
  await using server = new RawServer((connection) => connection.readToEnd());
  const body = { read: () => Promise.reject(new Error("caller left")), cancel: () => {} };

  const error = await failureOf(transport.send(get(server.origin, { method: "POST", body }), LIMITS).answer);

  assert.equal(error.fault, "request_body");
});

testBoth("send() does not follow a redirect", async ({ transport }) => {
  await using server = new RawServer(async (connection) => {
    await connection.readHead();
    await connection.write("HTTP/1.1 307 Go\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n");
    await connection.readToEnd();
  });

  const answer = await transport.send(get(server.origin), LIMITS).answer;

  assert.equal(answer.status, 307);
  assert.equal(headerValue(answer.headers, "location"), "http://127.0.0.1:1/");
});

testBoth("send() tells a refused connection and that nothing was sent", async ({ transport }) => {
  const server = new RawServer(() => Promise.resolve());
  await server.close();

  const error = await failureOf(transport.send(get(server.origin), LIMITS).answer);

  assert.equal(error.fault, "connect_failed");
  assert.equal(error.wasSent, false);
  assert.match(error.message, new RegExp(`http://127\\.0\\.0\\.1:${server.origin.port}`));
});

testBoth("send() tells a connection that breaks off before an answer", async ({ transport }) => {
  await using server = new RawServer(async (connection) => {
    await connection.readHead();
  });

  const error = await failureOf(transport.send(get(server.origin), LIMITS).answer);

  assert.equal(error.fault, "reset");
  assert.equal(error.wasSent, true);
});

testBoth("read() tells a body that breaks off", async ({ transport }) => {
  await using server = new RawServer(async (connection) => {
    await connection.readHead();
    await connection.write(
      "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n",
    );
    await connection.write("9\r\ndata: 1\n\n\r\n");
  });

  const { body } = await transport.send(get(server.origin), LIMITS).answer;
  const error = await failureOf(textOf(body));

  assert.equal(error.fault, "reset");
  assert.equal(error.wasSent, true);
});

testBoth("abort() before the answer rejects it and closes the connection", async ({ transport, ticker }) => {
  const { promise: hasHead, resolve: gotHead } = Promise.withResolvers<void>();
  const { promise: hasEnded, resolve: ended } = Promise.withResolvers<void>();
  await using server = new RawServer(async (connection) => {
    await connection.readHead();
    gotHead();
    await connection.readToEnd();
    ended();
  });

  const call = transport.send(get(server.origin), LIMITS);
  await hasHead;
  call.abort();
  call.abort();

  assert.equal((await failureOf(call.answer)).fault, "cancelled");
  await hasEnded;
  assert.equal(ticker.watchedCount, 0);
});

testBoth("cancel() of an unfinished body closes the connection", async ({ transport, ticker }) => {
  const { promise: hasEnded, resolve: ended } = Promise.withResolvers<void>();
  await using server = new RawServer(async (connection) => {
    await connection.readHead();
    await connection.write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n");
    await connection.readToEnd();
    ended();
  });

  const call = transport.send(get(server.origin), LIMITS);
  const { body } = await call.answer;
  assert.ok(!isBytes(body));
  await body.read();
  const reading = failureOf(body.read());
  body.cancel();
  body.cancel();
  call.abort();

  assert.equal((await reading).fault, "cancelled");
  await hasEnded;
  assert.equal(ticker.watchedCount, 0);
});

testBoth("close() ends a body that is being read", async ({ transport, ticker }) => {
  await using server = new RawServer(async (connection) => {
    await connection.readHead();
    await connection.write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n");
    await connection.readToEnd();
  });
  const { body } = await transport.send(get(server.origin), LIMITS).answer;
  assert.ok(!isBytes(body));
  await body.read();

  const reading = failureOf(body.read());
  transport.close();

  assert.equal((await reading).fault, "cancelled");
  assert.equal((await failureOf(transport.send(get(server.origin), LIMITS).answer)).fault, "cancelled");
  assert.equal(ticker.watchedCount, 0);
});

testBoth("send() gives up when no answer begins in time", async ({ transport, ticker, kind }) => {
  const { promise: hasHead, resolve: gotHead } = Promise.withResolvers<void>();
  await using server = new RawServer(async (connection) => {
    await connection.readHead();
    gotHead();
    await connection.readToEnd();
  });

  const { answer } = transport.send(get(server.origin), LIMITS);
  await hasHead;
  // Until our side knows that its write has ended.
  for (let i = 0; i < 20; i++) await turn();
  ticker.advance(kind === "fetch" ? 3_000 : 2_000);
  const error = await failureOf(answer);

  assert.equal(error.fault, "first_byte_timeout");
  assert.equal(error.wasSent, true);
});

testBoth("send() gives up at the deadline, and at once when it has passed", async ({ transport, ticker }) => {
  const { promise: hasHead, resolve: gotHead } = Promise.withResolvers<void>();
  await using server = new RawServer(async (connection) => {
    await connection.readHead();
    gotHead();
    await connection.readToEnd();
  });
  const limits = { ...LIMITS, deadlineMs: ticker.now() + 500 };

  const { answer } = transport.send(get(server.origin), limits);
  await hasHead;
  ticker.advance(500);
  const error = await failureOf(answer);
  const late = await failureOf(transport.send(get(server.origin), limits).answer);

  assert.equal(error.fault, "deadline");
  assert.equal(late.fault, "deadline");
  assert.equal(late.wasSent, false);
});

testBoth(
  "read() gives up on a silent body, but only while a read is pending",
  async ({ transport, ticker }) => {
    await using server = new RawServer(async (connection) => {
      await connection.readHead();
      await connection.write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n");
      await connection.readToEnd();
    });

    const { body } = await transport.send(get(server.origin), LIMITS).answer;
    assert.ok(!isBytes(body));
    ticker.advance(60_000);
    const first = await body.read();
    ticker.advance(60_000);
    const reading = failureOf(body.read());
    await turn();
    ticker.advance(3_000);

    assert.equal(first?.length, 3);
    assert.equal((await reading).fault, "idle_timeout");
  },
);

testBoth("send() gives up on a whole body that stops", async ({ transport, ticker }) => {
  await using server = new RawServer(async (connection) => {
    await connection.readHead();
    await connection.write("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc");
    await connection.readToEnd();
  });

  const { answer } = transport.send(get(server.origin), LIMITS);
  const failing = failureOf(answer);
  await until(() => {
    ticker.advance(1_000);
    return ticker.watchedCount === 0;
  });

  assert.match((await failing).fault, /^(?:idle|first_byte|connect)_timeout$/);
});

const BAD_REQUESTS: readonly [name: string, path: string, method: string, header: [string, string]][] = [
  ["CR in a value", "/", "GET", ["x-secret", "a\rb"]],
  ["LF in a value", "/", "GET", ["x-secret", "a\nb: c"]],
  ["NUL in a value", "/", "GET", ["x-secret", "a\0b"]],
  ["more than a byte in a value", "/", "GET", ["x-secret", "a\u0101b"]],
  ["blank in a name", "/", "GET", ["x secret", "a"]],
  ["colon in a name", "/", "GET", ["x:secret", "a"]],
  ["a length of the caller's", "/", "GET", ["Content-Length", "5"]],
  ["a host of the caller's", "/", "GET", ["host", "evil"]],
  ["blank in the path", "/a b", "GET", ["a", "b"]],
  ["LF in the path", "/a\nb", "GET", ["a", "b"]],
  ["path without slash", "a", "GET", ["a", "b"]],
  ["blank in the method", "/", "GE T", ["a", "b"]],
  ["CONNECT", "/", "CONNECT", ["a", "b"]],
];

testBoth("send() refuses what would break the head apart", async ({ transport }) => {
  await using server = new RawServer(() => Promise.resolve());

  for (const [name, path, method, header] of BAD_REQUESTS) {
    const call = transport.send({ origin: server.origin, method, path, headers: [header] }, LIMITS);
    const error = await failureOf(call.answer);

    assert.equal(error.fault, "protocol", name);
    assert.equal(error.wasSent, false, name);
    assert.doesNotMatch(error.message, /[\r\n\0]/, name);
    assert.ok(!error.message.includes(header[1]) || header[1].length === 1, name);
  }
  assert.equal(server.connectionCount, 0);
});
