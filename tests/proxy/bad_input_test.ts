import assert from "node:assert/strict";
import {
  at,
  CLIENT_KEY,
  type KeyturnUnderTest,
  parsed,
  startKeyturn,
} from "../support/keyturn_under_test.ts";
import { chat, CHAT_PATH, GENERATE_PATH, message, MESSAGES_PATH } from "./asks.ts";
import { callRaw, type RawAnswer } from "./raw_caller.ts";
import { ScriptedUpstream } from "./scripted_upstream.ts";

/** A Keyturn before an upstream that nothing bad may reach. */
async function start(changes: Parameters<typeof startKeyturn>[0] = {}) {
  const upstream = new ScriptedUpstream(() => Response.json({ choices: [{ text: "ok" }] }));
  const keyturn = await startKeyturn(changes);
  for (const dialect of ["openai", "anthropic", "gemini"] as const) {
    await keyturn.enter(dialect, { preset: dialect, baseUrl: upstream.url }, ["key-0001"]);
  }
  await keyturn.enter("rest", { dialect: "rest", baseUrl: `${upstream.url}/base` }, ["key-0001"]);
  return { upstream, keyturn };
}

/** A request whose target goes out as it is written: fetch would tidy it up. */
function get(keyturn: KeyturnUnderTest, target: string, more = ""): Promise<RawAnswer> {
  return callRaw(
    keyturn.url,
    `GET ${target} HTTP/1.1\r\nhost: keyturn\r\nauthorization: Bearer ${CLIENT_KEY}\r\n${more}connection: close\r\n\r\n`,
  );
}

Deno.test("readRequestBody() refuses broken JSON in the caller's dialect", async () => {
  const { upstream, keyturn } = await start();
  await using _ = upstream;
  await using __ = keyturn;

  const openai = await keyturn.ask(CHAT_PATH, '{"model": "gpt-4o", "messages": [}');
  const anthropic = await keyturn.ask(MESSAGES_PATH, "not json");
  const gemini = await keyturn.ask(GENERATE_PATH, '["an array"]');

  assert.deepEqual([openai.status, anthropic.status, gemini.status], [400, 400, 400]);
  assert.equal(at(openai.json, "error", "type"), "invalid_request_error");
  assert.equal(at(anthropic.json, "type"), "error");
  assert.equal(at(anthropic.json, "error", "type"), "invalid_request_error");
  assert.equal(at(gemini.json, "error", "status"), "INVALID_ARGUMENT");
  assert.equal(upstream.requests.length, 0);
});

Deno.test("readRequestBody() refuses a content type that is not JSON where JSON is taken", async () => {
  const { upstream, keyturn } = await start();
  await using _ = upstream;
  await using __ = keyturn;

  const got = await keyturn.ask(CHAT_PATH, JSON.stringify(chat()), { "content-type": "text/plain" });
  const elsewhere = await keyturn.ask("/v1/audio/transcriptions", "RIFF", { "content-type": "audio/wav" });

  assert.equal(got.status, 415);
  assert.equal(at(got.json, "error", "code"), "unsupported_media_type");
  assert.equal(elsewhere.status, 200);
});

Deno.test("readRequestBody() refuses a body that is too large, declared or chunked", async () => {
  const { upstream, keyturn } = await start({ maxBodyBytes: 20_000, maxReplayBytes: 10_000 });
  await using _ = upstream;
  await using __ = keyturn;
  const large = JSON.stringify(message("x".repeat(30_000)));
  const authorization = `Bearer ${CLIENT_KEY}`;

  const declared = await keyturn.ask(MESSAGES_PATH, large);
  const pieces = new Response(large).body;
  const response = await fetch(keyturn.url + MESSAGES_PATH, {
    method: "POST",
    headers: { authorization, "content-type": "application/json" },
    body: pieces,
  });
  const chunked = { status: response.status, json: parsed(await response.text()) };

  for (const got of [declared, chunked]) {
    assert.equal(got.status, 413);
    assert.equal(at(got.json, "error", "type"), "request_too_large");
  }
});

const TRICKS = [
  "/llm/openai/../anthropic/v1/messages",
  "/proxy/rest/../../admin/status",
  "/proxy/rest/%2e%2e/x",
  "/proxy/rest/%2E%2e/x",
  "/proxy/rest/.%2e/x",
  "/proxy/rest/%252e%252e/x",
  "/proxy/rest/..%2fx",
  "/proxy/rest/..;/x",
  "/proxy/rest/.;a=b/x",
  "/proxy/rest/./x",
  "/proxy/rest//x",
  "/proxy/rest//evil.example/x",
  "/proxy/rest/a%2fb",
  "/proxy/rest/a%5cb",
  "/proxy/rest/a\\b",
  "/proxy/rest/a%00b",
  "/proxy/rest/a%0d%0ab",
  "/proxy/rest/%zz",
  "/proxy/%2e%2e/x",
  "/llm/openai/v1/..",
  "/v1/../admin/status",
  "/v1beta/models/..%2f..%2fx:generateContent",
];

Deno.test("checkPath() refuses every trick with a path, and nothing of it reaches an upstream", async () => {
  const { upstream, keyturn } = await start();
  await using _ = upstream;
  await using __ = keyturn;

  for (const target of TRICKS) {
    const got = await get(keyturn, target);
    assert.equal(got.status, 400, `${target}: ${got.status} ${got.body}`);
  }

  assert.equal(upstream.requests.length, 0);
});

Deno.test("upstreamRequest() stays with the provider's host and prefix whatever the query holds", async () => {
  const { upstream, keyturn } = await start();
  await using _ = upstream;
  await using __ = keyturn;

  const targets = ["/proxy/rest/x?y=/../z", "/proxy/rest/@evil.example", "/proxy/rest/x?key=mine&k=%2e%2e"];
  const answers = [];
  for (const target of targets) answers.push(await get(keyturn, target));

  assert.deepEqual(answers.map(({ status }) => status), [200, 200, 200]);
  assert.deepEqual(upstream.requests.map(({ target }) => target), [
    "/base/x?y=/../z",
    "/base/@evil.example",
    "/base/x?k=%2e%2e",
  ]);
});

Deno.test("relay() serves or refuses an absolute-form target, and never goes where it points", async () => {
  const { upstream, keyturn } = await start();
  await using _ = upstream;
  await using __ = keyturn;
  await using evil = new ScriptedUpstream(() => new Response("evil"));

  const got = await get(keyturn, `${evil.url}/proxy/rest/x`);

  assert.equal(evil.requests.length, 0);
  if (got.status === 200) assert.equal(upstream.requests[0]?.target, "/base/x");
  else assert.ok(got.status >= 400 && got.status < 500);
});

Deno.test("relay() outlives a header of 64 KB and a client key with a newline", async () => {
  const { upstream, keyturn } = await start();
  await using _ = upstream;
  await using __ = keyturn;

  const large = await get(keyturn, "/proxy/rest/x", `x-large: ${"a".repeat(65_536)}\r\n`);
  const broken = await callRaw(
    keyturn.url,
    `GET /proxy/rest/x HTTP/1.1\r\nhost: k\r\nx-proxy-key: ${CLIENT_KEY}\n folded\r\nconnection: close\r\n\r\n`,
  );
  const after = await keyturn.ask(CHAT_PATH, chat());

  assert.ok([200, 400, 431].includes(large.status), `answered ${large.status}`);
  assert.ok(broken.status >= 400 || broken.status === 0, `answered ${broken.status}`);
  assert.equal(after.status, 200);
});

Deno.test("addKeys() takes no key with a newline in it, and no base URL that is none", async () => {
  const { upstream, keyturn } = await start();
  await using _ = upstream;
  await using __ = keyturn;
  const headers = { "x-admin-key": "test-admin-password" };

  const key = { provider: "openai", apiKey: "key-with\nnewline" };
  const added = await keyturn.call("POST", "/admin/keys", key, headers);
  const provider = { slug: "bad", baseUrl: "no url" };
  const entered = await keyturn.call("POST", "/admin/providers", provider, headers);

  assert.equal(added.status, 422);
  assert.ok(!added.text.includes("newline\\n") && !added.text.includes("key-with"));
  assert.equal(entered.status, 422);
});
