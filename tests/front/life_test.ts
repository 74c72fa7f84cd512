import assert from "node:assert/strict";
import { answerText, FrontUnderTest } from "./front_under_test.ts";

const GET = "GET /v1/x HTTP/1.1\r\nHost: a\r\n\r\n";

Deno.test("startFront() answers 408 to a head that does not come in time", async () => {
  await using under = new FrontUnderTest({ limits: { headTimeoutMs: 10_000 } });
  const client = await under.connect();
  await client.send(GET);
  await client.readUntil("}");
  await client.send("GET /v1/x HTTP/1.1\r\nHost");
  await untilReady(under);

  under.ticker.advance(9_999);
  under.ticker.advance(2);

  assert.match(await client.readToEnd(), /^HTTP\/1\.1 408 [^]*connection: close/);
});

Deno.test("startFront() closes a connection that says nothing, without a word", async () => {
  await using under = new FrontUnderTest({ limits: { headTimeoutMs: 10_000, idleTimeoutMs: 75_000 } });
  const silent = await under.connect();
  const idle = await under.connect();
  await idle.send(GET);
  await idle.readUntil("}");

  under.ticker.advance(10_001);
  const fromSilent = await silent.readToEnd();
  await idle.send(GET);
  const answer = await idle.readUntil("}");
  await untilReady(under);
  under.ticker.advance(75_001);

  assert.equal(fromSilent, "");
  assert.match(answer, /200 OK/);
  assert.equal(await idle.readToEnd(), "");
});

Deno.test("startFront() ends a body that stalls, and the relay hears of it", async () => {
  const reading = Promise.withResolvers<void>();
  await using under = new FrontUnderTest({
    relay: async (incoming) => {
      const bytes = incoming.bytes();
      reading.resolve();
      return answerText(await bytes.then(() => "whole", (error: Error) => error.message), 400);
    },
    limits: { stallTimeoutMs: 30_000 },
  });
  const client = await under.connect();
  await client.send("POST /v1/x HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n");
  await reading.promise;

  under.ticker.advance(30_001);

  const text = await client.readToEnd();
  assert.match(
    text,
    /^HTTP\/1\.1 400 [^]*connection: close[^]*Cannot read the body: it did not come in time$/,
  );
});

Deno.test("startFront() tells a relay whose request's body breaks off", async () => {
  const reading = Promise.withResolvers<void>();
  const told = Promise.withResolvers<string>();
  await using under = new FrontUnderTest({
    relay: async (incoming) => {
      const bytes = incoming.bytes();
      reading.resolve();
      told.resolve(await bytes.then(() => "whole", (error: Error) => error.message));
      return answerText("");
    },
  });
  const client = await under.connect();
  await client.send("POST /v1/x HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab");
  await reading.promise;

  client.close();

  assert.equal(await told.promise, "Cannot read the body: its sender has left");
});

Deno.test("startFront() refuses connections over its limit while all are busy, and takes them again", async () => {
  const arrived = Promise.withResolvers<void>();
  const go = Promise.withResolvers<void>();
  await using under = new FrontUnderTest({
    relay: async ({ path }) => {
      if (path === "/v1/slow") {
        arrived.resolve();
        await go.promise;
      }
      return answerText(path);
    },
    limits: { maxConnections: 1 },
  });
  const first = await under.connect();
  await first.send("GET /v1/slow HTTP/1.1\r\nHost: a\r\n\r\n");
  await arrived.promise;

  const refused = await under.exchange(GET);
  go.resolve();
  await first.readUntil("/v1/slow");
  const again = await under.exchange(GET.replace("Host", "Connection: close\r\nHost"));

  assert.match(refused, /^HTTP\/1\.1 503 [^]*connection: close/);
  assert.match(again, /^HTTP\/1\.1 200 /);
});

Deno.test("startFront() closes a connection that says nothing when there is no place left", async () => {
  await using under = new FrontUnderTest({ limits: { maxConnections: 2 } });
  const silent = [await under.connect(), await under.connect()];

  const answer = await under.exchange(GET.replace("Host", "Connection: close\r\nHost"));
  const ended = await Promise.race(silent.map((client) => client.readToEnd()));

  assert.match(answer, /^HTTP\/1\.1 200 /);
  assert.equal(ended, "");
});

Deno.test("startFront() hands no more than so many connections over, and closes silent ones for others", async () => {
  await using under = new FrontUnderTest({ limits: { maxHandovers: 1 } });
  const first = await under.connect();
  await first.send("GET /page HTTP/1.1\r\nHost: a\r\n\r\n");
  await first.readUntil("inner GET /page");

  const refused = await under.exchange("GET /page HTTP/1.1\r\nHost: a\r\n\r\n");
  const proxied = await under.exchange(GET.replace("Host", "Connection: close\r\nHost"));
  under.ticker.advance(5_000);
  const taken = await under.exchange("GET /page HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");

  assert.match(refused, /^HTTP\/1\.1 503 /);
  assert.match(proxied, /^HTTP\/1\.1 200 /);
  assert.match(taken, /inner GET \/page/);
  assert.equal(await first.readToEnd(), "");
});

Deno.test("startFront() closes a handed-over connection on which nothing passes", async () => {
  await using under = new FrontUnderTest({ limits: { handoverIdleMs: 300_000 } });
  const client = await under.connect();
  await client.send("GET /page HTTP/1.1\r\nHost: a\r\n\r\n");
  await client.readUntil("inner GET /page");

  under.ticker.advance(300_001);

  assert.equal(await client.readToEnd(), "");
});

Deno.test("startFront() ends a body that trickles, however often a byte comes", async () => {
  const told = Promise.withResolvers<string>();
  const reading = Promise.withResolvers<void>();
  await using under = new FrontUnderTest({
    relay: async (incoming) => {
      if (incoming.method === "GET") return answerText("");
      const bytes = incoming.bytes();
      reading.resolve();
      told.resolve(await bytes.then(() => "whole", (error: Error) => error.message));
      return answerText("", 400);
    },
    limits: { stallTimeoutMs: 60_000, bodyGraceMs: 20_000, minBodyBytesPerSecond: 240 },
  });
  const client = await under.connect();
  await client.send("POST /v1/x HTTP/1.1\r\nHost: a\r\nContent-Length: 500\r\n\r\n");
  await reading.promise;

  for (let second = 0; second <= 20; second += 5) {
    await client.send("a");
    await untilReady(under);
    under.ticker.advance(5_000);
  }

  assert.equal(await told.promise, "Cannot read the body: it did not come in time");
});

Deno.test("shutdown() lets answers under way end, closes idle connections and takes no new ones", async () => {
  const arrived = Promise.withResolvers<void>();
  const go = Promise.withResolvers<void>();
  await using under = new FrontUnderTest({
    relay: async ({ path }) => {
      if (path === "/v1/slow") {
        arrived.resolve();
        await go.promise;
      }
      return answerText(path);
    },
  });
  const idle = await under.connect();
  await idle.send(GET);
  await idle.readUntil("/v1/x");
  const busy = await under.connect();
  await busy.send("GET /v1/slow HTTP/1.1\r\nHost: a\r\n\r\n");
  await arrived.promise;

  let isOver = false;
  const over = under.front.shutdown().then(() => isOver = true);
  const fromIdle = await idle.readToEnd();
  await assert.rejects(under.connect());
  const wasOver = isOver;
  go.resolve();
  const fromBusy = await busy.readToEnd();
  await over;

  assert.equal(fromIdle, "");
  assert.equal(wasOver, false);
  assert.match(fromBusy, /^HTTP\/1\.1 200 [^]*connection: close[^]*\/v1\/slow$/);
});

Deno.test("abort() breaks off what is under way", async () => {
  const gone = Promise.withResolvers<void>();
  const arrived = Promise.withResolvers<void>();
  await using under = new FrontUnderTest({
    relay: async (incoming) => {
      incoming.onGone(gone.resolve);
      arrived.resolve();
      await gone.promise;
      return answerText("late");
    },
  });
  const client = await under.connect();
  await client.send(GET);
  await arrived.promise;

  under.front.abort();

  await gone.promise;
  assert.equal(await client.readToEnd(), "");
});

Deno.test("startFront() leaves nothing with the ticker once its connections are over", async () => {
  await using under = new FrontUnderTest();

  await under.exchange(GET.replace("Host", "Connection: close\r\nHost"));
  await under.front.shutdown();

  assert.equal(under.ticker.watchedCount, 0);
});

/** Until what was sent has been read: one exchange on a connection of its own comes after it. */
async function untilReady(under: FrontUnderTest): Promise<void> {
  await under.exchange(GET.replace("Host", "Connection: close\r\nHost"));
}
