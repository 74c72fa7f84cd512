import assert from "node:assert/strict";
import { CLIENT_KEY, type KeyturnUnderTest, startKeyturn } from "../support/keyturn_under_test.ts";
import { RawServer } from "../support/raw_server.ts";
import { chat, CHAT_PATH } from "./asks.ts";
import { ScriptedUpstream } from "./scripted_upstream.ts";

const GOOD = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 13\r\n\r\n{"ok": "yes"}`;

/** An upstream that reads each request whole, breaks the first `breaks` connections off, and counts. */
function startBreaking(breaks: number) {
  const state = { requests: 0 };
  const server = new RawServer(async (connection) => {
    for (;;) {
      const head = await connection.readHead();
      if (head === undefined) return;
      await connection.readText(Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0));
      if (++state.requests <= breaks) return;
      await connection.write(GOOD);
    }
  });
  return { server, state };
}

async function enter(keyturn: KeyturnUnderTest, server: RawServer, fields: Record<string, unknown>) {
  const { hostname, port } = server.origin;
  await keyturn.enter("up", { baseUrl: `http://${hostname}:${port}`, ...fields }, ["key-0001", "key-0002"]);
}

async function upload(url: string): Promise<number> {
  const form = new FormData();
  form.append("purpose", "batch");
  form.append("file", new Blob(["one line\n"]), "lines.jsonl");
  const response = await fetch(url, {
    method: "POST",
    headers: { authorization: `Bearer ${CLIENT_KEY}` },
    body: form,
  });
  await response.body?.cancel();
  return response.status;
}

Deno.test("attempt() repeats a chat whose bytes went out and brought no answer", async () => {
  const { server, state } = startBreaking(1);
  await using _ = server;
  await using keyturn = await startKeyturn();
  await enter(keyturn, server, {});

  const got = await keyturn.ask(`/llm/up${CHAT_PATH}`, chat());

  assert.equal(got.status, 200);
  assert.equal(state.requests, 2);
});

Deno.test("attempt() does not repeat an upload whose bytes went out", async () => {
  const { server, state } = startBreaking(1);
  await using _ = server;
  await using keyturn = await startKeyturn();
  await enter(keyturn, server, {});

  const status = await upload(`${keyturn.url}/llm/up/v1/files`);

  assert.equal(status, 502);
  assert.equal(state.requests, 1);
});

Deno.test("attempt() does not repeat an upload on a kept connection that was closed meanwhile", async () => {
  let requests = 0;
  await using server = new RawServer(async (connection) => {
    // One answer, then the second request on the same connection is taken and not answered.
    for (let served = 0; served < 2; served++) {
      const head = await connection.readHead();
      if (head === undefined) return;
      await connection.readText(Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0));
      requests++;
      if (served === 0) await connection.write(GOOD);
    }
  });
  await using keyturn = await startKeyturn();
  await enter(keyturn, server, {});

  const warm = await keyturn.ask(`/llm/up${CHAT_PATH}`, chat());
  const status = await upload(`${keyturn.url}/llm/up/v1/files`);

  assert.equal(warm.status, 200);
  assert.equal(status, 200);
  assert.equal(requests, 2);
});

Deno.test("attempt() repeats an upload when the provider is set so", async () => {
  const { server, state } = startBreaking(1);
  await using _ = server;
  await using keyturn = await startKeyturn();
  await enter(keyturn, server, { policy: { repeat: "always" } });

  const status = await upload(`${keyturn.url}/llm/up/v1/files`);

  assert.equal(status, 200);
  assert.equal(state.requests, 2);
});

Deno.test("attempt() never repeats a chat when the provider is set so, but tries again where nothing went out", async () => {
  const { server, state } = startBreaking(1);
  await using _ = server;
  await using keyturn = await startKeyturn();
  await enter(keyturn, server, { policy: { repeat: "never" } });

  const got = await keyturn.ask(`/llm/up${CHAT_PATH}`, chat());

  assert.equal(got.status, 502);
  assert.equal(state.requests, 1);
});

Deno.test("attempt() repeats a raw GET, and a raw POST only when set so", async () => {
  for (
    const [method, repeat, expected] of [
      ["GET", "safe", 200],
      ["POST", "safe", 502],
      ["POST", "always", 200],
      ["GET", "never", 502],
    ] as const
  ) {
    const { server, state } = startBreaking(1);
    await using _ = server;
    await using keyturn = await startKeyturn();
    await enter(keyturn, server, { dialect: "rest", policy: { repeat } });

    const got = await keyturn.call(method, "/proxy/up/things", method === "POST" ? "{}" : undefined, {
      authorization: `Bearer ${CLIENT_KEY}`,
    });

    assert.equal(got.status, expected, `${method} ${repeat}`);
    assert.equal(state.requests, expected === 200 ? 2 : 1, `${method} ${repeat}`);
  }
});

Deno.test("runAttempts() sends a body that was too large to keep once, and whole", async () => {
  const text = "x".repeat(300_000);
  await using upstream = new ScriptedUpstream((_, index) =>
    index === 0
      ? Response.json({ error: { message: "Rate limit", code: "rate_limit_exceeded", type: "requests" } }, {
        status: 429,
      })
      : Response.json({ choices: [{ message: { content: "ok" } }] })
  );
  await using keyturn = await startKeyturn({ maxReplayBytes: 50_000 });
  await keyturn.enter("up", { baseUrl: upstream.url }, ["key-0001", "key-0002"]);

  const limited = await keyturn.ask(`/llm/up${CHAT_PATH}`, chat(text));
  const served = await keyturn.ask(`/llm/up${CHAT_PATH}`, chat(text));

  assert.equal(limited.status, 429);
  assert.equal(served.status, 200);
  assert.equal(upstream.requests.length, 2);
  for (const { body } of upstream.requests) {
    assert.equal(new TextDecoder().decode(body), JSON.stringify(chat(text)));
  }
});
