import assert from "node:assert/strict";
import { startSimulatedProvider } from "../../src/demo/simulated_provider.ts";
import { at, parsed } from "../support/keyturn_under_test.ts";
import { chat, CHAT_PATH } from "./asks.ts";
import { RelayUnderTest } from "./manual_relay.ts";
import { ScriptedUpstream } from "./scripted_upstream.ts";

const URL = `http://keyturn${CHAT_PATH}`;

Deno.test("takeTurn() leaves a broken provider alone, then asks it once, then as before", async () => {
  const secrets = Array.from({ length: 8 }, (_, index) => `key-number-000${index}`);
  const keys = secrets.map((secret) => ({ secret, behaviour: "ok" as const }));
  const provider = startSimulatedProvider({ dialect: "openai", keys, outage: "http_500" });
  using relay = new RelayUnderTest();
  relay.enter("openai", provider.baseUrl, secrets, { maxAttempts: 1 });

  const failed = [];
  for (let count = 0; count < 5; count++) failed.push((await relay.post(URL, chat())).answer.status);
  const open = await relay.post(URL, chat());
  const askedWhileBroken = provider.totals.requests;
  provider.setOutage(undefined);
  relay.ticker.advance(5_001);
  const probe = await relay.post(URL, chat());
  const after = await relay.post(URL, chat());
  await provider.close();

  assert.deepEqual(failed, [500, 500, 500, 500, 500]);
  assert.equal(open.answer.status, 503);
  assert.equal(at(parsed(open.text), "error", "code"), "provider_unavailable");
  const retryAfter = open.answer.headers.find(([name]) => name === "retry-after")?.[1];
  assert.equal(retryAfter, "5");
  assert.equal(askedWhileBroken, 5);
  assert.deepEqual([probe.answer.status, after.answer.status], [200, 200]);
});

Deno.test("takeTurn() hands a cooling key out again when its time has come, not before", async () => {
  const limit = { error: { message: "Rate limit", type: "requests", code: "rate_limit_exceeded" } };
  await using upstream = new ScriptedUpstream((_, index) =>
    index === 0
      ? Response.json(limit, { status: 429, headers: { "retry-after": "30" } })
      : Response.json({ choices: [{ message: { content: "ok" } }] })
  );
  using relay = new RelayUnderTest();
  relay.enter("openai", upstream.url, ["key-0001"]);

  const limited = await relay.post(URL, chat());
  relay.ticker.advance(29_000);
  const early = await relay.post(URL, chat());
  relay.ticker.advance(1_001);
  const served = await relay.post(URL, chat());

  assert.deepEqual([limited, early, served].map(({ answer }) => answer.status), [429, 429, 200]);
  assert.equal(upstream.requests.length, 2);
  assert.deepEqual(relay.records.map(({ attempts }) => attempts.length), [1, 0, 1]);
});

Deno.test("runAttempts() answers with the first account's words when a second one denies the model too", async () => {
  await using upstream = new ScriptedUpstream(({ headers }) => {
    const key = headers.get("authorization")?.slice(-1);
    const message = `The model \`gpt-4o\` does not exist or you do not have access to it (${key})`;
    return Response.json({ error: { message, type: "invalid_request_error", code: "model_not_found" } }, {
      status: 404,
    });
  });
  using relay = new RelayUnderTest();
  relay.enter("openai", upstream.url, ["key-one-1", "key-two-2", "key-six-3", "key-ten-4"]);

  const { answer, text } = await relay.post(URL, chat());

  assert.equal(answer.status, 404);
  assert.match(text, /\(1\)/);
  assert.equal(upstream.requests.length, 2);
  assert.equal(relay.live.find("openai")?.pool.counts().ready, 4);
});
