import assert from "node:assert/strict";
import { textAt } from "../support/admin_under_test.ts";
import { at, startKeyturn } from "../support/keyturn_under_test.ts";
import { ScriptedUpstream } from "./scripted_upstream.ts";
import { MODELS, startThree } from "./translated_callers.ts";

const LONG = "word ".repeat(40).trim();

Deno.test("tokens are counted by the provider that has an endpoint for it, in the caller's form", async () => {
  await using three = await startThree();
  const { keyturn, providers } = three;
  const message = (model: string) => ({ model, messages: [{ role: "user", content: LONG }] });
  const contents = { contents: [{ role: "user", parts: [{ text: LONG }] }] };

  const atAnthropic = await keyturn.ask("/v1/messages/count_tokens", message(MODELS.anthropic));
  const atGemini = await keyturn.ask("/v1/messages/count_tokens", message(MODELS.gemini));
  const fromGemini = await keyturn.ask(`/v1beta/models/${MODELS.anthropic}:countTokens`, contents);
  const asked = providers.gemini.totals.requests + providers.anthropic.totals.requests;

  assert.equal(at(atGemini.json, "input_tokens"), at(atAnthropic.json, "input_tokens"), atGemini.text);
  assert.equal(at(fromGemini.json, "totalTokens"), at(atAnthropic.json, "input_tokens"), fromGemini.text);
  assert.equal(asked, 3);
  assert.equal(atGemini.headers.get("x-keyturn-estimated"), null);
});

Deno.test("tokens are estimated for a provider that cannot count, and nobody is asked", async () => {
  await using upstream = new ScriptedUpstream(() => new Response("{}", { status: 500 }));
  await using keyturn = await startKeyturn();
  await keyturn.enter("kin", { baseUrl: upstream.url, models: ["llama"] }, ["key-0001"]);
  const message = { model: "llama", messages: [{ role: "user", content: LONG }] };

  const anthropic = await keyturn.ask("/v1/messages/count_tokens", message);
  const gemini = await keyturn.ask("/v1beta/models/llama:countTokens", {
    contents: [{ role: "user", parts: [{ text: LONG }] }],
  });
  const bad = await keyturn.ask("/v1/messages/count_tokens", { ...message, messages: "no" });

  assert.equal(anthropic.headers.get("x-keyturn-estimated"), "input_tokens");
  assert.equal(gemini.headers.get("x-keyturn-estimated"), "input_tokens");
  assert.ok(Math.abs(Number(at(anthropic.json, "input_tokens")) - 55) < 20, anthropic.text);
  assert.equal(at(gemini.json, "totalTokens"), at(anthropic.json, "input_tokens"));
  assert.deepEqual([bad.status, at(bad.json, "type")], [400, "error"]);
  assert.equal(upstream.requests.length, 0);
});

Deno.test("embeddings go from OpenAI's callers to Gemini in batches, and from Gemini's callers to OpenAI", async () => {
  await using three = await startThree();
  const { keyturn, providers } = three;
  const input = Array.from({ length: 230 }, (_, index) => `text ${index}`);
  const model = "gemini-embedding-001";

  const floats = await keyturn.ask("/v1/embeddings", { model, input });
  const batches = providers.gemini.totals.requests;
  const coded = await keyturn.ask("/v1/embeddings", { model, input: "text 7", encoding_format: "base64" });
  const one = await keyturn.ask("/v1beta/models/openai-embedding-001:embedContent", {
    content: { parts: [{ text: "text 7" }] },
  });
  const many = await keyturn.ask("/v1beta/models/openai-embedding-001:batchEmbedContents", {
    requests: ["a", "b"].map((text) => ({
      model: "models/openai-embedding-001",
      content: { parts: [{ text }] },
    })),
  });
  const tokens = await keyturn.ask("/v1/embeddings", { model, input: [[1, 2, 3]] });
  const nobody = await keyturn.ask("/llm/anthropic/v1/embeddings", { model, input: "hi" });

  assert.equal(floats.status, 200, floats.text);
  const data = at(floats.json, "data");
  assert.ok(Array.isArray(data));
  assert.deepEqual([data.length, at(data, 229, "index"), batches], [230, 229, 3]);
  assert.equal(at(floats.json, "model"), model);
  const vector = at(data, 7, "embedding");
  assert.ok(Array.isArray(vector));
  const bytes = Uint8Array.from(
    atob(String(at(coded.json, "data", 0, "embedding"))),
    (char) => char.charCodeAt(0),
  );
  assert.deepEqual([...new Float32Array(bytes.buffer)], [...new Float32Array(vector)]);
  assert.ok(Array.isArray(at(one.json, "embedding", "values")), one.text);
  assert.ok(Array.isArray(at(many.json, "embeddings", 1, "values")), many.text);
  assert.deepEqual([tokens.status, at(tokens.json, "error", "param")], [400, "input"]);
  assert.equal(nobody.status, 400);
  assert.match(
    textAt(at(nobody.json, "error"), "message"),
    /anthropic.*speaks anthropic, the request openai/,
  );
});

Deno.test("what only one dialect has is not sent to another, and said so", async () => {
  await using three = await startThree();

  const speech = await three.keyturn.ask("/llm/gemini/v1/audio/speech", { model: "x", input: "hi" });
  const batches = await three.keyturn.ask("/llm/openai/v1/messages/batches", { requests: [] });

  for (const got of [speech, batches]) {
    assert.equal(got.status, 400, got.text);
    assert.match(got.text, /Cannot send this request to (?:gemini|openai): it speaks/);
  }
});

Deno.test("thoughts are remembered for callers of chat completions that lose them, each for its own key", async () => {
  const signature = "c2lnbmF0dXJlIG9mIHRoZSBmaXJzdA==";
  let answers = 0;
  await using upstream = new ScriptedUpstream(({ target }) => {
    const parts = answers++ === 0
      ? [{ functionCall: { name: "look", args: { at: "it" } }, thoughtSignature: signature }]
      : [{ text: "seen" }];
    const answer = {
      candidates: [{ index: 0, content: { role: "model", parts }, finishReason: "STOP" }],
      responseId: "r1",
    };
    return target.includes("alt=sse")
      ? new Response(`data: ${JSON.stringify(answer)}\r\n\r\n`, {
        headers: { "content-type": "text/event-stream" },
      })
      : Response.json(answer);
  });
  await using keyturn = await startKeyturn();
  const model = "gemini-3-pro-preview";
  await keyturn.enter("gemini", { preset: "gemini", baseUrl: upstream.url, models: [model] }, ["key-0001"]);
  const other = textAt(await keyturn.admin("POST", "/admin/client-keys", { name: "other" }), "key");
  const sent = () => new TextDecoder().decode(upstream.requests.at(-1)?.body);

  for (const stream of [false, true]) {
    answers = 0;
    const tools = [{ type: "function", function: { name: "look", parameters: { type: "object" } } }];
    const asked = { model, tools, stream, messages: [{ role: "user", content: "look" }] };
    const called = await keyturn.ask("/v1/chat/completions", asked);
    const id = /"id":"(call_[^"]+)"/.exec(called.text)?.[1] ?? "";
    const again = {
      ...asked,
      messages: [
        ...asked.messages,
        {
          role: "assistant",
          content: null,
          tool_calls: [{ id, type: "function", function: { name: "look", arguments: '{"at":"it"}' } }],
        },
        { role: "tool", tool_call_id: id, content: "a cat" },
      ],
    };
    const mine = await keyturn.ask("/v1/chat/completions", again);
    const sentMine = sent();
    await keyturn.ask("/v1/chat/completions", again, { "x-proxy-key": other });
    const sentOther = sent();

    assert.notEqual(id, "", called.text);
    assert.equal(mine.status, 200, mine.text);
    assert.ok(sentMine.includes(signature), `stream ${stream}: ${sentMine}`);
    assert.ok(!sentOther.includes(signature), "another client key's thoughts are its own");
    assert.ok(sentOther.includes("skip_thought_signature_validator"));
  }
});

Deno.test("a budget of tokens is spent by what a translated answer tells", async () => {
  await using three = await startThree();
  const { keyturn, providers } = three;
  const limits = { tokensPerDay: 1_000_000 };
  const made = await keyturn.admin("POST", "/admin/client-keys", { name: "spender", limits });
  const asked = { messages: [{ role: "user", content: "say 50 words" }] };
  const key = { "x-proxy-key": textAt(made, "key") };

  const whole = await keyturn.ask("/v1/chat/completions", { ...asked, model: MODELS.anthropic }, key);
  const streamed = await keyturn.ask(
    "/v1/chat/completions",
    { ...asked, model: MODELS.gemini, stream: true },
    key,
  );
  const shown = await keyturn.admin("GET", `/admin/client-keys/${textAt(made, "id")}`);

  assert.deepEqual([whole.status, streamed.status], [200, 200], streamed.text);
  const told = [providers.anthropic, providers.gemini].map(({ totals }) =>
    totals.inputTokens + totals.outputTokens
  );
  const windows = at(shown, "windows");
  const day = Array.isArray(windows)
    ? windows.find((each) => at(each, "limit") === "tokensPerDay")
    : undefined;
  assert.equal(1_000_000 - Number(at(day, "remaining")), told.reduce((sum, each) => sum + each, 0));
});
