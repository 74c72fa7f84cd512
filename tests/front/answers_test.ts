import assert from "node:assert/strict";
import type { BodySource, Bytes } from "../../src/core/http.ts";
import type { Answer } from "../../src/proxy/answer.ts";
import { answerText, FrontUnderTest } from "./front_under_test.ts";

const GET = "GET /v1/x HTTP/1.1\r\nHost: a\r\n\r\n";
const encoder = new TextEncoder();

/** A body that gives what it is handed, when it is handed. */
class HandFed implements BodySource {
  readonly #ready: (Bytes | undefined | Error)[] = [];
  readonly cancelled = Promise.withResolvers<void>();
  reads = 0;
  #resolve: ((chunk: Bytes | undefined) => void) | undefined;
  #reject: ((error: Error) => void) | undefined;

  give(chunk: string | undefined | Error): void {
    const next = typeof chunk === "string" ? encoder.encode(chunk) : chunk;
    this.#ready.push(next);
    this.#feed();
  }

  read(): Promise<Bytes | undefined> {
    this.reads++;
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
      this.#feed();
    });
  }

  cancel(): void {
    this.cancelled.resolve();
    this.#resolve?.(undefined);
  }

  #feed(): void {
    if (this.#resolve === undefined || this.#ready.length === 0) return;
    const next = this.#ready.shift();
    if (next instanceof Error) this.#reject?.(next);
    else this.#resolve(next);
    this.#resolve = undefined;
    this.#reject = undefined;
  }
}

function answerWith(body: BodySource): Answer {
  return { status: 200, headers: [["content-type", "text/event-stream"]], body };
}

Deno.test("startFront() streams chunk by chunk as they come, and keeps the connection", async () => {
  const bodies: HandFed[] = [];
  await using under = new FrontUnderTest({
    relay: () => {
      const body = new HandFed();
      bodies.push(body);
      return Promise.resolve(answerWith(body));
    },
  });
  const client = await under.connect();

  await client.send(GET);
  const head = await client.readUntil("\r\n\r\n");
  bodies[0]?.give("data: 1\n\n");
  const first = await client.readUntil("1\n\n\r\n");
  bodies[0]?.give("data: 22222222222\n\n");
  const second = await client.readUntil("2\n\n\r\n");
  bodies[0]?.give(undefined);
  const last = await client.readUntil("\r\n\r\n");
  await client.send(GET);
  await client.readUntil("\r\n\r\n");

  assert.match(head, /^HTTP\/1\.1 200 OK\r\n[^]*transfer-encoding: chunked\r\n/);
  assert.doesNotMatch(head, /content-length/);
  assert.equal(first, "9\r\ndata: 1\n\n\r\n");
  assert.equal(second, "13\r\ndata: 22222222222\n\n\r\n");
  assert.equal(last, "0\r\n\r\n");
  assert.equal(bodies.length, 2);
});

Deno.test("startFront() ends a stream for HTTP/1.0 with its connection", async () => {
  const body = new HandFed();
  await using under = new FrontUnderTest({ relay: () => Promise.resolve(answerWith(body)) });
  body.give("one");
  body.give("two");
  body.give(undefined);

  const text = await under.exchange("GET /v1/x HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");

  assert.match(text, /connection: close\r\n[^]*\r\n\r\nonetwo$/);
  assert.doesNotMatch(text, /chunked/);
});

Deno.test("startFront() breaks the connection when the answer's source breaks", async () => {
  const body = new HandFed();
  await using under = new FrontUnderTest({ relay: () => Promise.resolve(answerWith(body)) });
  body.give("one");
  body.give(new Error("upstream"));

  const text = await under.exchange(GET);

  assert.match(text, /\r\n\r\n3\r\none\r\n$/);
});

Deno.test("startFront() writes headers byte for byte, and its own framing in the place of the relay's", async () => {
  const source = new HandFed();
  source.give("one");
  source.give(undefined);
  await using under = new FrontUnderTest({
    relay: ({ path }) => {
      const headers: [string, string][] = [["x-a", "\xe9\xff"], ["content-length", "99"], [
        "connection",
        "x-a",
      ]];
      return Promise.resolve({ status: 299, headers, body: path === "/v1/x" ? encoder.encode("b") : source });
    },
  });

  const text = await under.exchange(GET + "GET /v1/y HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");

  const date = "date: Tue, 14 Nov 2023 22:13:20 GMT\r\n\r\n";
  assert.equal(
    text,
    `HTTP/1.1 299 \r\nx-a: \xe9\xff\r\ncontent-length: 1\r\n${date}b` +
      `HTTP/1.1 299 \r\nx-a: \xe9\xff\r\nconnection: close\r\ntransfer-encoding: chunked\r\n${date}` +
      "3\r\none\r\n0\r\n\r\n",
  );
});

Deno.test("startFront() gives a large answer whole", async () => {
  const bytes = new Uint8Array(1_000_000).map((_, index) => index & 255);
  await using under = new FrontUnderTest({
    relay: () => Promise.resolve({ status: 200, headers: [], body: bytes }),
  });

  const answer = await fetch(`${under.url}/v1/x`);

  assert.deepEqual(await answer.bytes(), bytes);
});

Deno.test("startFront() pulls no more of an answer than its caller takes", async () => {
  let given = 0;
  const chunk = new Uint8Array(1_000_000);
  const source: BodySource = {
    read: () => {
      given++;
      return Promise.resolve(chunk);
    },
    cancel: () => {},
  };
  await using under = new FrontUnderTest({ relay: () => Promise.resolve(answerWith(source)) });
  const client = await under.connect();

  await client.send(GET);
  await client.readUntil("\r\n\r\n");
  // Until nothing moves any more: the buffers of both sides are full.
  for (let before = -1; before !== given;) {
    before = given;
    for (let turns = 0; turns < 200; turns++) await turn();
  }

  assert.ok(given < 40, `${given} MB were pulled`);
  client.close();
});

Deno.test("startFront() gives up an answer that its caller does not take in time", async () => {
  const cancelled = Promise.withResolvers<void>();
  const chunk = new Uint8Array(4_000_000);
  const source: BodySource = { read: () => Promise.resolve(chunk), cancel: () => cancelled.resolve() };
  await using under = new FrontUnderTest({
    relay: () => Promise.resolve(answerWith(source)),
    limits: { stallTimeoutMs: 1_000 },
  });
  const client = await under.connect();
  await client.send(GET);
  await client.readUntil("\r\n\r\n");

  let isGivenUp = false;
  cancelled.promise.then(() => isGivenUp = true);
  while (!isGivenUp) {
    await turn();
    under.ticker.advance(100);
  }

  await cancelled.promise;
});

Deno.test("Incoming.onGone() tells once that the caller left before an answer", async () => {
  const gone = Promise.withResolvers<void>();
  const arrived = Promise.withResolvers<void>();
  let calls = 0;
  await using under = new FrontUnderTest({
    relay: async (incoming) => {
      incoming.onGone(() => {
        calls++;
        gone.resolve();
      });
      arrived.resolve();
      await gone.promise;
      incoming.onGone(() => calls++);
      return answerText("nobody hears");
    },
  });
  const client = await under.connect();

  await client.send(GET);
  await arrived.promise;
  client.close();
  await gone.promise;
  await turn();

  assert.equal(calls, 2, "each callback once, the second at once");
});

Deno.test("startFront() cancels an answer's source when the caller leaves in the middle of it", async () => {
  const body = new HandFed();
  await using under = new FrontUnderTest({ relay: () => Promise.resolve(answerWith(body)) });
  const client = await under.connect();
  await client.send(GET);
  body.give("one");
  await client.readUntil("one");

  client.close();

  await body.cancelled.promise;
});

Deno.test("startFront() gives up an answer that comes when the caller has left", async () => {
  const body = new HandFed();
  const gone = Promise.withResolvers<void>();
  const arrived = Promise.withResolvers<void>();
  await using under = new FrontUnderTest({
    relay: async (incoming) => {
      incoming.onGone(gone.resolve);
      arrived.resolve();
      await gone.promise;
      return answerWith(body);
    },
  });
  const client = await under.connect();
  await client.send(GET);
  await arrived.promise;

  client.close();

  await body.cancelled.promise;
  assert.equal(body.reads, 0);
});

function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
