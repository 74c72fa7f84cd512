import assert from "node:assert/strict";
import type { KeyBehaviour } from "../../src/demo/simulated_key.ts";
import { startSimulatedProvider } from "../../src/demo/simulated_provider.ts";
import { at, CLIENT_KEY, startKeyturn, until } from "../support/keyturn_under_test.ts";
import { chat, CHAT_PATH, message, MESSAGES_PATH } from "./asks.ts";
import { ScriptedUpstream } from "./scripted_upstream.ts";

const LIMIT = JSON.stringify({
  error: { message: "Rate limit reached", type: "requests", param: null, code: "rate_limit_exceeded" },
});

/** What an OpenAI that limits each key says, with or without a time. */
function limited(headers: Record<string, string> = {}): Response {
  return new Response(LIMIT, { status: 429, headers: { "content-type": "application/json", ...headers } });
}

function keysThat(behaviour: KeyBehaviour, count: number) {
  return Array.from({ length: count }, (_, index) => ({ secret: `key-number-000${index}`, behaviour }));
}

Deno.test("shortageError() answers 429 with Retry-After and the counts when all keys are limited", async () => {
  await using upstream = new ScriptedUpstream(() => limited({ "retry-after": "42" }));
  await using keyturn = await startKeyturn();
  await keyturn.enter("openai", { preset: "openai", baseUrl: upstream.url }, ["key-0001", "key-0002"]);

  const first = await keyturn.ask(CHAT_PATH, chat());
  const second = await keyturn.ask(CHAT_PATH, chat());

  for (const got of [first, second]) {
    assert.equal(got.status, 429);
    const seconds = Number(got.headers.get("retry-after"));
    assert.ok(seconds >= 41 && seconds <= 43, `Retry-After: ${seconds}`);
    assert.equal(at(got.json, "error", "code"), "rate_limited");
    assert.equal(at(got.json, "error", "type"), "rate_limit_error");
    assert.equal(at(got.json, "error", "counts", "total"), 2);
    assert.doesNotMatch(String(at(got.json, "error", "message")), /2 ready/);
  }
  assert.equal(first.headers.get("x-proxy-attempts"), "2");
  assert.equal(second.headers.get("x-proxy-attempts"), "0");
  assert.equal(upstream.requests.length, 2);
});

Deno.test("shortageError() says 429 in Anthropic's form to a caller that speaks it", async () => {
  const provider = startSimulatedProvider({
    dialect: "anthropic",
    keys: keysThat({ limitedPerMinute: 0 }, 2),
  });
  await using keyturn = await startKeyturn();
  await keyturn.enterSimulated("anthropic", provider);

  const got = await keyturn.ask(MESSAGES_PATH, message());
  await keyturn.stop();
  await provider.close();

  assert.equal(got.status, 429);
  assert.equal(at(got.json, "type"), "error");
  assert.equal(at(got.json, "error", "type"), "rate_limit_error");
  assert.ok(Number(got.headers.get("retry-after")) > 50);
});

for (const count of [1, 2, 5]) {
  Deno.test(`shortageError() answers 503 when all ${count} keys are rejected`, async () => {
    const provider = startSimulatedProvider({ dialect: "openai", keys: keysThat("revoked", count) });
    await using keyturn = await startKeyturn();
    await keyturn.enterSimulated("openai", provider);

    const first = await keyturn.ask(CHAT_PATH, chat());
    const second = await keyturn.ask(CHAT_PATH, chat());
    await keyturn.stop();
    await provider.close();

    for (const got of [first, second]) {
      assert.equal(got.status, 503, got.text);
      assert.equal(at(got.json, "error", "code"), "no_key_available");
      assert.equal(at(got.json, "error", "counts", "total"), count);
    }
  });
}

Deno.test("shortageError() answers 503 for a provider without keys, and for one whose keys are disabled", async () => {
  await using upstream = new ScriptedUpstream(() => new Response("{}"));
  await using keyturn = await startKeyturn();
  await keyturn.enter("openai", { preset: "openai", baseUrl: upstream.url });

  const without = await keyturn.ask(CHAT_PATH, chat());
  const [id] = await keyturn.addKeys("openai", ["key-0001"]);
  await keyturn.admin("PUT", `/admin/keys/${id}`, { isActive: false });
  const disabled = await keyturn.ask(CHAT_PATH, chat());

  assert.equal(without.status, 503);
  assert.match(without.text, /openai has no keys/);
  assert.equal(disabled.status, 503);
  assert.equal(at(disabled.json, "error", "counts", "disabled"), 1);
  assert.equal(upstream.requests.length, 0);
});

Deno.test("takeTurn() waits for a cooling key that is back within the maximum wait", async () => {
  await using upstream = new ScriptedUpstream((_, index) =>
    index === 0 ? limited() : Response.json({ choices: [{ message: { content: "ok" } }] })
  );
  await using keyturn = await startKeyturn();
  const policy = { cooldownBaseMs: 150, maxWaitMs: 3000 };
  await keyturn.enter("openai", { preset: "openai", baseUrl: upstream.url, policy }, ["key-0001"]);

  const limitedOnce = await keyturn.ask(CHAT_PATH, chat());
  const waited = await keyturn.ask(CHAT_PATH, chat());

  assert.equal(limitedOnce.status, 429);
  assert.equal(waited.status, 200);
  assert.equal(upstream.requests.length, 2);
});

Deno.test("takeTurn() refuses at once with X-Pool-Max-Wait: 0, and the header goes no further", async () => {
  await using upstream = new ScriptedUpstream((_, index) =>
    index === 0 ? limited() : Response.json({ choices: [{ message: { content: "ok" } }] })
  );
  await using keyturn = await startKeyturn();
  const policy = { cooldownBaseMs: 5000, maxWaitMs: 10_000 };
  await keyturn.enter("openai", { preset: "openai", baseUrl: upstream.url, policy }, ["key-0001"]);

  const before = performance.now();
  const first = await keyturn.ask(CHAT_PATH, chat(), { "x-pool-max-wait": "0" });
  const second = await keyturn.ask(CHAT_PATH, chat(), { "x-pool-max-wait": "0" });

  assert.deepEqual([first.status, second.status], [429, 429]);
  assert.ok(performance.now() - before < 2000);
  assert.equal(upstream.requests.length, 1);
  assert.equal(upstream.requests[0]?.headers.get("x-pool-max-wait"), null);
});

Deno.test("takeTurn() gives a waiting request up when its caller leaves", async () => {
  await using upstream = new ScriptedUpstream(() => limited());
  await using keyturn = await startKeyturn();
  const policy = { cooldownBaseMs: 60_000, maxWaitMs: 600_000 };
  await keyturn.enter("openai", { preset: "openai", baseUrl: upstream.url, policy }, ["key-0001"]);
  await keyturn.ask(CHAT_PATH, chat(), { "x-pool-max-wait": "0" });
  const leaving = new AbortController();

  const asked = fetch(keyturn.url + CHAT_PATH, {
    method: "POST",
    headers: { authorization: `Bearer ${CLIENT_KEY}`, "content-type": "application/json" },
    body: JSON.stringify(chat()),
    signal: leaving.signal,
  });
  setTimeout(() => leaving.abort(), 350);
  await assert.rejects(asked);
  await keyturn.stop();

  await until(async () => (await keyturn.usage()).length === 1);
  assert.equal(upstream.requests.length, 1);
});
