import assert from "node:assert/strict";
import { callRaw } from "../proxy/raw_caller.ts";
import { ScriptedUpstream } from "../proxy/scripted_upstream.ts";
import { CLIENT_KEY, startKeyturn } from "../support/keyturn_under_test.ts";

/** What a caller may say and no provider must hear. */
const DROPPED = [
  "x-api-key",
  "x_api_key",
  "X-Goog-Api-Key",
  "api-key",
  "x-anthropic-api-key",
  "proxy-authorization",
  "cookie",
  "x-admin-key",
  "x-forwarded-for",
  "x_forwarded_for",
  "x-forwarded-proto",
  "x-forwarded-prefix",
  "forwarded",
  "x-real-ip",
  "cf-connecting-ip",
  "true-client-ip",
  "x-http-method-override",
  "x-original-url",
  "x-rewrite-url",
  "via",
  "origin",
  "referer",
  "te",
  "keep-alive",
  "proxy-connection",
  "http2-settings",
];

Deno.test("E6 no credential, cookie, address or hop-by-hop header of a caller reaches a provider", async () => {
  await using upstream = new ScriptedUpstream(() => new Response("ok"));
  await using keyturn = await startKeyturn();
  await keyturn.enter("raw", { dialect: "rest", baseUrl: upstream.url }, ["pool-key-0000001"]);
  const lines = DROPPED.map((name) => `${name}: evil-value\r\n`).join("");

  const { status } = await callRaw(
    keyturn.url,
    `GET /proxy/raw/a HTTP/1.1\r\nhost: k\r\nx-proxy-key: ${CLIENT_KEY}\r\nauthorization: Basic evil-value\r\n` +
      `connection: close, x-named\r\nx-named: evil-value\r\n${lines}x-kept: one\r\nx-kept: two\r\nx-utf: \xc3\xa9\r\n\r\n`,
  );

  assert.equal(status, 200);
  const [received] = upstream.requests;
  const all = JSON.stringify([...received?.headers ?? []]);
  assert.ok(!all.includes("evil-value") && !all.includes(CLIENT_KEY), all);
  assert.equal(received?.headers.get("authorization"), "Bearer pool-key-0000001");
  assert.equal(received?.headers.get("host"), new URL(upstream.url).host);
  assert.equal(received?.headers.get("accept-encoding"), "identity");
  assert.match(received?.headers.get("x-kept") ?? "", /^one, ?two$/);
});

Deno.test("E6 the credential's own header is the pool's alone, also one that a provider has named", async () => {
  await using upstream = new ScriptedUpstream(() => new Response("ok"));
  await using keyturn = await startKeyturn();
  const credential = { kind: "header", name: "x-custom-token" };
  await keyturn.enter("raw", { dialect: "rest", baseUrl: upstream.url, credential }, ["pool-key-0000001"]);

  const got = await keyturn.ask("/proxy/raw/a", undefined, { "x-custom-token": "mine" });

  assert.equal(got.status, 200);
  assert.equal(upstream.requests[0]?.headers.get("x-custom-token"), "pool-key-0000001");
});

Deno.test("E6 a caller's word on its address counts only from a proxy that is trusted", async () => {
  await using upstream = new ScriptedUpstream(() => new Response("ok"));
  await using keyturn = await startKeyturn();
  await keyturn.enter("raw", { dialect: "rest", baseUrl: upstream.url }, ["pool-key-0000001"]);
  const made = await keyturn.admin("POST", "/admin/client-keys", {
    name: "bound",
    networks: ["203.0.113.7"],
  });
  const key = Object.values(made ?? {}).find((value) => typeof value === "string" && value.startsWith("kt_"));

  const got = await keyturn.ask("/proxy/raw/a", undefined, {
    authorization: `Bearer ${key}`,
    "x-forwarded-for": "203.0.113.7",
  });

  assert.equal(got.status, 403, got.text);
  assert.equal(upstream.requests.length, 0);
});
