import assert from "node:assert/strict";
import { type SimulatedProvider, startSimulatedProvider } from "../../src/demo/simulated_provider.ts";
import { CLIENT_KEY, type KeyturnUnderTest, startKeyturn, until } from "../support/keyturn_under_test.ts";
import { chat, CHAT_PATH, message, MESSAGES_PATH } from "./asks.ts";

const KEYS = [{ secret: "key-0001", behaviour: "ok" }] as const;
const LONG = chat("say 300 words", { stream: true });

/** Asks, reads the beginning of the answer, and leaves. */
async function askAndLeave(keyturn: KeyturnUnderTest, path: string, body: unknown): Promise<void> {
  const leaving = new AbortController();
  const response = await fetch(keyturn.url + path, {
    method: "POST",
    headers: { authorization: `Bearer ${CLIENT_KEY}`, "content-type": "application/json" },
    body: JSON.stringify(body),
    signal: leaving.signal,
  });
  const reader = response.body?.getReader();
  await reader?.read();
  leaving.abort();
  await reader?.read().catch(() => {});
}

async function withRule(
  onClientGone: string,
  test: (keyturn: KeyturnUnderTest, provider: SimulatedProvider) => Promise<void>,
): Promise<void> {
  const provider = startSimulatedProvider({ dialect: "openai", keys: KEYS, chunkDelayMs: 1 });
  await using keyturn = await startKeyturn();
  await keyturn.enterSimulated("openai", provider, { policy: { onClientGone } });
  try {
    await test(keyturn, provider);
  } finally {
    await provider.close();
  }
}

Deno.test("drained() reads on after a caller that has left, so that the provider's own counts are recorded", () =>
  withRule("drain", async (keyturn, provider) => {
    await askAndLeave(keyturn, CHAT_PATH, LONG);
    await until(() => provider.totals.inFlight === 0);
    await until(() => keyturn.server.keyturn.live.find("openai")?.pool.counts().inFlight === 0);
    await keyturn.stop();
    const [sum] = await keyturn.usage(["usageSource", "statusClass"]);

    assert.equal(provider.totals.abandoned, 0);
    assert.equal(sum?.usageSource, "reported");
    assert.equal(sum?.statusClass, 4);
    assert.equal(sum?.requests, 1);
    assert.equal(sum?.clientGone, 1);
    assert.equal(sum?.outputTokens, 300);
    assert.equal(sum?.inputTokens, provider.totals.inputTokens);
    assert.equal(sum?.failures, 0);
  }));

Deno.test("drained() reads a translated answer on, too", () =>
  withRule("drain", async (keyturn, provider) => {
    const body = message("say 300 words", { model: "gpt-4o", stream: true, max_tokens: 1_000 });

    await askAndLeave(keyturn, `/llm/openai${MESSAGES_PATH}`, body);
    await until(() => keyturn.server.keyturn.live.find("openai")?.pool.counts().inFlight === 0);
    await keyturn.stop();
    const [sum] = await keyturn.usage(["usageSource"]);

    assert.equal(provider.totals.abandoned, 0);
    assert.equal(sum?.usageSource, "reported");
    assert.equal(sum?.clientGone, 1);
    assert.equal(sum?.outputTokens, 300);
  }));

Deno.test("relay() breaks off after a caller that has left, and estimates what was used", () =>
  withRule("abort", async (keyturn, provider) => {
    await askAndLeave(keyturn, CHAT_PATH, LONG);
    await until(() => provider.totals.inFlight === 0);
    await keyturn.stop();
    const [sum] = await keyturn.usage(["usageSource"]);

    assert.equal(provider.totals.abandoned, 1);
    assert.equal(sum?.usageSource, "estimated");
    assert.equal(sum?.clientGone, 1);
    assert.equal(sum?.inputTokens, Math.ceil(JSON.stringify(LONG).length / 4));
    assert.ok(Number(sum?.outputTokens) < 300, `${sum?.outputTokens} tokens`);
  }));

for (const [rule, source] of [["drain", "reported"], ["abort", "estimated"]] as const) {
  Deno.test(`answerTo() with the rule "${rule}" records a caller that left before its answer began as ${source}`, async () => {
    const provider = startSimulatedProvider({
      dialect: "openai",
      keys: [{ secret: "key-0001", behaviour: { slowMs: 600 } }],
    });
    await using keyturn = await startKeyturn();
    await keyturn.enterSimulated("openai", provider, { policy: { onClientGone: rule } });
    const leaving = new AbortController();

    const asked = fetch(keyturn.url + CHAT_PATH, {
      method: "POST",
      headers: { authorization: `Bearer ${CLIENT_KEY}`, "content-type": "application/json" },
      body: JSON.stringify(chat("one two three")),
      signal: leaving.signal,
    });
    await until(() => provider.totals.inFlight === 1);
    leaving.abort();
    await assert.rejects(asked);
    await until(() => keyturn.server.keyturn.live.find("openai")?.pool.counts().inFlight === 0);
    await keyturn.stop();
    const [sum] = await keyturn.usage(["usageSource", "statusClass"]);
    await provider.close();

    assert.equal(sum?.usageSource, source);
    assert.equal(sum?.statusClass, 4);
    assert.equal(sum?.clientGone, 1);
    assert.equal(sum?.outputTokens, rule === "drain" ? 3 : 0);
    assert.ok(Number(sum?.inputTokens) > 0);
  });
}
