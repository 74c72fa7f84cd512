import assert from "node:assert/strict";
import { at, CLIENT_KEY, type KeyturnUnderTest, startKeyturn } from "../support/keyturn_under_test.ts";
import { chat, CHAT_PATH, contents, GENERATE_PATH, message, MESSAGES_PATH } from "./asks.ts";
import { callRaw } from "./raw_caller.ts";
import { ScriptedUpstream } from "./scripted_upstream.ts";

const PROVIDER_KEY = "provider-key-0001";

/** A Keyturn before one upstream that is a provider of each dialect. */
async function start() {
  const upstream = new ScriptedUpstream(() => Response.json({ choices: [{ text: "ok" }] }));
  const keyturn = await startKeyturn();
  for (const dialect of ["openai", "anthropic", "gemini"] as const) {
    await keyturn.enter(dialect, { preset: dialect, baseUrl: upstream.url }, [PROVIDER_KEY]);
  }
  return { upstream, keyturn };
}

const PLACES: [place: string, query: string, headers: Record<string, string>][] = [
  ["Authorization", "", { authorization: `Bearer ${CLIENT_KEY}` }],
  ["Authorization in capitals", "", { authorization: `BEARER  ${CLIENT_KEY}` }],
  ["x-api-key", "", { "x-api-key": CLIENT_KEY }],
  ["x-goog-api-key", "", { "x-goog-api-key": CLIENT_KEY }],
  ["api-key", "", { "api-key": CLIENT_KEY }],
  ["x-proxy-key", "", { "x-proxy-key": CLIENT_KEY }],
  ["x-proxy-key before all", "", { "x-proxy-key": CLIENT_KEY, "authorization": "Bearer other-key-0001" }],
  ["query", `?key=${CLIENT_KEY}`, {}],
];

for (const [place, query, headers] of PLACES) {
  Deno.test(`presentedKey() finds the client key in ${place}, and it goes no further`, async () => {
    const { upstream, keyturn } = await start();
    await using _ = upstream;
    await using __ = keyturn;

    const answers = [
      await keyturn.call("POST", CHAT_PATH + query, chat(), headers),
      await keyturn.call("POST", MESSAGES_PATH + query, message(), headers),
      await keyturn.call("POST", GENERATE_PATH + query, contents(), headers),
    ];

    assert.deepEqual(answers.map(({ status }) => status), [200, 200, 200]);
    const sent = JSON.stringify(upstream.requests.map((each) => [each.target, [...each.headers]]));
    assert.ok(!sent.includes(CLIENT_KEY) && !sent.includes("other-key-0001"), sent);
    const [openai, anthropic, gemini] = upstream.requests;
    assert.equal(openai?.headers.get("authorization"), `Bearer ${PROVIDER_KEY}`);
    assert.equal(anthropic?.headers.get("x-api-key"), PROVIDER_KEY);
    assert.equal(gemini?.headers.get("x-goog-api-key"), PROVIDER_KEY);
  });
}

/** A client key of the admin API; gives its id and its text. */
async function makeClientKey(keyturn: KeyturnUnderTest, fields: Record<string, unknown> = {}) {
  const made = await keyturn.admin("POST", "/admin/client-keys", { name: "one", ...fields });
  return { id: String(at(made, "id")), key: String(at(made, "key")) };
}

Deno.test("authenticate() refuses absent, wrong, expired and deleted keys with 401 in the caller's dialect", async () => {
  const { upstream, keyturn } = await start();
  await using _ = upstream;
  await using __ = keyturn;
  const made = await makeClientKey(keyturn);
  const expired = await makeClientKey(keyturn, { expiresAtMs: Date.now() - 1 });
  const deleted = await makeClientKey(keyturn);
  await keyturn.admin("DELETE", `/admin/client-keys/${deleted.id}`);
  const good = await keyturn.call("POST", CHAT_PATH, chat(), { authorization: `Bearer ${made.key}` });
  const asked = upstream.requests.length;

  for (
    const key of [undefined, "", "wrong-key-0001", expired.key, deleted.key, PROVIDER_KEY, "x".repeat(9000)]
  ) {
    const headers: Record<string, string> = key === undefined ? {} : { "x-api-key": key };
    const openai = await keyturn.call("POST", CHAT_PATH, chat(), headers);
    const anthropic = await keyturn.call("POST", MESSAGES_PATH, message(), headers);
    const gemini = await keyturn.call("POST", GENERATE_PATH, contents(), headers);
    const raw = await keyturn.call("GET", "/proxy/openai/x", undefined, headers);
    assert.deepEqual([openai, anthropic, gemini, raw].map(({ status }) => status), [401, 401, 401, 401]);
    assert.equal(at(openai.json, "error", "type"), "authentication_error");
    assert.equal(at(anthropic.json, "error", "type"), "authentication_error");
    assert.equal(at(gemini.json, "error", "status"), "UNAUTHENTICATED");
  }
  assert.equal(good.status, 200);
  assert.equal(upstream.requests.length, asked);
});

Deno.test("authenticate() lets anyone in when that is configured, and never into the admin API", async () => {
  await using upstream = new ScriptedUpstream(() => Response.json({ choices: [{ text: "ok" }] }));
  await using keyturn = await startKeyturn({ allowAnonymous: true, clientKeys: [] });
  await keyturn.enter("openai", { preset: "openai", baseUrl: upstream.url }, [PROVIDER_KEY]);

  const nobody = await keyturn.call("POST", CHAT_PATH, chat(), {});
  const anybody = await keyturn.call("POST", CHAT_PATH, chat(), { authorization: "Bearer whatever" });
  const admin = await keyturn.call("GET", "/admin/status", undefined, { authorization: "Bearer whatever" });

  assert.deepEqual([nobody.status, anybody.status, admin.status], [200, 200, 401]);
});

Deno.test("upstreamHeaders() passes on what is the caller's business and nothing else", async () => {
  const { upstream, keyturn } = await start();
  await using _ = upstream;
  await using __ = keyturn;
  const dropped = {
    "x-api-key": "caller-secret",
    "x-goog-api-key": "caller-secret",
    "api-key": "caller-secret",
    "cookie": "session=caller-secret",
    "x-admin-key": "caller-secret",
    "proxy-authorization": "Basic caller-secret",
    "x-forwarded-for": "10.0.0.1",
    "x-forwarded-host": "inner",
    "x-forwarded-proto": "https",
    "x-real-ip": "10.0.0.1",
    "forwarded": "for=10.0.0.1",
    "via": "1.1 inner",
    "origin": "https://inner",
    "referer": "https://inner/page",
    "te": "trailers",
    "x-listed": "caller-secret",
    "keep-alive": "timeout=5",
    "proxy-connection": "keep-alive",
  };
  const kept = { "openai-beta": "assistants=v2", "x-custom": "kept", "user-agent": "caller/1.0" };
  const body = JSON.stringify(chat());
  const lines = Object.entries({ ...dropped, ...kept }).map(([name, value]) => `${name}: ${value}\r\n`).join(
    "",
  );

  const got = await callRaw(
    keyturn.url,
    `POST ${CHAT_PATH} HTTP/1.1\r\nhost: keyturn\r\nauthorization: Bearer ${CLIENT_KEY}\r\n${lines}` +
      `content-type: application/json\r\ncontent-length: ${body.length}\r\nconnection: close, X-Listed\r\n\r\n${body}`,
  );

  assert.equal(got.status, 200, got.body);
  const headers = upstream.requests[0]?.headers ?? new Headers();
  for (const name of Object.keys(dropped)) assert.equal(headers.get(name), null, name);
  for (const [name, value] of Object.entries(kept)) assert.equal(headers.get(name), value);
  assert.equal(headers.get("authorization"), `Bearer ${PROVIDER_KEY}`);
  assert.equal(headers.get("host"), new URL(upstream.url).host);
});

const RAW_PLACES: [
  credential: unknown,
  key: string,
  header: string | undefined,
  value: string,
  target: string,
][] = [
  [{ kind: "bearer" }, "raw-key-0001", "authorization", "Bearer raw-key-0001", "/x?a=1"],
  [{ kind: "basic" }, "user:pass-0001", "authorization", `Basic ${btoa("user:pass-0001")}`, "/x?a=1"],
  [{ kind: "query", name: "api_key" }, "raw+key/0001", undefined, "", "/x?a=1&api_key=raw%2Bkey%2F0001"],
  [
    { kind: "header", name: "X-Token", prefix: "Token " },
    "raw-key-0001",
    "x-token",
    "Token raw-key-0001",
    "/x?a=1",
  ],
];

for (const [credential, key, header, value, target] of RAW_PLACES) {
  Deno.test(`placeCredential() sends a raw request's key as ${JSON.stringify(credential)}`, async () => {
    await using upstream = new ScriptedUpstream(() => new Response("fine", { status: 201 }));
    await using keyturn = await startKeyturn();
    await keyturn.enter("raw", { dialect: "rest", baseUrl: upstream.url, credential });
    await keyturn.admin("POST", "/admin/keys", { provider: "raw", apiKey: key });

    const got = await keyturn.ask("/proxy/raw/x?a=1");

    assert.equal(got.status, 201);
    assert.equal(got.text, "fine");
    assert.equal(upstream.requests[0]?.target, target);
    if (header !== undefined) assert.equal(upstream.requests[0]?.headers.get(header), value);
    else assert.equal(upstream.requests[0]?.headers.get("authorization"), null);
  });
}
