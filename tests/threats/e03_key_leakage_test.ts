import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { Buffer } from "node:buffer";
import { type BodySource, type Bytes } from "../../src/core/http.ts";
import { KeyEraser } from "../../src/dialect/key_eraser.ts";
import { formsOf } from "../../src/dialect/key_forms.ts";
import { chat, CHAT_PATH, contents, GENERATE_PATH, message, MESSAGES_PATH } from "../proxy/asks.ts";
import { type Received, ScriptedUpstream } from "../proxy/scripted_upstream.ts";
import { ADMIN_KEY, CLIENT_KEY, type KeyturnUnderTest, startKeyturn } from "../support/keyturn_under_test.ts";
import { readDataFolder } from "./data_folder.ts";

/** No pattern knows a key like this: only the exact search finds it. */
const KEY = "Zq9+planted/key=000123456";
const FORMS = [
  ...formsOf(KEY),
  encodeURIComponent(KEY),
  Buffer.from(KEY).toString("base64"),
  Buffer.from(`user:${KEY}`).toString("base64").slice(8, 30),
];

/** All that a provider can say, with the key in it. */
function planted(text: (key: string) => string, { target }: Received): Response {
  const headers = new Headers({
    "content-type": target.includes("stream") ? "text/event-stream" : "application/json",
    "x-debug": `key=${KEY}`,
    "x-encoded": Buffer.from(`user:${KEY}`).toString("base64"),
    "location": `https://api.example.org/?key=${encodeURIComponent(KEY)}`,
    "content-location": `/models?key=${encodeURIComponent(KEY)}`,
    "authorization": `Bearer ${KEY}`,
    "x-request-id": KEY,
    "set-cookie": `key=${encodeURIComponent(KEY)}`,
    "etag": `"${KEY}"`,
  });
  return new Response(text(KEY), { status: Number(/status=(\d+)/.exec(target)?.[1] ?? 200), headers });
}

const CHAT = (key: string) =>
  JSON.stringify({
    id: key,
    model: `gpt ${key}`,
    system_fingerprint: Buffer.from(`x${key}`).toString("base64"),
    choices: [{
      index: 0,
      finish_reason: "stop",
      message: { role: "assistant", content: `Your key is ${key}, in a URL ${encodeURIComponent(key)}` },
    }],
    [key]: { deep: [key, JSON.stringify({ key })] },
    usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
  });

const STREAM = (key: string) =>
  [
    { choices: [{ index: 0, delta: { content: "Hello " } }] },
    { choices: [{ index: 0, delta: { content: `${key} and ${Buffer.from(key).toString("base64")}` } }] },
    { error: { message: `Wrong key ${key}`, code: key, type: "server_error" } },
  ].map((event) => `event: ${key}\nid: ${key}\ndata: ${JSON.stringify(event)}\n\n: ${key}\n\n`).join("");

const ERROR = (key: string) =>
  JSON.stringify({ error: { message: `Wrong key ${key}`, type: key, code: key, details: [{ [key]: key }] } });

Deno.test("E3 a key that a provider puts anywhere leaves by no answer, log, page, metric or file", async () => {
  await using upstream = new ScriptedUpstream((request) => {
    if (request.target.includes("status=")) return planted(ERROR, request);
    return planted(request.target.includes("stream") ? STREAM : CHAT, request);
  });
  await using keyturn = await startKeyturn();
  const policy = { maxAttempts: 1, maxWaitMs: 0 };
  await keyturn.enter("openai", { preset: "openai", baseUrl: upstream.url, policy }, [KEY]);
  await keyturn.enter("raw", { dialect: "rest", baseUrl: upstream.url, policy }, [KEY]);

  const told = [
    await keyturn.ask(CHAT_PATH, chat()),
    await keyturn.ask(`/llm/openai${CHAT_PATH}?stream=1`, chat("hi", { stream: true })),
    // Translated: what is written with escapes upstream stands in the clear here.
    await keyturn.ask(`/llm/openai${MESSAGES_PATH}`, message()),
    await keyturn.ask(`/llm/openai${GENERATE_PATH}`, contents()),
  ];
  for (const path of ["/a", "/stream", "/a?status=301", "/a?status=400", "/a?status=401", "/a?status=503"]) {
    told.push(await keyturn.ask(`/proxy/raw${path}`));
    told.push(await keyturn.ask(`/llm/openai${CHAT_PATH}${path.slice(2)}`, chat()));
  }
  const shown = await pagesOf(keyturn);
  await keyturn.stop();

  assert.ok(upstream.requests.length >= 10, `${upstream.requests.length} requests`);
  for (const { status, headers, text } of told) {
    assertClean(`${status} ${JSON.stringify([...headers])} ${text}`);
  }
  for (const text of [...shown, ...keyturn.logged]) assertClean(text);
  for (const text of (await readDataFolder(keyturn.config.dataDir)).values()) assertClean(text);
});

Deno.test("E3 a compressed answer is inflated, so that the key in it is found, good or not", async () => {
  await using upstream = new ScriptedUpstream(({ target }) => {
    const isError = target.includes("error");
    const body = new Uint8Array(gzipSync(isError ? ERROR(KEY) : CHAT(KEY)));
    return new Response(target.includes("stream") ? new Blob([body]).stream() : body, {
      status: isError ? 400 : 200,
      headers: { "content-type": "application/json", "content-encoding": "gzip" },
    });
  });
  await using keyturn = await startKeyturn();
  await keyturn.enter("raw", { dialect: "rest", baseUrl: upstream.url }, [KEY]);

  const asked = { "accept-encoding": "gzip" };
  const good = await keyturn.ask("/proxy/raw/good", undefined, asked);
  const streamed = await keyturn.ask("/proxy/raw/good-stream", undefined, asked);
  const bad = await keyturn.ask("/proxy/raw/error", undefined, asked);

  for (const got of [good, streamed, bad]) {
    assert.equal(got.headers.get("content-encoding"), null);
    assertClean(got.text);
  }
  assert.match(good.text, /Your key is \*+, in a URL/);
  assert.equal(streamed.text, good.text);
  assert.match(bad.text, /Wrong key \[redacted\]/);
});

Deno.test("E3 a good answer in a coding that nobody asked for, or that does not inflate, does not pass", async () => {
  await using upstream = new ScriptedUpstream(({ target }) =>
    new Response(target.includes("zstd") ? KEY : `no gzip ${KEY}`, {
      headers: { "content-encoding": target.includes("zstd") ? "zstd" : "gzip" },
    })
  );
  await using keyturn = await startKeyturn();
  await keyturn.enter("raw", { dialect: "rest", baseUrl: upstream.url, policy: { maxAttempts: 1 } }, [KEY]);

  const got = [await keyturn.ask("/proxy/raw/zstd"), await keyturn.ask("/proxy/raw/broken")];

  for (const { status, text } of got) {
    assert.equal(status, 502);
    assertClean(text);
  }
});

Deno.test("E3 KeyEraser.clean() finds a key wherever chunks cut it, and moves nothing else", async () => {
  const eraser = new KeyEraser(KEY);
  const text = `data: ${KEY}${KEY} Zq9+planted and ${Buffer.from(`ab${KEY}cd`).toString("base64")} Zq9+plan`;
  const whole = new TextEncoder().encode(text);
  const expected = textOf(eraser.clean(whole.slice()));

  for (let first = 1; first < whole.length; first++) {
    for (const second of [1, 2, 7, whole.length]) {
      const cuts = [whole.slice(0, first), whole.slice(first, first + second), whole.slice(first + second)];
      const read = eraser.clean(sourceOf(cuts.filter((chunk) => chunk.length > 0)));
      assert.equal(await readAll(read), expected, `${first} ${second}`);
    }
  }
  assert.equal(expected.length, text.length);
  assert.match(expected, /^data: \*{50} Zq9\+planted and [\w+/]{1,4}\*+[\w+/=]{1,6} Zq9\+plan$/);
});

Deno.test("E3 KeyEraser.clean() holds nothing back of a stream whose chunks end with their lines", async () => {
  const eraser = new KeyEraser("sk-proj-0123456789abcdef");
  const chunks = ["data: sk\n\n", "data: {}\n\n", "s", "k", "x"].map((text) =>
    new TextEncoder().encode(text)
  );
  const source = eraser.clean(sourceOf(chunks));

  const read = [await source.read(), await source.read(), await source.read(), await source.read()];

  assert.deepEqual(read.map((chunk) => chunk && textOf(chunk)), [
    "data: sk\n\n",
    "data: {}\n\n",
    "skx",
    undefined,
  ]);
});

Deno.test("E3 KeyEraser.clean() takes a short secret for an ordinary word", () => {
  assert.equal(textOf(new KeyEraser("ollama").clean(new TextEncoder().encode("ollama run"))), "ollama run");
});

function assertClean(text: string): void {
  for (const form of FORMS) assert.ok(!text.includes(form), `${form} in ${text.slice(0, 2000)}`);
}

async function pagesOf(keyturn: KeyturnUnderTest): Promise<string[]> {
  const paths = [
    "/admin/providers",
    "/admin/providers/openai",
    "/admin/providers/openai/keys",
    "/admin/providers/raw/keys",
    "/admin/status",
    "/admin/usage",
    "/admin/requests",
    "/admin/audit",
    "/metrics",
    "/health",
  ];
  const shown: string[] = [];
  for (const path of paths) {
    for (const accept of ["application/json", "text/html"]) {
      const response = await fetch(keyturn.url + path, { headers: { "x-admin-key": ADMIN_KEY, accept } });
      shown.push(`${path} ${await response.text()}`);
    }
  }
  const refused = await keyturn.ask("/llm/nobody/v1/models", undefined, {
    authorization: `Bearer ${CLIENT_KEY}`,
  });
  return [...shown, refused.text];
}

function sourceOf(chunks: readonly Bytes[]): BodySource {
  const rest = chunks.map((chunk) => chunk.slice());
  return { read: () => Promise.resolve(rest.shift()), cancel() {} };
}

async function readAll(source: BodySource): Promise<string> {
  let text = "";
  for (let chunk = await source.read(); chunk !== undefined; chunk = await source.read()) {
    text += textOf(chunk);
  }
  return text;
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
