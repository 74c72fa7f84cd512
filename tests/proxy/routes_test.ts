import assert from "node:assert/strict";
import { startSimulatedProvider } from "../../src/demo/simulated_provider.ts";
import { at, startKeyturn } from "../support/keyturn_under_test.ts";
import { chat, CHAT_PATH, contents, GENERATE_PATH, message, MESSAGES_PATH } from "./asks.ts";
import { ScriptedUpstream } from "./scripted_upstream.ts";

/** Paths that are joined with each base: how a caller asks, and what the provider must see. */
const JOINED = [
  ["/v1", "/llm/up/v1/chat/completions", "/v1/chat/completions"],
  ["/v1", "/llm/up/chat/completions", "/v1/chat/completions"],
  ["/v1", "/v1/chat/completions", "/v1/chat/completions"],
  ["", "/llm/up/v1/chat/completions", "/v1/chat/completions"],
  ["/api/paas/v4", "/v1/chat/completions", "/api/paas/v4/chat/completions"],
  ["/compatible-mode/v1", "/api/proxy/up/v1/chat/completions", "/compatible-mode/v1/chat/completions"],
  ["/v1", "/api/up/v1/chat/completions?strategy=random&a=1", "/v1/chat/completions?a=1"],
  ["/v1", "/api/up/chat/completions?a=b%20c&strategy=roundRobin&d", "/v1/chat/completions?a=b%20c&d"],
  ["/v1", "/llm/up/chat/completions?key=secret&x=1&access_token=t", "/v1/chat/completions?x=1"],
  ["/v1", "/proxy/up/v1/chat/completions?a=%2B", "/v1/chat/completions?a=%2B"],
  ["", "/proxy/up/any/thing;p=1/?q", "/any/thing;p=1/?q"],
  ["/base", "/proxy/up", "/base"],
  ["/base", "/proxy/up/", "/base/"],
] as const;

Deno.test("joinPath() puts the caller's path behind the provider's, with one version segment", async () => {
  await using upstream = new ScriptedUpstream(() => Response.json({ choices: [{ text: "ok" }] }));

  for (const [base, path, expected] of JOINED) {
    await using keyturn = await startKeyturn();
    await keyturn.enter("up", { baseUrl: upstream.url + base }, ["key-0001"]);
    const got = await keyturn.ask(path, chat());
    assert.equal(got.status, 200, `${path}: ${got.text}`);
    assert.equal(upstream.requests.at(-1)?.target, expected);
  }
});

Deno.test("readTarget() serves every path of the table in its dialect", async () => {
  const keys = [{ secret: "key-0001", behaviour: "ok" }] as const;
  const openai = startSimulatedProvider({ dialect: "openai", keys });
  const anthropic = startSimulatedProvider({ dialect: "anthropic", keys });
  const gemini = startSimulatedProvider({ dialect: "gemini", keys });
  await using keyturn = await startKeyturn();
  await keyturn.enterSimulated("openai", openai);
  await keyturn.enterSimulated("anthropic", anthropic);
  await keyturn.enterSimulated("gemini", gemini);
  const asks: [path: string, body: unknown, provider: string][] = [
    [CHAT_PATH, chat(), "openai"],
    ["/v1/completions", { model: "gpt-3.5-turbo-instruct", prompt: "hi" }, "openai"],
    ["/v1/responses", { model: "gpt-4o", input: "hi" }, "openai"],
    ["/v1/embeddings", { model: "text-embedding-3-small", input: "hi" }, "openai"],
    ["/v1/moderations", { model: "omni-moderation-latest", input: "hi" }, "openai"],
    ["/v1/images/generations", { model: "gpt-image-1", prompt: "a cat" }, "openai"],
    ["/v1/audio/speech", { model: "gpt-4o-mini-tts", input: "hi", voice: "alloy" }, "openai"],
    ["/v1/files", undefined, "openai"],
    [MESSAGES_PATH, message(), "anthropic"],
    ["/v1/messages/count_tokens", message(), "anthropic"],
    [GENERATE_PATH, contents(), "gemini"],
    ["/v1/models/gemini-2.5-flash:generateContent", contents(), "gemini"],
    ["/v1beta/models/gemini-2.5-flash:countTokens", contents(), "gemini"],
    ["/llm/openai/v1/models", undefined, "openai"],
    ["/llm/gemini/v1beta/models", undefined, "gemini"],
    [`/llm/openai${CHAT_PATH}`, chat(), "openai"],
    [`/llm/anthropic${MESSAGES_PATH}`, message(), "anthropic"],
    [`/llm/gemini${GENERATE_PATH}`, contents(), "gemini"],
    [`/api/proxy/openai${CHAT_PATH}`, chat(), "openai"],
    [`/api/anthropic${MESSAGES_PATH}?strategy=least_used`, message(), "anthropic"],
    [`/proxy/openai/chat/completions`, chat(), "openai"],
  ];

  for (const [path, body, provider] of asks) {
    const got = await keyturn.ask(path, body);
    assert.equal(got.status, 200, `${path}: ${got.text}`);
    assert.equal(got.headers.get("x-proxy-provider"), provider, path);
  }
  await keyturn.stop();
  await Promise.all([openai, anthropic, gemini].map((provider) => provider.close()));
});

Deno.test("candidatesFor() takes `provider/model` apart and leaves every other byte of the body as it is", async () => {
  await using upstream = new ScriptedUpstream(() => Response.json({ choices: [{ text: "ok" }] }));
  await using keyturn = await startKeyturn();
  await keyturn.enter("one", { baseUrl: upstream.url, models: ["gpt-4o"] }, ["key-0001"]);
  await keyturn.enter("two", { baseUrl: `${upstream.url}/two` }, ["key-0001"]);
  const body =
    '{ "stream" : false,\n\t"n":1.0, "x": {"model":"two/inner"},"model" :"two/gpt-4o" , "é":"\\u00e9" }';

  const got = await keyturn.ask(CHAT_PATH, body);
  const inPath = await keyturn.ask("/v1beta/models/two/gemini-x:generateContent", contents());
  const model = at(parsedBody(upstream), "model");
  const cached = await keyturn.ask("/v1beta/cachedContents", contents());

  assert.equal(got.status, 200);
  assert.equal(upstream.requests[0]?.target, "/two/v1/chat/completions");
  const sent = new TextDecoder().decode(upstream.requests[0]?.body);
  assert.equal(sent, body.replace('"two/gpt-4o"', '"gpt-4o"'));
  assert.deepEqual([inPath.headers.get("x-proxy-provider"), model], ["two", "gemini-x"]);
  assert.equal(cached.status, 404, "it is a thing of Gemini alone");
});

Deno.test("candidatesFor() asks providers of a model by priority, else one that told no models, else nobody", async () => {
  await using upstream = new ScriptedUpstream(() => Response.json({ choices: [{ text: "ok" }] }));
  await using keyturn = await startKeyturn();
  await keyturn.enter("late", { baseUrl: upstream.url, models: ["gpt-4o"], priority: 9 }, ["key-0001"]);
  await keyturn.enter("early", { baseUrl: upstream.url, models: ["gpt-4o"], priority: 1 }, ["key-0001"]);

  const listed = await keyturn.ask(CHAT_PATH, chat());
  const unknown = await keyturn.ask(CHAT_PATH, chat("hi", { model: "other" }));
  await keyturn.enter("open", { baseUrl: upstream.url, priority: 50 }, ["key-0001"]);
  const open = await keyturn.ask(CHAT_PATH, chat("hi", { model: "other" }));
  const slashed = await keyturn.ask(CHAT_PATH, chat("hi", { model: "org/model" }));

  assert.equal(listed.headers.get("x-proxy-provider"), "early");
  assert.equal(unknown.status, 404);
  assert.equal(at(unknown.json, "error", "code"), "model_not_found");
  assert.equal(open.headers.get("x-proxy-provider"), "open");
  assert.equal(slashed.headers.get("x-proxy-provider"), "open");
  assert.equal(at(parsedBody(upstream), "model"), "org/model");
});

function parsedBody(upstream: ScriptedUpstream): unknown {
  return JSON.parse(new TextDecoder().decode(upstream.requests.at(-1)?.body));
}

Deno.test("planRequest() uses DEFAULT_MODEL for a request that names none, and sends it along", async () => {
  await using upstream = new ScriptedUpstream(() => Response.json({ choices: [{ text: "ok" }] }));
  await using keyturn = await startKeyturn({ defaultModel: "gpt-5-mini" });
  await keyturn.enter("one", { baseUrl: upstream.url, models: ["gpt-5-mini"] }, ["key-0001"]);

  const got = await keyturn.ask(CHAT_PATH, { messages: [] });

  assert.equal(got.status, 200);
  assert.equal(at(parsedBody(upstream), "model"), "gpt-5-mini");
});

Deno.test("namedProvider() refuses unknown and disabled providers and methods that are not allowed", async () => {
  await using upstream = new ScriptedUpstream(() => new Response("ok"));
  await using keyturn = await startKeyturn();
  await keyturn.enter("off", { baseUrl: upstream.url, isEnabled: false }, ["key-0001"]);
  await keyturn.enter("reads", { baseUrl: upstream.url, dialect: "rest", allowedMethods: ["GET"] }, [
    "key-0001",
  ]);
  const cases = [
    ["/llm/nobody/v1/chat/completions", chat(), 404],
    ["/proxy/nobody/x", undefined, 404],
    ["/llm/off/v1/chat/completions", chat(), 404],
    ["/v1/chat/completions", chat(), 404],
    ["/proxy/reads/x", undefined, 200],
    ["/proxy/reads/x", "{}", 405],
    ["/llm/reads/x", "{}", 405],
    ["/llm/", undefined, 404],
    ["/v1/", undefined, 404],
    ["/api/reads/x?strategy=nonsense", undefined, 400],
  ] as const;

  for (const [path, body, status] of cases) {
    const got = await keyturn.ask(path, body);
    assert.equal(got.status, status, `${path}: ${got.text}`);
  }
});
