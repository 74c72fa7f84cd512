import assert from "node:assert/strict";
import { ASK, at, call, dataOf, parsed, STREAM, withProvider } from "./simulated_support.ts";

function ask(parts: readonly unknown[], more: Record<string, unknown> = {}) {
  return { contents: [{ role: "user", parts }], ...more };
}

Deno.test("a stream under alt=sse ends its events with CRLF, and the last has finishReason", async () => {
  await withProvider({ dialect: "gemini" }, async (provider) => {
    const got = await call(provider, STREAM.gemini.path, STREAM.gemini.body);

    assert.match(got.text, /\r\n\r\n$/);
    const events = dataOf(got.text);
    const texts = events.map((event) => at(event, "candidates", 0, "content", "parts", 0, "text"));
    assert.deepEqual(texts, ["one", " two", " three"]);
    const finishes = events.map((event) => at(event, "candidates", 0, "finishReason"));
    assert.deepEqual(finishes, [undefined, undefined, "STOP"]);
    assert.equal(at(events.at(-1), "usageMetadata", "totalTokenCount"), 6);
  });
});

Deno.test("a stream without alt=sse is one JSON array, with an error in it too", async () => {
  await withProvider({ dialect: "gemini" }, async (provider) => {
    const path = "/v1beta/models/gemini-2.5-flash:streamGenerateContent";
    const whole = await call(provider, path, ASK.gemini.body);
    provider.setOutage("stream_error_first");
    const first = await call(provider, path, ASK.gemini.body);
    provider.setOutage("stream_error_midway");
    const midway = await call(provider, path, ASK.gemini.body);

    assert.equal(at(whole.json, 2, "candidates", 0, "finishReason"), "STOP");
    assert.equal(at(first.json, 0, "error", "code"), 503);
    assert.equal(at(midway.json, 2, "error", "code"), 503);
  });
});

Deno.test("generateContent takes tools, tool results, images, a schema, thinking and candidates", async () => {
  await withProvider({ dialect: "gemini" }, async (provider) => {
    const answer = async (parts: readonly unknown[], more: Record<string, unknown> = {}) =>
      (await call(provider, ASK.gemini.path, ask(parts, more))).json;
    const parameters = { type: "OBJECT", properties: { city: { type: "STRING" } } };
    const tools = [{ functionDeclarations: [{ name: "get_weather", parameters }] }];

    const called = await answer([{ text: "get_weather city=Paris" }], { tools });
    const result = await answer([], {
      tools,
      contents: [
        { role: "user", parts: [{ text: "get_weather" }] },
        { role: "model", parts: [{ functionCall: { name: "get_weather", args: {} } }] },
        { role: "user", parts: [{ functionResponse: { name: "get_weather", response: { sky: "clear" } } }] },
      ],
    });
    const seen = await answer([{ inlineData: { mimeType: "image/png", data: "AAAA" } }, { text: "look" }]);
    const shaped = await answer([{ text: "city=Rome" }], {
      generationConfig: { responseMimeType: "application/json", responseSchema: parameters },
    });
    const thought = await answer([{ text: "a b" }], {
      generationConfig: { candidateCount: 2, thinkingConfig: { includeThoughts: true } },
    });

    const part = (value: unknown, index = 0) => at(value, "candidates", 0, "content", "parts", index);
    assert.deepEqual(at(part(called), "functionCall", "args"), { city: "Paris" });
    assert.equal(at(called, "candidates", 0, "finishReason"), "STOP");
    assert.equal(at(part(result), "text"), 'get_weather said: {"sky":"clear"}');
    assert.equal(at(part(seen), "text"), "Saw image/png of 3 bytes. look");
    assert.deepEqual(parsed(String(at(part(shaped), "text"))), { city: "Rome" });
    assert.equal(at(part(thought), "thought"), true);
    assert.equal(at(part(thought, 1), "text"), "a b");
    assert.equal(at(thought, "candidates", 1, "index"), 1);
    assert.equal(at(thought, "usageMetadata", "thoughtsTokenCount"), 10);
    assert.equal(at(thought, "usageMetadata", "candidatesTokenCount"), 4);
  });
});

const BAD: [string, string, unknown, number, string][] = [
  ["broken JSON", ASK.gemini.path, "{", 400, "INVALID_ARGUMENT"],
  ["no contents", ASK.gemini.path, {}, 400, "INVALID_ARGUMENT"],
  [
    "a temperature above 2",
    ASK.gemini.path,
    ask([], { generationConfig: { temperature: 3 } }),
    400,
    "INVALID_ARGUMENT",
  ],
  ["an unknown model", "/v1beta/models/gemini-0:generateContent", ASK.gemini.body, 404, "NOT_FOUND"],
  ["an unknown method", "/v1beta/models/gemini-2.5-flash:sing", ASK.gemini.body, 404, "NOT_FOUND"],
];

for (const [what, path, body, status, name] of BAD) {
  Deno.test(`generateContent with ${what} answers ${status}`, async () => {
    await withProvider({ dialect: "gemini" }, async (provider) => {
      const got = await call(provider, path, body);

      assert.equal(got.status, status);
      assert.deepEqual([at(got.json, "error", "code"), at(got.json, "error", "status")], [status, name]);
    });
  });
}

Deno.test("embeddings come one by one or in a batch of at most 100, and tokens are counted", async () => {
  await withProvider({ dialect: "gemini" }, async (provider) => {
    const path = "/v1beta/models/gemini-embedding-001";
    const one = { content: { parts: [{ text: "a b" }] }, outputDimensionality: 8 };
    const single = await call(provider, `${path}:embedContent`, one);
    const named = { ...one, model: "models/gemini-embedding-001" };
    const batch = await call(provider, `${path}:batchEmbedContents`, { requests: [named, named] });
    const large = await call(provider, `${path}:batchEmbedContents`, { requests: Array(101).fill(named) });
    const nameless = await call(provider, `${path}:batchEmbedContents`, { requests: [named, one] });
    const strange = await call(provider, `${path}:embedContent`, { ...one, dimensions: 8 });
    const count = await call(provider, "/v1beta/models/gemini-2.5-flash:countTokens", ASK.gemini.body);

    assert.deepEqual(at(single.json, "embedding"), at(batch.json, "embeddings", 1));
    assert.deepEqual([large.status, nameless.status, strange.status], [400, 400, 400]);
    assert.equal(at(count.json, "totalTokens"), 3);
  });
});

Deno.test("models are listed in pages, under v1 and v1beta", async () => {
  await withProvider({ dialect: "gemini", models: ["a", "b", "c"] }, async (provider) => {
    const first = await call(provider, "/v1beta/models?pageSize=2");
    const second = await call(provider, `/v1/models?pageSize=2&pageToken=${at(first.json, "nextPageToken")}`);
    const one = await call(provider, "/v1beta/models/c");

    assert.equal(at(first.json, "models", 1, "name"), "models/b");
    assert.deepEqual(at(second.json, "models", 0), one.json);
    assert.equal(at(second.json, "nextPageToken"), undefined);
  });
});
