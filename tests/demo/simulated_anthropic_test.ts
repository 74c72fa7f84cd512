import assert from "node:assert/strict";
import { ASK, at, call, credential, dataOf, KEY, withProvider } from "./simulated_support.ts";

function ask(content: unknown, more: Record<string, unknown> = {}) {
  return { model: "claude-haiku-4-5", max_tokens: 2000, messages: [{ role: "user", content }], ...more };
}

const TOOL = {
  name: "get_weather",
  input_schema: { type: "object", properties: { city: { type: "string" } } },
};

Deno.test("a message stream names each event as its data does", async () => {
  await withProvider({ dialect: "anthropic" }, async (provider) => {
    const got = await call(provider, "/v1/messages", ask("one two", { stream: true }));

    const names = [...got.text.matchAll(/^event: (.+)$/gm)].map(([, name]) => name);
    const events = dataOf(got.text);
    assert.deepEqual(names, events.map((event) => at(event, "type")));
    assert.deepEqual(names, [
      "message_start",
      "ping",
      "content_block_start",
      "content_block_delta",
      "content_block_delta",
      "content_block_stop",
      "message_delta",
      "message_stop",
    ]);
    assert.equal(at(events[0], "message", "usage", "input_tokens"), 2);
    assert.equal(at(events[6], "usage", "output_tokens"), 2);
  });
});

Deno.test("a streamed message thinks, then calls a tool with its input in pieces", async () => {
  await withProvider({ dialect: "anthropic" }, async (provider) => {
    const body = ask("get_weather city=Paris", {
      stream: true,
      tools: [TOOL],
      thinking: { type: "enabled", budget_tokens: 1024 },
    });
    const got = await call(provider, "/v1/messages", body);

    const events = dataOf(got.text);
    const deltas = events.map((event) => at(event, "delta"));
    assert.equal(deltas.map((delta) => at(delta, "partial_json") ?? "").join(""), '{"city":"Paris"}');
    assert.ok(deltas.some((delta) => at(delta, "type") === "thinking_delta"));
    assert.ok(deltas.some((delta) => at(delta, "type") === "signature_delta"));
    assert.ok(deltas.some((delta) => at(delta, "stop_reason") === "tool_use"));
  });
});

Deno.test("a message takes tool results, images, a schema, stop sequences and cached tokens", async () => {
  await withProvider({ dialect: "anthropic" }, async (provider) => {
    const answer = async (content: unknown, more: Record<string, unknown> = {}) =>
      (await call(provider, "/v1/messages", ask(content, more))).json;
    const image = { type: "image", source: { type: "base64", media_type: "image/png", data: "AAAA" } };
    const properties = { name: { type: "string" } };
    const schema = { type: "object", properties, additionalProperties: false };

    const use = { type: "tool_use", id: "toolu_1", name: "get_weather", input: {} };
    const outcome = { type: "tool_result", tool_use_id: "toolu_1", content: "sunny" };
    const asked = { role: "user", content: "get_weather" };
    const messages = [asked, { role: "assistant", content: [use] }, { role: "user", content: [outcome] }];
    const result = await answer("", { tools: [TOOL], messages });
    const seen = await answer([image, { type: "text", text: "look" }]);
    const shaped = await answer("name=Ada", { output_config: { format: { type: "json_schema", schema } } });
    const stopped = await answer("one END two", { stop_sequences: ["END"] });
    const cached = await answer("use 5 cached tokens");

    assert.equal(at(result, "content", 0, "text"), "get_weather said: sunny");
    assert.equal(at(seen, "content", 0, "text"), "Saw image/png of 3 bytes. look");
    assert.equal(at(shaped, "content", 0, "text"), '{"name":"Ada"}');
    assert.deepEqual([at(stopped, "stop_reason"), at(stopped, "stop_sequence")], ["stop_sequence", "END"]);
    assert.equal(at(cached, "usage", "cache_read_input_tokens"), 5);
    assert.equal(at(cached, "usage", "input_tokens"), 4);
  });
});

const BAD: [string, unknown, number, string][] = [
  ["broken JSON", "{", 400, "The request body is not valid JSON"],
  ["no model", { max_tokens: 5, messages: [] }, 400, "model: Field required"],
  ["no max_tokens", { model: "claude-haiku-4-5", messages: [] }, 400, "max_tokens: Field required"],
  ["no messages", { model: "claude-haiku-4-5", max_tokens: 5 }, 400, "messages: Field required"],
  ["empty messages", ask("", { messages: [] }), 400, "messages: at least one message is required"],
  ["a temperature above 1", ask("hi", { temperature: 1.5 }), 400, "temperature: range: 0..1"],
  [
    "an empty text block",
    ask([{ type: "text", text: "" }]),
    400,
    "messages: text content blocks must be non-empty",
  ],
  ["an unknown model", ask("hi", { model: "claude-0" }), 404, "model: claude-0"],
];

for (const [what, body, status, message] of BAD) {
  Deno.test(`a message with ${what} answers ${status}`, async () => {
    await withProvider({ dialect: "anthropic" }, async (provider) => {
      const got = await call(provider, ASK.anthropic.path, body);

      assert.equal(got.status, status);
      assert.equal(at(got.json, "type"), "error");
      assert.equal(at(got.json, "error", "message"), message);
    });
  });
}

Deno.test("anthropic-version is required", async () => {
  await withProvider({ dialect: "anthropic" }, async (provider) => {
    const got = await call(provider, ASK.anthropic.path, ASK.anthropic.body, { "x-api-key": KEY });

    assert.equal(got.status, 400);
    assert.equal(at(got.json, "error", "message"), "anthropic-version: header is required");
  });
});

Deno.test("tokens are counted, free of the key's limit; models are listed in pages", async () => {
  const keys = [{ secret: KEY, behaviour: { limitedPerMinute: 0 } }];
  await withProvider({ dialect: "anthropic", keys }, async (provider) => {
    const count = await call(
      provider,
      "/v1/messages/count_tokens",
      { ...ask("a b c"), system: "d e" },
      credential(),
    );
    const first = await call(provider, "/v1/models?limit=3");
    const second = await call(provider, `/v1/models?limit=3&after_id=${at(first.json, "last_id")}`);
    const one = await call(provider, "/v1/models/claude-haiku-4-5");

    assert.equal(at(count.json, "input_tokens"), 5);
    assert.deepEqual([at(first.json, "has_more"), at(second.json, "has_more")], [true, false]);
    assert.equal(at(one.json, "id"), "claude-haiku-4-5");
  });
});

Deno.test("every message states the limits in headers", async () => {
  await withProvider({ dialect: "anthropic", now: () => 0 }, async (provider) => {
    const { headers } = await call(provider, ASK.anthropic.path, ASK.anthropic.body);

    assert.equal(headers.get("anthropic-ratelimit-requests-remaining"), "3999");
    assert.equal(headers.get("anthropic-ratelimit-output-tokens-reset"), "1970-01-01T00:00:01Z");
    assert.equal(headers.get("request-id"), "req_1");
  });
});
