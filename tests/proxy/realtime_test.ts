import assert from "node:assert/strict";
import { type SimulatedProvider, startSimulatedProvider } from "../../src/demo/simulated_provider.ts";
import type { SimulatedKey } from "../../src/demo/simulated_key.ts";
import {
  at,
  CLIENT_KEY,
  type KeyturnUnderTest,
  parsed,
  startKeyturn,
  until,
} from "../support/keyturn_under_test.ts";
import { callRaw } from "./raw_caller.ts";

const MODEL = "gpt-realtime";

async function start(keys: readonly SimulatedKey[]) {
  const provider = startSimulatedProvider({ dialect: "openai", keys });
  const keyturn = await startKeyturn();
  await keyturn.enterSimulated("openai", provider);
  return { provider, keyturn };
}

/** An open socket with the client key as browsers send it, and the messages that come. */
async function connect(keyturn: KeyturnUnderTest, model = MODEL, clientKey = CLIENT_KEY) {
  const url = `${keyturn.url.replace("http", "ws")}/v1/realtime?model=${model}`;
  const socket = new WebSocket(url, [
    "realtime",
    `openai-insecure-api-key.${clientKey}`,
    "openai-beta.realtime-v1",
  ]);
  const messages: unknown[] = [];
  socket.onmessage = ({ data }) => void messages.push(typeof data === "string" ? parsed(data) : data);
  const closed = new Promise<CloseEvent>((resolve) => socket.onclose = resolve);
  await new Promise((resolve, reject) => {
    socket.onopen = resolve;
    socket.onerror = reject;
  });
  return { socket, messages, closed };
}

function sent(provider: SimulatedProvider): string {
  return JSON.stringify(provider.log.map(({ query, headers }) => [query, headers]));
}

Deno.test("relayRealtime() carries a session with the pool's key, and the caller's credential goes no further", async () => {
  const { provider, keyturn } = await start([
    { secret: "revoked-key-0001", behaviour: "revoked" },
    { secret: "good-key-0001", behaviour: "ok" },
  ]);
  await using _ = keyturn;

  const { socket, messages, closed } = await connect(keyturn);
  await until(() => messages.length === 1);
  const item = { type: "message", role: "user", content: [{ type: "input_text", text: "one two" }] };
  socket.send(JSON.stringify({ type: "conversation.item.create", item }));
  socket.send(JSON.stringify({ type: "response.create" }));
  await until(() => messages.some((message) => at(message, "type") === "response.done"));
  socket.close(1000, "done");
  const { code } = await closed;
  await until(() => provider.totals.inFlight === 0);
  await until(() => keyturn.server.keyturn.live.find("openai")?.pool.counts().inFlight === 0);
  await keyturn.stop();
  const [usage] = await keyturn.usage();
  await provider.close();

  assert.equal(socket.protocol, "realtime");
  assert.equal(at(messages[0], "type"), "session.created");
  assert.equal(at(messages[0], "session", "model"), MODEL);
  assert.equal(code, 1000);
  assert.equal(provider.served.get("revoked-key-0001")?.requests, 1);
  assert.equal(provider.served.get("good-key-0001")?.succeeded, 1);
  assert.ok(!sent(provider).includes(CLIENT_KEY));
  assert.equal(usage?.attempts, 2);
});

Deno.test("relayRealtime() carries binary messages both ways and closes when the upstream does", async () => {
  const { provider, keyturn } = await start([{ secret: "good-key-0001", behaviour: "ok" }]);
  await using _ = keyturn;

  const { socket, messages, closed } = await connect(keyturn);
  socket.binaryType = "arraybuffer";
  await until(() => messages.length === 1);
  socket.send(Uint8Array.from([1, 2, 255]));
  await until(() => messages.length === 2);
  const echoed = messages[1];
  await provider.close();
  await closed;

  assert.ok(echoed instanceof ArrayBuffer);
  assert.deepEqual([...new Uint8Array(echoed)], [1, 2, 255]);
  await until(() => keyturn.server.keyturn.live.find("openai")?.pool.counts().inFlight === 0);
});

Deno.test("relayRealtime() refuses by a status of HTTP: no client key, no key that works", async () => {
  const { provider, keyturn } = await start([{ secret: "revoked-key-0001", behaviour: "revoked" }]);
  await using _ = keyturn;
  const upgrade = (key: string) =>
    callRaw(
      keyturn.url,
      `GET /v1/realtime?model=${MODEL} HTTP/1.1\r\nhost: k\r\nauthorization: Bearer ${key}\r\nupgrade: websocket\r\n` +
        "connection: Upgrade\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
    );

  const wrong = upgrade("wrong-key-0001");
  const right = upgrade(CLIENT_KEY);
  // Neither asks for a closed connection: the server's end closes both.
  await until(() => provider.totals.requests === 1);
  await until(() => keyturn.logged.length >= 0);
  await keyturn.stop();
  await provider.close();

  assert.equal((await wrong).status, 401);
  // The runtime tells the status only: without its body a 401 is in doubt, and the key rests.
  assert.equal((await right).status, 429);
});

Deno.test("relayRealtime() holds no key when the caller's handshake is not complete", async () => {
  const { provider, keyturn } = await start([{ secret: "good-key-0001", behaviour: "ok" }]);
  await using _ = keyturn;

  const got = await callRaw(
    keyturn.url,
    `GET /v1/realtime?model=${MODEL} HTTP/1.1\r\nhost: k\r\nauthorization: Bearer ${CLIENT_KEY}\r\n` +
      "upgrade: websocket\r\nconnection: close\r\n\r\n",
  );
  await until(() => provider.totals.inFlight === 0);
  const counts = keyturn.server.keyturn.live.find("openai")?.pool.counts();
  await keyturn.stop();
  await provider.close();

  assert.equal(got.status, 400);
  assert.equal(counts?.inFlight, 0);
});

Deno.test("relayRealtime() resolves an alias in the query, and holds a session to the limits of its client key", async () => {
  const { provider, keyturn } = await start([{ secret: "good-key-0001", behaviour: "ok" }]);
  await using _ = keyturn;
  await keyturn.admin("POST", "/admin/aliases", { name: "talk", target: `openai/${MODEL}` });
  const made = await keyturn.admin("POST", "/admin/client-keys", {
    name: "one at a time",
    models: ["talk"],
    limits: { concurrency: 1 },
  });
  const key = String(at(made, "key"));

  const { socket, messages, closed } = await connect(keyturn, "talk", key);
  await until(() => messages.length === 1);
  const refused = await Promise.allSettled([connect(keyturn, "talk", key), connect(keyturn, MODEL, key)]);
  socket.close(1000, "done");
  await closed;
  await until(() => provider.totals.inFlight === 0);
  const again = await connect(keyturn, "talk", key);
  again.socket.close(1000, "done");
  await again.closed;
  await keyturn.stop();
  await provider.close();

  assert.deepEqual(refused.map(({ status }) => status), ["rejected", "rejected"]);
  assert.deepEqual(provider.log.map(({ query }) => query), [`model=${MODEL}`, `model=${MODEL}`]);
});
