import assert from "node:assert/strict";
import { at, startKeyturn } from "../support/keyturn_under_test.ts";
import { chat, CHAT_PATH, contents, GENERATE_PATH, message, MESSAGES_PATH } from "./asks.ts";
import { ScriptedUpstream } from "./scripted_upstream.ts";

/** No pattern knows a key like this: only the exact search finds it. */
const KEY = "Zq9+planted/key=0001";
const FORMS = [KEY, encodeURIComponent(KEY), btoa(KEY)];

/** An error in which the key stands wherever a provider has room for it. */
function planted(status: number, contentType = "application/json"): Response {
  const error = {
    message: `Wrong key ${KEY} at https://api.example.org/?k=${encodeURIComponent(KEY)}`,
    type: `invalid_request_error ${KEY}`,
    param: KEY,
    code: KEY,
    status: "INVALID_ARGUMENT",
    details: [{ [KEY]: btoa(KEY), nested: { deep: [KEY] } }],
  };
  const headers = {
    "content-type": contentType,
    "x-debug": `key=${KEY}`,
    "location": `https://api.example.org/?key=${encodeURIComponent(KEY)}`,
    "authorization": `Bearer ${KEY}`,
    "x-request-id": KEY,
  };
  return new Response(JSON.stringify({ type: "error", error }), { status, headers });
}

for (const status of [400, 401, 402, 403, 404, 413, 422, 429, 500, 503]) {
  Deno.test(`tell() lets nothing of a key out of a ${status}, nor does the admin API or the log`, async () => {
    await using upstream = new ScriptedUpstream(() => planted(status));
    await using keyturn = await startKeyturn();
    for (const dialect of ["openai", "anthropic", "gemini"] as const) {
      const policy = { maxAttempts: 1, maxWaitMs: 0 };
      await keyturn.enter(dialect, { preset: dialect, baseUrl: upstream.url, policy }, [KEY]);
    }

    const answers = [
      await keyturn.ask(CHAT_PATH, chat()),
      await keyturn.ask(MESSAGES_PATH, message()),
      await keyturn.ask(GENERATE_PATH, contents()),
      await keyturn.ask("/proxy/openai/anything", chat()),
    ];
    const shown = [
      JSON.stringify(await keyturn.admin("GET", "/admin/providers/openai/keys")),
      JSON.stringify(await keyturn.admin("GET", "/admin/status")),
    ];

    const told = answers.map((got) => JSON.stringify([[...got.headers], got.text]));
    for (const text of [...told, ...shown, ...keyturn.logged]) {
      for (const form of FORMS) assert.ok(!text.includes(form), `${form} in ${text}`);
    }
    for (const got of answers) assert.ok(got.status >= 400);
  });
}

Deno.test("upstreamError() lets nothing of a key out of an error inside a 200 or a stream", async () => {
  const event = `data: ${
    JSON.stringify({ error: { message: `The key ${KEY} met a server error`, type: "server_error" } })
  }\n\n`;
  await using upstream = new ScriptedUpstream(({ target }) =>
    target.startsWith("/stream")
      ? new Response(event, { headers: { "content-type": "text/event-stream" } })
      : planted(200)
  );
  await using keyturn = await startKeyturn();
  const policy = { maxAttempts: 1, maxWaitMs: 0 };
  await keyturn.enter("plain", { baseUrl: upstream.url, policy }, [KEY]);
  await keyturn.enter("streams", { baseUrl: `${upstream.url}/stream`, policy }, [KEY]);

  const answers = [
    await keyturn.ask(`/llm/plain${CHAT_PATH}`, chat()),
    await keyturn.ask(`/llm/streams${CHAT_PATH}`, chat("hi", { stream: true })),
  ];

  for (const got of answers) {
    assert.ok(got.status >= 400, `${got.status} ${got.text}`);
    const text = JSON.stringify([[...got.headers], got.text]);
    for (const form of FORMS) assert.ok(!text.includes(form), text);
  }
});

Deno.test("callerHeaders() drops a good answer's header that repeats the key", async () => {
  await using upstream = new ScriptedUpstream(() =>
    Response.json({ choices: [{ message: { content: "ok" } }] }, {
      headers: { "x-echo": `Bearer ${KEY}`, "x-kept": "yes", "authorization": "Bearer other" },
    })
  );
  await using keyturn = await startKeyturn();
  await keyturn.enter("openai", { preset: "openai", baseUrl: upstream.url }, [KEY]);

  const got = await keyturn.ask(CHAT_PATH, chat());

  assert.equal(got.status, 200);
  assert.equal(at(got.json, "choices", 0, "message", "content"), "ok");
  assert.equal(got.headers.get("x-kept"), "yes");
  assert.equal(got.headers.get("x-echo"), null);
  assert.equal(got.headers.get("authorization"), null);
});

Deno.test("cleanBody() passes a raw error on byte for byte when no key stands in it", async () => {
  const bytes = Uint8Array.from([0xff, 0xfe, 0, 1, 2, 0x7b]);
  await using upstream = new ScriptedUpstream(() => new Response(bytes, { status: 418 }));
  await using keyturn = await startKeyturn();
  await keyturn.enter("files", { dialect: "rest", baseUrl: upstream.url }, [KEY]);

  const response = await fetch(`${keyturn.url}/proxy/files/a`, {
    headers: { authorization: "Bearer kt_test_client_key_0001" },
  });
  const got = await response.bytes();

  assert.equal(response.status, 418);
  assert.deepEqual(got, bytes);
});
