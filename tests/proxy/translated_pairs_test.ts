import assert from "node:assert/strict";
import { at } from "../support/keyturn_under_test.ts";
import { CALLERS, eventsOf, MODELS, type SimulatedDialect, startThree } from "./translated_callers.ts";

const DIALECTS = ["openai", "anthropic", "gemini"] as const satisfies readonly SimulatedDialect[];
const SAID = "one two three four";

for (const caller of CALLERS) {
  Deno.test(`a caller of ${caller.name} is answered by providers of every dialect, whole and streamed`, async () => {
    await using three = await startThree();
    const { keyturn, providers } = three;
    for (const dialect of DIALECTS) {
      const model = MODELS[dialect];
      const slashed = `${dialect}/${model}`;
      const { inputTokens, outputTokens } = providers[dialect].totals;

      const whole = await keyturn.ask(
        caller.path(model, false),
        caller.body(model, SAID, false),
        caller.headers,
      );
      const streamed = await keyturn.ask(
        caller.path(model, true),
        caller.body(slashed, SAID, true),
        caller.headers,
      );
      const bySlug = await keyturn.ask(
        `/llm/${dialect}${caller.path(model, false)}`,
        caller.body(model, SAID, false),
        caller.headers,
      );

      const about = `${caller.name} -> ${dialect}`;
      assert.equal(whole.status, 200, `${about}: ${whole.text}`);
      assert.match(whole.headers.get("content-type") ?? "", /^application\/json/);
      assert.equal(whole.headers.get("x-proxy-provider"), dialect, about);
      assert.equal(caller.textOf(whole.json), SAID, about);
      if (caller.dialect !== dialect) assert.equal(caller.modelOf(whole.json), model, about);
      assert.deepEqual(
        caller.tokensOf(whole.json),
        [
          (providers[dialect].totals.inputTokens - inputTokens) / 3,
          (providers[dialect].totals.outputTokens - outputTokens) / 3,
        ],
        about,
      );
      assert.equal(streamed.status, 200, `${about}: ${streamed.text}`);
      assert.match(streamed.headers.get("content-type") ?? "", /^text\/event-stream/, about);
      const events = eventsOf(streamed.text);
      assert.equal(events.map(caller.deltaOf).join(""), SAID, about);
      assert.equal(caller.isWhole(events), true, `${about}: ${streamed.text}`);
      assert.equal(bySlug.status, 200, `${about}: ${bySlug.text}`);
    }
    await keyturn.stop();
    const [usage] = await keyturn.usage();
    const told = DIALECTS.map((dialect) => providers[dialect].totals);

    assert.equal(usage?.requests, 9);
    assert.equal(usage?.failures, 0);
    assert.equal(usage?.inputTokens, told.reduce((sum, each) => sum + each.inputTokens, 0));
    assert.equal(usage?.outputTokens, told.reduce((sum, each) => sum + each.outputTokens, 0));
  });
}

Deno.test("a translated answer has no header of the upstream's but the id of its request", async () => {
  await using three = await startThree();

  const got = await three.keyturn.ask("/v1/chat/completions", {
    model: MODELS.anthropic,
    messages: [{ role: "user", content: "hi" }],
  }, { "accept-encoding": "identity" });
  const whole = await three.keyturn.ask("/v1/messages", {
    model: MODELS.gemini,
    max_tokens: 10,
    messages: [{ role: "user", content: "hi" }],
  });

  assert.deepEqual([...got.headers.keys()].filter((name) => /anthropic|ratelimit|cf-|server/.test(name)), []);
  assert.match(got.headers.get("x-upstream-request-id") ?? "", /^req_/);
  assert.equal(got.headers.get("content-length"), String(new TextEncoder().encode(got.text).length));
  assert.equal(got.headers.get("x-content-type-options"), "nosniff");
  assert.equal(whole.headers.get("request-id"), whole.headers.get("x-request-id"));
});

Deno.test("a caller of Gemini gets its stream as a JSON array, unless it asks for events", async () => {
  await using three = await startThree();

  const got = await three.keyturn.ask(
    `/v1beta/models/${MODELS.openai}:streamGenerateContent`,
    { contents: [{ role: "user", parts: [{ text: SAID }] }] },
  );

  assert.match(got.headers.get("content-type") ?? "", /^application\/json/);
  assert.ok(Array.isArray(got.json), got.text);
  const parts = got.json.map((item) =>
    String(at(item, "candidates", 0, "content", "parts", 0, "text") ?? "")
  );
  assert.equal(parts.join(""), SAID);
  assert.equal(at(got.json.at(-1), "candidates", 0, "finishReason"), "STOP");
});
