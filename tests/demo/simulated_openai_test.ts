import assert from "node:assert/strict";
import { ASK, at, call, credential, dataOf, KEY, withProvider } from "./simulated_support.ts";

const TOOLS = ["get_weather", "get_time"].map((name) => ({
  type: "function",
  function: { name, parameters: { type: "object", properties: { city: { type: "string" } } } },
}));

function chat(content: unknown, more: Record<string, unknown> = {}) {
  return { model: "gpt-4o", messages: [{ role: "user", content }], ...more };
}

Deno.test("a chat stream has a role chunk, words, a finish, the usage and [DONE]", async () => {
  await withProvider({ dialect: "openai" }, async (provider) => {
    const body = chat("one two three", { stream: true, stream_options: { include_usage: true } });
    const got = await call(provider, "/v1/chat/completions", body);

    assert.equal(got.status, 200);
    assert.match(got.headers.get("content-type") ?? "", /^text\/event-stream/);
    const events = dataOf(got.text);
    assert.equal(at(events[0], "choices", 0, "delta", "role"), "assistant");
    assert.deepEqual(
      events.slice(1, 4).map((event) => at(event, "choices", 0, "delta", "content")),
      ["one", " two", " three"],
    );
    assert.equal(at(events[4], "choices", 0, "finish_reason"), "stop");
    assert.deepEqual(at(events[5], "choices"), []);
    assert.equal(at(events[5], "usage", "total_tokens"), 6);
    assert.equal(events[6], "[DONE]");
  });
});

Deno.test("streamed parallel tool calls have their own index, and arguments in pieces", async () => {
  await withProvider({ dialect: "openai" }, async (provider) => {
    const body = chat("call get_weather and get_time with city=Paris", { stream: true, tools: TOOLS });
    const got = await call(provider, "/v1/chat/completions", body);

    const deltas = dataOf(got.text).map((event) => at(event, "choices", 0, "delta", "tool_calls", 0));
    const joined = [0, 1].map((index) =>
      deltas.filter((delta) => at(delta, "index") === index).map((delta) =>
        at(delta, "function", "arguments")
      ).join("")
    );
    assert.deepEqual(joined, ['{"city":"Paris"}', '{"city":"Paris"}']);
    assert.ok(deltas.filter((delta) => delta !== undefined).length > 4);
  });
});

Deno.test("a chat takes n, stop, max_tokens, JSON mode, a schema, an image, reasoning and cached tokens", async () => {
  await withProvider({ dialect: "openai" }, async (provider) => {
    const ask = async (content: unknown, more: Record<string, unknown> = {}) =>
      (await call(provider, "/v1/chat/completions", chat(content, more))).json;
    const schema = { type: "object", properties: { name: { type: "string" }, age: { type: "integer" } } };
    const image = { type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } };

    const several = await ask("a b", { n: 3 });
    const stopped = await ask("one two END three", { stop: "END" });
    const short = await ask("say 50 words", { max_tokens: 7 });
    const json = await ask("hi in json", { response_format: { type: "json_object" } });
    const shaped = await ask("name=Ada age=36", {
      response_format: { type: "json_schema", json_schema: { name: "x", schema } },
    });
    const seen = await ask([{ type: "text", text: "look" }, image]);
    const thought = await ask("a b", { model: "gpt-5", reasoning_effort: "high" });
    const cached = await ask("use 5 cached tokens");

    const text = (answer: unknown) => at(answer, "choices", 0, "message", "content");
    assert.equal(at(several, "choices", 2, "index"), 2);
    assert.equal(at(several, "usage", "completion_tokens"), 6);
    assert.equal(text(stopped), "one two ");
    assert.equal(at(short, "choices", 0, "finish_reason"), "length");
    assert.equal(at(short, "usage", "completion_tokens"), 7);
    assert.equal(text(json), '{"text":"hi in json"}');
    assert.equal(text(shaped), '{"name":"Ada","age":36}');
    assert.equal(text(seen), "Saw image/png of 3 bytes. look");
    assert.equal(at(thought, "usage", "completion_tokens_details", "reasoning_tokens"), 5);
    assert.equal(at(thought, "usage", "completion_tokens"), 7);
    assert.equal(at(cached, "usage", "prompt_tokens_details", "cached_tokens"), 5);
  });
});

const BAD: [string, unknown, number, string | null, string | null][] = [
  ["broken JSON", "{", 400, null, null],
  ["no model", { messages: [] }, 400, null, null],
  ["no messages", { model: "gpt-4o" }, 400, "messages", "missing_required_parameter"],
  ["empty messages", { model: "gpt-4o", messages: [] }, 400, "messages", "empty_array"],
  ["messages of a wrong type", { model: "gpt-4o", messages: "hi" }, 400, "messages", "invalid_type"],
  ["a temperature above 2", chat("hi", { temperature: 3 }), 400, "temperature", "decimal_above_max_value"],
  ["an unknown model", { ...chat("hi"), model: "gpt-0" }, 404, null, "model_not_found"],
];

for (const [what, body, status, param, code] of BAD) {
  Deno.test(`a chat with ${what} answers ${status}`, async () => {
    await withProvider({ dialect: "openai" }, async (provider) => {
      const got = await call(provider, ASK.openai.path, body);

      assert.equal(got.status, status);
      assert.equal(at(got.json, "error", "type"), "invalid_request_error");
      assert.equal(at(got.json, "error", "param"), param);
      assert.equal(at(got.json, "error", "code"), code);
      assert.equal(provider.served.get(KEY)?.rejected, 1);
    });
  });
}

Deno.test("a wrong path answers 404 and a wrong method 405", async () => {
  await withProvider({ dialect: "openai" }, async (provider) => {
    const path = await call(provider, "/v1/nothing", {});
    const method = await call(provider, ASK.openai.path);
    const escape = await call(provider, "/v1/models/%E0%A4%A");

    assert.deepEqual([path.status, method.status, escape.status], [404, 405, 404]);
  });
});

Deno.test("every generated answer states the limits in headers", async () => {
  await withProvider({ dialect: "openai" }, async (provider) => {
    const { headers } = await call(provider, ASK.openai.path, ASK.openai.body);

    assert.equal(headers.get("x-ratelimit-limit-requests"), "10000");
    assert.equal(headers.get("x-ratelimit-remaining-tokens"), "1999994");
    assert.match(headers.get("x-ratelimit-reset-requests") ?? "", /^\d+ms$/);
    assert.equal(headers.get("x-request-id"), "req_1");
  });
});

Deno.test("models are listed, and found by id", async () => {
  await withProvider({ dialect: "openai", models: ["a-model"] }, async (provider) => {
    const list = await call(provider, "/v1/models");
    const one = await call(provider, "/v1/models/a-model");
    const none = await call(provider, "/v1/models/b-model");

    assert.deepEqual([at(list.json, "data", 0, "id"), at(one.json, "id")], ["a-model", "a-model"]);
    assert.equal(at(none.json, "error", "code"), "model_not_found");
  });
});

Deno.test("completions are answered plain and streamed", async () => {
  await withProvider({ dialect: "openai" }, async (provider) => {
    const body = { model: "gpt-3.5-turbo-instruct", prompt: "a b c" };
    const plain = await call(provider, "/v1/completions", body);
    const streamed = await call(provider, "/v1/completions", { ...body, stream: true });

    assert.equal(at(plain.json, "choices", 0, "text"), "a b c");
    const text = dataOf(streamed.text).map((event) => at(event, "choices", 0, "text") ?? "").join("");
    assert.equal(text, "a b c");
    assert.match(streamed.text, /\[DONE\]\n\n$/);
  });
});

Deno.test("responses stream their events in order, and call functions", async () => {
  await withProvider({ dialect: "openai" }, async (provider) => {
    const body = { model: "gpt-5", input: "hello there", stream: true };
    const text = await call(provider, "/v1/responses", body);
    const tools = [{ type: "function", name: "get_weather", parameters: { type: "object", properties: {} } }];
    const called = await call(provider, "/v1/responses", { model: "gpt-5", input: "get_weather", tools });
    const wrong = await call(provider, "/v1/responses", { model: "gpt-5" });

    const events = dataOf(text.text);
    assert.deepEqual(events.map((event) => at(event, "sequence_number")), events.map((_, index) => index));
    assert.equal(at(events[0], "type"), "response.created");
    assert.equal(at(events.at(-1), "type"), "response.completed");
    assert.equal(at(events.at(-1), "response", "usage", "output_tokens"), 2);
    assert.equal(at(called.json, "output", 0, "type"), "function_call");
    assert.equal(at(wrong.json, "error", "code"), "missing_required_parameter");
  });
});

Deno.test("embeddings are vectors of length one, the same for the same text", async () => {
  await withProvider({ dialect: "openai" }, async (provider) => {
    const body = { model: "text-embedding-3-small", input: ["a", "b", "a"], dimensions: 16 };
    const got = await call(provider, "/v1/embeddings", body);

    const vectors = [0, 1, 2].map((index) => at(got.json, "data", index, "embedding"));
    assert.deepEqual(vectors[0], vectors[2]);
    assert.notDeepEqual(vectors[0], vectors[1]);
    const norm = Array.isArray(vectors[0]) ? Math.hypot(...vectors[0].map(Number)) : 0;
    assert.ok(Math.abs(norm - 1) < 1e-6);
    assert.equal(at(got.json, "usage", "total_tokens"), 3);
  });
});

Deno.test("moderations, images and speech answer in their forms", async () => {
  await withProvider({ dialect: "openai" }, async (provider) => {
    const moderation = await call(provider, "/v1/moderations", { input: "violence" });
    const image = await call(provider, "/v1/images/generations", {
      model: "gpt-image-1",
      prompt: "a cat",
      n: 2,
    });
    const url = await call(provider, "/v1/images/generations", { prompt: "a cat", response_format: "url" });
    const speech = await call(provider, "/v1/audio/speech", {
      model: "gpt-4o-mini-tts",
      input: "hello",
      voice: "ash",
    });

    assert.equal(at(moderation.json, "results", 0, "categories", "violence"), true);
    assert.equal(typeof at(image.json, "data", 1, "b64_json"), "string");
    assert.equal(typeof at(url.json, "data", 0, "url"), "string");
    assert.equal(speech.headers.get("content-type"), "audio/mpeg");
    assert.equal(provider.totals.succeeded, 4);
  });
});

Deno.test("a file is uploaded as multipart and listed", async () => {
  await withProvider({ dialect: "openai" }, async (provider) => {
    const form = new FormData();
    form.set("purpose", "batch");
    form.set("file", new File([new Uint8Array([1, 2, 255, 13, 10])], "data.bin"));
    const { authorization = "" } = credential();
    const response = await fetch(`${provider.baseUrl}/files`, {
      method: "POST",
      headers: { authorization },
      body: form,
    });
    const uploaded: unknown = await response.json();
    const list = await call(provider, "/v1/files");

    assert.deepEqual([at(uploaded, "filename"), at(uploaded, "bytes"), at(uploaded, "purpose")], [
      "data.bin",
      5,
      "batch",
    ]);
    assert.deepEqual(at(list.json, "data", 0), uploaded);
  });
});

Deno.test("a realtime session is created, answers and echoes", async () => {
  await withProvider({ dialect: "openai" }, async (provider) => {
    const url = `${provider.origin.replace("http", "ws")}/v1/realtime?model=gpt-realtime`;
    const socket = new WebSocket(url, ["realtime", `openai-insecure-api-key.${KEY}`]);
    const types: unknown[] = [];
    const item = { type: "message", role: "user", content: [{ type: "input_text", text: "hello there" }] };
    const done = new Promise<void>((resolve) => {
      socket.onmessage = ({ data }) => {
        types.push(at(JSON.parse(data), "type"));
        if (types.at(-1) === "session.created") {
          socket.send(JSON.stringify({ type: "conversation.item.create", item }));
          socket.send(JSON.stringify({ type: "response.create" }));
          socket.send(JSON.stringify({ type: "mine" }));
        }
        if (types.at(-1) === "mine") socket.close();
      };
      socket.onclose = () => resolve();
    });
    await done;

    assert.equal(socket.protocol, "realtime");
    assert.deepEqual(types, [
      "session.created",
      "conversation.item.created",
      "response.created",
      "response.output_text.delta",
      "response.output_text.delta",
      "response.output_text.done",
      "response.done",
      "mine",
    ]);
    while (provider.totals.inFlight > 0) await new Promise((resolve) => setTimeout(resolve, 1));
    assert.equal(provider.totals.succeeded, 1);
  });
});

Deno.test("close() ends realtime sessions that are open", async () => {
  await withProvider({ dialect: "openai" }, async (provider) => {
    const socket = new WebSocket(`${provider.origin.replace("http", "ws")}/v1/realtime`, [
      `openai-insecure-api-key.${KEY}`,
      "realtime",
    ]);
    await new Promise((resolve) => socket.onmessage = resolve);
    const closed = new Promise((resolve) => socket.onclose = resolve);

    await provider.close();

    await closed;
    assert.equal(provider.totals.inFlight, 0);
  });
});
