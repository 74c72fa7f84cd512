import assert from "node:assert/strict";
import { at, startKeyturn } from "../support/keyturn_under_test.ts";
import { ScriptedUpstream } from "./scripted_upstream.ts";
import { eventsOf } from "./translated_callers.ts";

const chunk = (delta: unknown, finish: string | null = null) => ({
  id: "c1",
  object: "chat.completion.chunk",
  model: "gemini-2.5-flash",
  choices: [{ index: 0, delta, finish_reason: finish }],
});

/** Google's endpoint with the faults that it is known for. */
const STREAM = [
  chunk({ role: "assistant", content: "Let me" }),
  chunk({ tool_calls: [{ id: "a", type: "function", function: { name: "one", arguments: '{"x":' } }] }),
  chunk({ tool_calls: [{ function: { arguments: "1}" } }] }),
  chunk({
    tool_calls: [{
      id: "b",
      type: "function",
      function: { name: "two", arguments: "{}" },
      extra_content: { google: { thought_signature: "c2ln" } },
    }],
  }),
  { ...chunk({}, "stop"), usage: { prompt_tokens: 5, completion_tokens: 7, total_tokens: 12 } },
];

const WHOLE = {
  id: "c1",
  object: "chat.completion",
  choices: [{
    index: 0,
    finish_reason: "stop",
    message: {
      role: "assistant",
      tool_calls: [{ id: "a", type: "function", function: { name: "one", arguments: "{}" } }],
    },
  }],
  usage: { prompt_tokens: 5, completion_tokens: 7, total_tokens: 12 },
};

function startGoogle(): ScriptedUpstream {
  return new ScriptedUpstream(({ target, body }) => {
    const asked: unknown = body.length === 0 ? undefined : JSON.parse(new TextDecoder().decode(body));
    if (target.endsWith("/models")) return Response.json({ object: "list", data: [{ id: "theirs" }] });
    if (target.endsWith("/embeddings")) return Response.json({ object: "list", data: [] });
    if (at(asked, "model") === "broken") {
      return Response.json([{ error: { code: 400, message: "no such thing", status: "INVALID_ARGUMENT" } }], {
        status: 400,
      });
    }
    if (at(asked, "stream") !== true) return Response.json(WHOLE);
    const events = [...STREAM.map((each) => JSON.stringify(each)), "[DONE]"];
    return new Response(events.map((data) => `data: ${data}\n\n`).join(""), {
      headers: { "content-type": "text/event-stream" },
    });
  });
}

const chat = { model: "gemini-2.5-flash", messages: [{ role: "user", content: "hi" }], seed: 7 };

Deno.test("openai_compatible sends a chat as it came to Google's own endpoint, and mends what comes back", async () => {
  await using google = startGoogle();
  await using keyturn = await startKeyturn();
  await keyturn.enter("gemini", {
    preset: "gemini",
    baseUrl: `${google.url}/v1beta`,
    translate: "openai_compatible",
    models: ["gemini-2.5-flash"],
  }, ["secret-key-0001"]);

  const whole = await keyturn.ask("/v1/chat/completions", chat);
  const first = google.requests[0];
  const streamed = await keyturn.ask("/v1/chat/completions", { ...chat, stream: true });
  const broken = await keyturn.ask("/llm/gemini/v1/chat/completions", { ...chat, model: "broken" });
  const models = await keyturn.ask("/llm/gemini/v1/models");
  const embedded = await keyturn.ask("/llm/gemini/v1/embeddings", { model: "e", input: "hi" });
  await keyturn.stop();
  const [usage] = await keyturn.usage();

  assert.deepEqual([first?.target, first?.headers.get("authorization")], [
    "/v1beta/openai/chat/completions",
    "Bearer secret-key-0001",
  ]);
  assert.equal(first?.headers.get("x-goog-api-key"), null);
  assert.deepEqual(JSON.parse(new TextDecoder().decode(first?.body)), chat);
  assert.equal(at(whole.json, "choices", 0, "finish_reason"), "tool_calls");
  const events = eventsOf(streamed.text);
  assert.deepEqual(
    events.slice(1, 4).map((event) => at(event, "choices", 0, "delta", "tool_calls", 0, "index")),
    [0, 0, 1],
  );
  assert.equal(
    at(events[3], "choices", 0, "delta", "tool_calls", 0, "extra_content", "google", "thought_signature"),
    "c2ln",
  );
  assert.equal(at(events[4], "choices", 0, "finish_reason"), "tool_calls");
  assert.equal(events.at(-1), "[DONE]");
  assert.deepEqual([broken.status, at(broken.json, "error", "message")], [400, "no such thing"], broken.text);
  assert.deepEqual([at(models.json, "data", 0, "id"), google.requests.at(-2)?.target], [
    "theirs",
    "/v1beta/openai/models",
  ]);
  assert.deepEqual([embedded.status, google.requests.at(-1)?.target], [200, "/v1beta/openai/embeddings"]);
  assert.deepEqual([usage?.inputTokens, usage?.outputTokens], [10, 14]);
});

Deno.test("openai_compatible is for OpenAI's callers: others are translated, and Anthropic has chat only", async () => {
  await using upstream = new ScriptedUpstream(({ target }) =>
    target.endsWith("/chat/completions")
      ? Response.json(WHOLE)
      : Response.json({ type: "message", content: [{ type: "text", text: "hi" }], stop_reason: "end_turn" })
  );
  await using keyturn = await startKeyturn();
  const fields = { baseUrl: `${upstream.url}/v1`, translate: "openai_compatible", models: ["claude-x"] };
  await keyturn.enter("anthropic", { preset: "anthropic", ...fields }, ["secret-key-0001"]);
  const prompt = { contents: [{ role: "user", parts: [{ text: "hi" }] }] };

  const openai = await keyturn.ask("/v1/chat/completions", { ...chat, model: "anthropic/claude-x" });
  const [sent] = upstream.requests;
  const responses = await keyturn.ask("/v1/responses", { model: "claude-x", input: "hi" });
  const gemini = await keyturn.ask("/v1beta/models/claude-x:generateContent", prompt);
  const refused = await keyturn.call("POST", "/admin/providers", {
    slug: "wrong",
    baseUrl: upstream.url,
    translate: "openai_compatible",
  }, { "x-admin-key": "test-admin-password" });

  assert.equal(openai.text, JSON.stringify(WHOLE), "it comes back as it is");
  assert.deepEqual([sent?.target, sent?.headers.get("authorization")], [
    "/v1/chat/completions",
    "Bearer secret-key-0001",
  ]);
  assert.deepEqual(JSON.parse(new TextDecoder().decode(sent?.body)), { ...chat, model: "claude-x" });
  assert.deepEqual([responses.status, gemini.status], [200, 200], responses.text + gemini.text);
  assert.deepEqual(upstream.requests.slice(1).map(({ target }) => target), ["/v1/messages", "/v1/messages"]);
  assert.equal(refused.status, 422);
});
