import assert from "node:assert/strict";
import { answerText, FrontUnderTest } from "./front_under_test.ts";

Deno.test("startFront() hands what is not for the proxy path to the fallback, with the caller's address", async () => {
  const callers: Deno.Addr[] = [];
  await using under = new FrontUnderTest({
    fallback: async (request, { remoteAddr }) => {
      callers.push({ ...remoteAddr });
      return new Response(`${request.method} ${request.url} ${await request.text()}`);
    },
  });
  const client = await under.connect();

  await client.send("POST /admin/x?y HTTP/1.1\r\nHost: a:1\r\nContent-Length: 4\r\n\r\nab");
  await client.send("cd");
  const first = await client.readUntil("abcd");
  await client.send("GET /v1/x HTTP/1.1\r\nHost: a:1\r\n\r\n");
  const second = await client.readUntil("/v1/x ");

  assert.match(first, /^HTTP\/1\.1 200 OK\r\n[^]*POST http:\/\/a:1\/admin\/x\?y abcd$/);
  assert.match(second, /GET http:\/\/a:1\/v1\/x $/, "the rest of the connection stays there");
  assert.deepEqual(
    callers,
    Array(2).fill({ transport: "tcp", hostname: "127.0.0.1", port: client.port }),
  );
});

Deno.test("startFront() hands a kept connection over in the middle, in order", async () => {
  await using under = new FrontUnderTest({ relay: ({ path }) => Promise.resolve(answerText(path)) });

  const text = await under.exchange(
    "GET /v1/1 HTTP/1.1\r\nHost: a\r\n\r\nGET /page HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
  );

  assert.match(text, /^HTTP\/1\.1 200 OK[^]*\/v1\/1HTTP\/1\.1 200 OK[^]*inner GET \/page/);
});

Deno.test("startFront() lets a WebSocket through, also on a path of the proxy", async () => {
  await using under = new FrontUnderTest({
    fallback: (request) => {
      const { socket, response } = Deno.upgradeWebSocket(request);
      socket.onmessage = ({ data }) => {
        socket.send(`heard ${data}`);
        socket.close();
      };
      return response;
    },
  });
  const heard = Promise.withResolvers<string>();
  const closed = Promise.withResolvers<void>();

  const socket = new WebSocket(`${under.url}/v1/realtime`);
  socket.onopen = () => socket.send("hello");
  socket.onmessage = ({ data }) => heard.resolve(data);
  socket.onclose = () => closed.resolve();

  assert.equal(await heard.promise, "heard hello");
  await closed.promise;
});

Deno.test("startFront() lets the fallback know that its caller has left", async () => {
  const aborted = Promise.withResolvers<void>();
  const arrived = Promise.withResolvers<void>();
  await using under = new FrontUnderTest({
    fallback: async (request) => {
      request.signal.addEventListener("abort", () => aborted.resolve());
      arrived.resolve();
      await aborted.promise;
      return new Response();
    },
  });
  const client = await under.connect();
  await client.send("GET /page HTTP/1.1\r\nHost: a\r\n\r\n");
  await arrived.promise;

  client.close();

  await aborted.promise;
});

Deno.test("shutdown() waits for answers of the fallback, and ends WebSockets", async () => {
  const arrived = Promise.withResolvers<void>();
  const go = Promise.withResolvers<void>();
  await using under = new FrontUnderTest({
    fallback: async (request) => {
      if (request.headers.get("upgrade") !== null) return Deno.upgradeWebSocket(request).response;
      arrived.resolve();
      await go.promise;
      return new Response("done");
    },
  });
  const socket = new WebSocket(`${under.url}/v1/realtime`);
  const closed = Promise.withResolvers<void>();
  await new Promise<void>((resolve) => socket.onopen = () => resolve());
  socket.onerror = () => {};
  socket.onclose = () => closed.resolve();
  const client = await under.connect();
  await client.send("GET /page HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  await arrived.promise;

  const over = under.front.shutdown();
  go.resolve();
  const text = await client.readToEnd();
  under.ticker.advance(2_001);
  await over;
  await closed.promise;

  assert.match(text, /^HTTP\/1\.1 200 OK[^]*done$/);
});
