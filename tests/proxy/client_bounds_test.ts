import assert from "node:assert/strict";
import type { NetworkList } from "../../src/core/network_list.ts";
import { parseNetworkList } from "../../src/core/network_list.ts";
import { callerAddress } from "../../src/proxy/caller_address.ts";
import { findClientKey } from "../../src/store/client_key_store.ts";
import { openDatabase } from "../../src/store/database.ts";
import { textAt } from "../support/admin_under_test.ts";
import { at, type Got, type KeyturnUnderTest, startKeyturn } from "../support/keyturn_under_test.ts";
import { chat, CHAT_PATH, contents, message, MESSAGES_PATH } from "./asks.ts";
import { ScriptedUpstream } from "./scripted_upstream.ts";

const networksOf = (...entries: string[]): NetworkList => parseNetworkList(entries).networks;

/** Two providers, "one" and "two", and a group "team" of the second. */
async function start(upstream: ScriptedUpstream, changes: Parameters<typeof startKeyturn>[0] = {}) {
  const keyturn = await startKeyturn(changes);
  for (const slug of ["one", "two"]) {
    await keyturn.enter(slug, { baseUrl: upstream.url, models: ["gpt-4o", "gpt-4o-mini"] }, ["key-0001"]);
  }
  await keyturn.enter("claude", { preset: "anthropic", slug: "claude", baseUrl: upstream.url }, ["key-0001"]);
  await keyturn.admin("POST", "/admin/groups", { slug: "team", members: [{ provider: "two" }] });
  return keyturn;
}

const serve = () => new ScriptedUpstream(() => Response.json({ choices: [{ text: "ok" }] }));

/** Asks as a new client key with these bounds. */
async function bound(keyturn: KeyturnUnderTest, bounds: Record<string, unknown>) {
  const made = await keyturn.admin("POST", "/admin/client-keys", { name: "bound", ...bounds });
  const [id, key] = [textAt(made, "id"), textAt(made, "key")];
  const ask = (path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Got> =>
    keyturn.ask(path, body, { "x-proxy-key": key, ...headers });
  return { id, key, ask };
}

Deno.test("checkTarget() keeps a client key to its providers and groups, by path and by model", async () => {
  await using upstream = serve();
  await using keyturn = await start(upstream);
  const { ask } = await bound(keyturn, { targets: ["team"] });
  const cases = [
    [`/llm/team${CHAT_PATH}`, chat(), 200, "two"],
    [CHAT_PATH, chat("hi", { model: "team/gpt-4o" }), 200, "two"],
    [CHAT_PATH, chat(), 200, "two"],
    [CHAT_PATH, chat("hi", { model: "one/gpt-4o" }), 403, null],
    [`/llm/one${CHAT_PATH}`, chat(), 403, null],
    [`/llm/two${CHAT_PATH}`, chat(), 403, null],
    [`/proxy/one/x`, undefined, 403, null],
    [`/llm/nobody${CHAT_PATH}`, chat(), 403, null],
    [MESSAGES_PATH, message(), 403, null],
  ] as const;

  for (const [path, body, status, provider] of cases) {
    const got = await ask(path, body);
    assert.deepEqual([got.status, got.headers.get("x-proxy-provider")], [status, provider], got.text);
  }
  const told = await ask(MESSAGES_PATH, message());
  assert.equal(at(told.json, "error", "type"), "permission_error");
});

Deno.test("checkModels() keeps a client key to its models, wherever a request names one", async () => {
  await using upstream = serve();
  await using keyturn = await start(upstream, { defaultModel: "gpt-4o" });
  await keyturn.admin("POST", "/admin/aliases", { name: "fast", target: "gpt-4o" });
  const { ask } = await bound(keyturn, { models: ["*-mini", "fast"] });
  const named = (model: string) => chat("hi", { model });
  const text = { "content-type": "text/plain" };
  const cases: [path: string, body: unknown, status: number, headers?: Record<string, string>][] = [
    [CHAT_PATH, named("gpt-4o-mini"), 200],
    [CHAT_PATH, named("one/gpt-4o-mini"), 200],
    [CHAT_PATH, named("fast"), 200],
    [CHAT_PATH, named("gpt-4o"), 403],
    [CHAT_PATH, named("one/gpt-4o"), 403],
    [CHAT_PATH, { messages: [] }, 403],
    [CHAT_PATH, { ...named("gpt-4o-mini"), models: ["gpt-4o"] }, 403],
    ["/llm/one/v1/chat/completions", named("gpt-4o"), 403],
    ["/proxy/one/chat/completions", named("gpt-4o-mini"), 200],
    ["/proxy/one/chat/completions", named("gpt-4o"), 403],
    ["/proxy/one/chat/completions", named("gpt-4o-mini"), 403, text],
    ["/proxy/one/models/gpt-4o:generateContent", { model: "gpt-4o-mini" }, 403],
    ["/v1/batches", { input_file_id: "file-1" }, 403],
    ["/v1beta/models/gemini-pro:generateContent", contents(), 403],
    ["/v1/files", undefined, 200],
  ];

  for (const [path, body, status, headers] of cases) {
    const got = await ask(path, body, headers);
    assert.equal(got.status, status, `${path} ${JSON.stringify(body)}: ${got.text}`);
  }
});

Deno.test("checkNetwork() lets a client key in from its networks only, and believes no forwarded address", async () => {
  await using upstream = serve();
  await using keyturn = await start(upstream);
  const near = await bound(keyturn, { networks: ["127.0.0.0/8", "::1"] });
  const far = await bound(keyturn, { networks: ["203.0.113.0/24"] });
  const forwarded = { "x-forwarded-for": "203.0.113.7" };

  const got = [await near.ask(CHAT_PATH, chat()), await far.ask(CHAT_PATH, chat(), forwarded)];

  assert.deepEqual(got.map(({ status }) => status), [200, 403]);
  assert.equal(at(got[1]?.json, "error", "code"), "forbidden");
});

Deno.test("checkNetwork() takes the address that a trusted proxy tells", async () => {
  await using upstream = serve();
  await using keyturn = await start(upstream, { trustedProxies: networksOf("127.0.0.1", "::1") });
  const { ask } = await bound(keyturn, { networks: ["203.0.113.0/24"] });

  const from = async (addresses: string) =>
    (await ask(CHAT_PATH, chat(), { "x-forwarded-for": addresses })).status;

  assert.equal(await from("203.0.113.7"), 200);
  assert.equal(await from("203.0.113.7, 198.51.100.1"), 403);
  assert.equal((await ask(CHAT_PATH, chat())).status, 403);
});

Deno.test("callerAddress() takes the rightmost address that is no trusted proxy", () => {
  const cases: [remote: string | undefined, forwarded: string[], expected: string | undefined][] = [
    ["198.51.100.1", ["203.0.113.7"], "198.51.100.1"],
    ["10.0.0.1", ["203.0.113.7"], "203.0.113.7"],
    ["10.0.0.1", ["192.0.2.9, 203.0.113.7 , 10.0.0.2"], "203.0.113.7"],
    ["10.0.0.1", ["192.0.2.9", "203.0.113.7:4711"], "203.0.113.7"],
    ["10.0.0.1", ["[2001:db8::1]:4711"], "2001:db8::1"],
    ["10.0.0.1", ["2001:db8::1"], "2001:db8::1"],
    ["10.0.0.1", ["192.0.2.9, unknown"], "unknown"],
    ["10.0.0.1", ["10.0.0.9, 10.0.0.2"], "10.0.0.9"],
    ["10.0.0.1", [], "10.0.0.1"],
    ["::ffff:10.0.0.1", ["203.0.113.7"], "203.0.113.7"],
    [undefined, ["203.0.113.7"], undefined],
  ];
  for (const [remote, forwarded, expected] of cases) {
    const incoming = {
      method: "GET",
      path: "/",
      query: "",
      headers: forwarded.map((value) => ["x-forwarded-for", value] as const),
      remoteAddress: () => remote,
      body: () => undefined,
      bytes: () => Promise.resolve(new Uint8Array()),
      onGone: () => {},
    };
    assert.equal(callerAddress(incoming, networksOf("10.0.0.0/8")), expected, forwarded.join("; "));
  }
});

Deno.test("a client key that is disabled is refused at once, and one that is rotated serves until its grace ends", async () => {
  await using upstream = serve();
  await using keyturn = await start(upstream);
  const client = await bound(keyturn, {});
  const path = `/admin/client-keys/${client.id}`;
  const ask = async (key = client.key) =>
    (await keyturn.ask(CHAT_PATH, chat(), { "x-proxy-key": key })).status;

  const before = await ask();
  await keyturn.admin("PUT", path, { isEnabled: false });
  const disabled = await ask();
  await keyturn.admin("PUT", path, { isEnabled: true });
  const rotated = textAt(await keyturn.admin("POST", `${path}/rotate`, { graceSeconds: 60 }), "key");
  const inGrace = [await ask(), await ask(rotated)];
  const again = textAt(await keyturn.admin("POST", `${path}/rotate`, {}), "key");
  const ended = [await ask(), await ask(rotated), await ask(again)];

  assert.deepEqual([before, disabled], [200, 401]);
  assert.deepEqual(inGrace, [200, 200]);
  assert.deepEqual(ended, [401, 401, 200]);
});

Deno.test("a client key shows when it was used last, also after a restart", async () => {
  await using upstream = serve();
  await using keyturn = await start(upstream);
  const client = await bound(keyturn, {});
  const beforeMs = Date.now();

  await client.ask(CHAT_PATH, chat());
  await keyturn.stop();
  const db = await openDatabase({ url: keyturn.config.databaseUrl });
  const stored = await findClientKey(db, client.id);
  db.close();

  assert.ok((stored?.lastUsedMs ?? 0) >= beforeMs);
});
