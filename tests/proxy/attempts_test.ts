import assert from "node:assert/strict";
import { type SimulatedProvider, startSimulatedProvider } from "../../src/demo/simulated_provider.ts";
import type { KeyBehaviour } from "../../src/demo/simulated_key.ts";
import { at, startKeyturn } from "../support/keyturn_under_test.ts";
import { chat, CHAT_PATH, contents, GENERATE_PATH, message, MESSAGES_PATH } from "./asks.ts";

type Dialect = "openai" | "anthropic" | "gemini";

const ASKS = {
  openai: [CHAT_PATH, chat()],
  anthropic: [MESSAGES_PATH, message()],
  gemini: [GENERATE_PATH, contents()],
} as const;
const MODELS = { openai: "gpt-4o", anthropic: "claude-haiku-4-5", gemini: "gemini-2.5-flash" } as const;

/** A Keyturn before one provider whose first key behaves so and whose second one is good. */
async function startPair(dialect: Dialect, behaviour: KeyBehaviour) {
  const provider = startSimulatedProvider({
    dialect,
    keys: [{ secret: "first-key-0001", behaviour }, { secret: "second-key-0002", behaviour: "ok" }],
  });
  const keyturn = await startKeyturn();
  const [firstId = ""] = await keyturn.enterSimulated(dialect, provider);
  return { provider, keyturn, firstId };
}

/** Someone else uses the key as well: the proxy learns of its limit by a refusal only. */
async function useUp(provider: SimulatedProvider, dialect: Dialect, secret: string): Promise<void> {
  const [path, body] = ASKS[dialect];
  const headers = {
    authorization: `Bearer ${secret}`,
    "x-goog-api-key": secret,
    "anthropic-version": "2023-06-01",
  };
  const response = await fetch(provider.origin + path, {
    method: "POST",
    headers,
    body: JSON.stringify(body),
  });
  await response.body?.cancel();
}

for (const dialect of ["openai", "anthropic", "gemini"] as const) {
  const [path, body] = ASKS[dialect];

  Deno.test(`runAttempts() takes the next key after a 429 of ${dialect} and cools the first by the stated time`, async () => {
    const { provider, keyturn, firstId } = await startPair(dialect, { limitedPerMinute: 1 });
    await using _ = keyturn;
    await useUp(provider, dialect, "first-key-0001");

    const before = Date.now();
    const first = await keyturn.ask(path, body);
    const second = await keyturn.ask(path, body);
    const health = await keyturn.healthOf(dialect, firstId);
    await keyturn.stop();
    await provider.close();

    assert.equal(first.status, 200);
    assert.equal(first.headers.get("x-proxy-attempts"), "2");
    assert.equal(second.headers.get("x-proxy-attempts"), "1");
    assert.equal(provider.served.get("first-key-0001")?.refused, 1);
    const rest = at(health, "models", MODELS[dialect]) ?? health;
    assert.equal(at(rest, "source"), dialect === "gemini" ? "body" : "header");
    const restMs = Number(at(rest, "untilMs")) - before;
    assert.ok(restMs > 59_000 && restMs < 63_000, `rests for ${restMs} ms`);
  });

  Deno.test(`runAttempts() passes over a revoked key of ${dialect}, which is asked once`, async () => {
    const { provider, keyturn, firstId } = await startPair(dialect, "revoked");
    await using _ = keyturn;

    const answers = [];
    for (let count = 0; count < 4; count++) answers.push(await keyturn.ask(path, body));
    const health = await keyturn.healthOf(dialect, firstId);
    await keyturn.stop();
    await provider.close();

    assert.deepEqual(answers.map(({ status }) => status), [200, 200, 200, 200]);
    assert.equal(provider.served.get("first-key-0001")?.requests, 1);
    assert.equal(at(health, "state"), "rejected");
  });

  Deno.test(`runAttempts() passes over a key of ${dialect} that is out of credit`, async () => {
    const { provider, keyturn, firstId } = await startPair(dialect, "out_of_credit");
    await using _ = keyturn;

    const answers = [await keyturn.ask(path, body), await keyturn.ask(path, body)];
    const health = await keyturn.healthOf(dialect, firstId);
    await keyturn.stop();
    await provider.close();

    assert.deepEqual(answers.map(({ status }) => status), [200, 200]);
    assert.equal(provider.served.get("first-key-0001")?.requests, 1);
    assert.equal(at(health, "state"), "exhausted");
  });
}

Deno.test("runAttempts() gives each key one try at most when the provider is in trouble, and cools none", async () => {
  const secrets = ["key-0001", "key-0002", "key-0003"];
  const keys = secrets.map((secret) => ({ secret, behaviour: "ok" as const }));
  const provider = startSimulatedProvider({ dialect: "openai", keys, outage: "http_500" });
  await using keyturn = await startKeyturn();
  const ids = await keyturn.enterSimulated("openai", provider);

  const got = await keyturn.ask(CHAT_PATH, chat());
  const health = await Promise.all(ids.map((id) => keyturn.healthOf("openai", id)));
  await keyturn.stop();
  await provider.close();

  assert.equal(got.status, 500);
  assert.match(got.text, /The server had an error/);
  assert.deepEqual(secrets.map((secret) => provider.served.get(secret)?.requests), [1, 1, 1]);
  assert.deepEqual(health.map((each) => at(each, "state")), ["ready", "ready", "ready"]);
});

Deno.test("runAttempts() goes to the other provider of the model when the first is in trouble", async () => {
  const keys = ["a", "b", "c", "d", "e", "f"].map((name) => ({
    secret: `key-${name}-0001`,
    behaviour: "ok" as const,
  }));
  const broken = startSimulatedProvider({ dialect: "openai", keys, outage: "http_503" });
  const whole = startSimulatedProvider({ dialect: "openai", keys });
  await using keyturn = await startKeyturn();
  await keyturn.enterSimulated("openai", broken, { slug: "broken", priority: 1 });
  await keyturn.enterSimulated("openai", whole, { slug: "whole", priority: 2 });

  const got = await keyturn.ask(CHAT_PATH, chat());
  await keyturn.stop();
  await broken.close();
  await whole.close();

  assert.equal(got.status, 200);
  assert.equal(got.headers.get("x-proxy-provider"), "whole");
  assert.equal(broken.totals.requests, 1);
});

Deno.test("runAttempts() survives an outage that one of two tries meets, out of the caller's sight", async () => {
  const keys = [{ secret: "key-0001", behaviour: "ok" }, { secret: "key-0002", behaviour: "ok" }] as const;
  for (const outage of ["html_502", "error_in_200", "overloaded", "cut_stream"] as const) {
    const provider = startSimulatedProvider({
      dialect: "openai",
      keys,
      bursts: { every: 2, length: 1, outage },
    });
    await using keyturn = await startKeyturn();
    await keyturn.enterSimulated("openai", provider);

    const first = await keyturn.ask(CHAT_PATH, chat());
    const second = await keyturn.ask(CHAT_PATH, chat());
    await keyturn.stop();
    await provider.close();

    assert.equal(first.status, 200, outage);
    assert.equal(second.status, 200, outage);
    assert.equal(at(second.json, "choices", 0, "message", "content"), "one two three", outage);
    assert.equal(second.headers.get("x-proxy-attempts"), "2", outage);
  }
});

Deno.test("runAttempts() answers the caller's own mistake at once, in the provider's words", async () => {
  const keys = [{ secret: "key-0001", behaviour: "ok" }, { secret: "key-0002", behaviour: "ok" }] as const;
  const provider = startSimulatedProvider({ dialect: "openai", keys });
  await using keyturn = await startKeyturn();
  await keyturn.enterSimulated("openai", provider);

  const got = await keyturn.ask(CHAT_PATH, chat("hi", { temperature: 3 }));
  await keyturn.stop();
  await provider.close();

  assert.equal(got.status, 400);
  assert.equal(at(got.json, "error", "param"), "temperature");
  assert.equal(provider.totals.requests, 1);
});
