import assert from "node:assert/strict";
import { startSimulatedProvider } from "../../src/demo/simulated_provider.ts";
import { CLIENT_KEY, startKeyturn, until } from "../support/keyturn_under_test.ts";
import { chat, CHAT_PATH } from "./asks.ts";

const KEYS = [{ secret: "key-0001", behaviour: "ok" }, { secret: "key-0002", behaviour: "ok" }] as const;
const HEADERS = { authorization: `Bearer ${CLIENT_KEY}`, "content-type": "application/json" };

Deno.test("relay() breaks the upstream's stream off when its caller leaves in the middle", async () => {
  const provider = startSimulatedProvider({ dialect: "openai", keys: KEYS, chunkDelayMs: 10 });
  await using keyturn = await startKeyturn();
  await keyturn.enterSimulated("openai", provider);
  const leaving = new AbortController();

  const response = await fetch(keyturn.url + CHAT_PATH, {
    method: "POST",
    headers: HEADERS,
    body: JSON.stringify(chat("say 5000 words", { stream: true })),
    signal: leaving.signal,
  });
  const reader = response.body?.getReader();
  await reader?.read();
  leaving.abort();
  await reader?.read().catch(() => {});
  await until(() => provider.totals.inFlight === 0);
  const counts = keyturn.server.keyturn.live.find("openai")?.pool.counts();
  await keyturn.stop();
  const [usage] = await keyturn.usage();
  await provider.close();

  assert.equal(provider.totals.abandoned, 1);
  assert.equal(provider.totals.requests, 1);
  assert.equal(counts?.inFlight, 0);
  assert.equal(counts?.ready, 2);
  assert.equal(usage?.attempts, 1);
});

Deno.test("relay() breaks the upstream's call off when its caller leaves before the first byte", async () => {
  const provider = startSimulatedProvider({ dialect: "openai", keys: KEYS, outage: "hang" });
  await using keyturn = await startKeyturn();
  await keyturn.enterSimulated("openai", provider);
  const leaving = new AbortController();

  const asked = fetch(keyturn.url + CHAT_PATH, {
    method: "POST",
    headers: HEADERS,
    body: JSON.stringify(chat()),
    signal: leaving.signal,
  });
  await until(() => provider.totals.inFlight === 1);
  leaving.abort();
  await assert.rejects(asked);
  await until(() => provider.totals.inFlight === 0);
  const counts = keyturn.server.keyturn.live.find("openai")?.pool.counts();
  await keyturn.stop();
  await provider.close();

  assert.equal(provider.totals.abandoned, 1);
  assert.equal(provider.totals.requests, 1);
  assert.equal(counts?.inFlight, 0);
  assert.equal(counts?.ready, 2);
});
