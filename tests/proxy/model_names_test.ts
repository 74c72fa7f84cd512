import assert from "node:assert/strict";
import { at, startKeyturn } from "../support/keyturn_under_test.ts";
import { chat, CHAT_PATH, contents } from "./asks.ts";
import { type Received, ScriptedUpstream } from "./scripted_upstream.ts";

const decoder = new TextDecoder();

function sent(
  upstream: ScriptedUpstream,
  index = -1,
): { target: string | undefined; json: unknown; text: string } {
  const request = upstream.requests.at(index);
  const text = decoder.decode(request?.body);
  return { target: request?.target, text, json: text.startsWith("{") ? JSON.parse(text) : undefined };
}

const serve = () => new ScriptedUpstream(() => Response.json({ choices: [{ text: "ok" }] }));

Deno.test("resolveModel() sends an alias to what it stands for, under each provider's own name", async () => {
  await using upstream = serve();
  await using keyturn = await startKeyturn({ defaultModel: "usual" });
  const modelMap = { "gpt-4o": "openai/gpt-4o-2024" };
  await keyturn.enter("router", { baseUrl: `${upstream.url}/router`, modelMap }, ["key-0001"]);
  await keyturn.enter("plain", { baseUrl: `${upstream.url}/plain`, models: ["llama"] }, ["key-0001"]);
  await keyturn.admin("POST", "/admin/aliases", { name: "fast", target: "gpt-4o" });
  await keyturn.admin("POST", "/admin/aliases", { name: "usual", target: "plain/llama" });
  const cases = [
    [CHAT_PATH, "fast", "/router", "openai/gpt-4o-2024"],
    [CHAT_PATH, "gpt-4o", "/router", "openai/gpt-4o-2024"],
    [CHAT_PATH, "usual", "/plain", "llama"],
    [CHAT_PATH, undefined, "/plain", "llama"],
    [CHAT_PATH, "plain/anything", "/plain", "anything"],
    [`/llm/router${CHAT_PATH}`, "fast", "/router", "openai/gpt-4o-2024"],
    [`/llm/plain${CHAT_PATH}`, "usual", "/plain", "llama"],
    // Nobody else's alias, and no slug, counts under a slug.
    [`/llm/router${CHAT_PATH}`, "usual", "/router", "usual"],
    [`/llm/router${CHAT_PATH}`, "plain/llama", "/router", "plain/llama"],
    ["/proxy/router/chat/completions", "gpt-4o", "/router", "gpt-4o"],
  ] as const;

  for (const [path, model, base, expected] of cases) {
    const got = await keyturn.ask(path, { messages: [], ...(model !== undefined && { model }) });
    assert.equal(got.status, 200, `${path} ${model}: ${got.text}`);
    const { target, json } = sent(upstream);
    assert.ok(target?.startsWith(base), `${path} ${model} went to ${target}`);
    assert.equal(at(json, "model"), expected, `${path} ${model}`);
  }
});

Deno.test("NamedModel writes another name into a form, and into a path with its body", async () => {
  await using upstream = serve();
  await using keyturn = await startKeyturn();
  await keyturn.enter("speech", {
    baseUrl: upstream.url,
    models: ["whisper"],
    modelMap: { ear: "whisper-ü" },
  }, [
    "key-0001",
  ]);
  const modelMap = { small: "gemini-embedding-001", chatty: "gemini-2.5-flash" };
  await keyturn.enter("gemini", { preset: "gemini", baseUrl: upstream.url, modelMap }, ["key-0001"]);
  const field = (name: string, value: string) =>
    `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
  const form = (model: string) => `${field("file", '{ "model": 1 }')}${field("model", model)}--b--\r\n`;
  const headers = { "content-type": "multipart/form-data; boundary=b" };

  const heard = await keyturn.ask("/v1/audio/transcriptions", form("ear"), headers);
  const mapped = sent(upstream).text;
  const named = await keyturn.ask("/v1/audio/transcriptions", form("speech/whisper"), headers);
  const stripped = sent(upstream).text;
  const embedded = await keyturn.ask("/v1beta/models/small:batchEmbedContents", {
    requests: [{ model: "models/small", content: { parts: [{ text: "model models/small" }] } }],
  });
  const embedding = sent(upstream);
  const slashed = await keyturn.ask("/v1beta/models/gemini/chatty:generateContent", contents());
  const generated = sent(upstream);

  assert.deepEqual([heard, named, embedded, slashed].map(({ status }) => status), [200, 200, 200, 200]);
  assert.equal(mapped, form("whisper-ü"));
  assert.equal(stripped, form("whisper"));
  assert.equal(embedding.target, "/v1beta/models/gemini-embedding-001:batchEmbedContents");
  assert.equal(at(embedding.json, "requests", 0, "model"), "models/gemini-embedding-001");
  assert.equal(at(embedding.json, "requests", 0, "content", "parts", 0, "text"), "model models/small");
  assert.equal(generated.target, "/v1beta/models/gemini-2.5-flash:generateContent");
});

const TOO_LONG = {
  error: {
    message:
      "This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens.",
    type: "invalid_request_error",
    code: "context_length_exceeded",
  },
};

/** Refuses every model but "large" as too short for the request. */
function shortSighted({ body }: Received): Response {
  const model = at(JSON.parse(decoder.decode(body)), "model");
  return model === "large"
    ? Response.json({ choices: [{ message: { content: "ok" } }] })
    : Response.json(TOO_LONG, { status: 400 });
}

Deno.test("runAttempts() goes on once with the alias' fallback when the request is too long for its model", async () => {
  await using upstream = new ScriptedUpstream(shortSighted);
  await using keyturn = await startKeyturn();
  await keyturn.enter("one", { baseUrl: upstream.url, models: ["small", "medium"] }, ["key-0001"]);
  await keyturn.enter("two", { baseUrl: upstream.url, models: ["large"] }, ["key-0002"]);
  const aliases = {
    good: { target: "small", contextFallback: "two/large" },
    hopeless: { target: "small", contextFallback: "medium" },
    lost: { target: "small", contextFallback: "unknown-model" },
  };
  for (const [name, alias] of Object.entries(aliases)) {
    await keyturn.admin("POST", "/admin/aliases", { name, ...alias });
  }
  const ask = (model: string) => keyturn.ask(CHAT_PATH, chat("hi", { model }));

  const good = await ask("good");
  const hopeless = await ask("hopeless");
  const lost = await ask("lost");
  const plain = await ask("small");

  assert.deepEqual([good.status, good.headers.get("x-proxy-provider")], [200, "two"]);
  assert.equal(good.headers.get("x-proxy-attempts"), "2");
  for (const [got, attempts] of [[hopeless, "2"], [lost, "1"], [plain, "1"]] as const) {
    assert.equal(got.status, 400);
    assert.equal(at(got.json, "error", "code"), "context_length_exceeded");
    assert.equal(got.headers.get("x-proxy-attempts"), attempts);
  }
  await keyturn.stop();
  const models = (await keyturn.usage(["model"])).map(({ model }) => model);
  assert.deepEqual(models.toSorted(), ["large", "medium", "small"]);
});
