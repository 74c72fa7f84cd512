import assert from "node:assert/strict";
import { callRaw } from "../proxy/raw_caller.ts";
import { ScriptedUpstream } from "../proxy/scripted_upstream.ts";
import { CLIENT_KEY, startKeyturn } from "../support/keyturn_under_test.ts";

/** What stands behind `/proxy/files` and must not lead out of it. */
const TRICKS = [
  "/../secret/x",
  "/a/../../secret/x",
  "/%2e%2e/secret/x",
  "/%2E%2e/x",
  "/.%2e/x",
  "/%252e%252e/x",
  "/..%2fsecret",
  "/..%5csecret",
  "/..;/secret",
  "/.;a=b/secret",
  "/%2e%2e;/secret",
  "//secret/x",
  "/\\secret",
  "/a\\..\\x",
  "/%00",
  "/a%0d%0aX-A:b",
  "/a%2fb",
  "/./x",
];

Deno.test("E2 no trick with a path leaves the provider's prefix; a query stays a query", async () => {
  await using upstream = new ScriptedUpstream(() => new Response("served"));
  await using keyturn = await startKeyturn();
  await keyturn.enter("files", { dialect: "rest", baseUrl: `${upstream.url}/tenant` }, ["key-0000001"]);
  await keyturn.enter("secret", { dialect: "rest", baseUrl: `${upstream.url}/other` }, ["key-0000002"]);
  const head = `host: k\r\nauthorization: Bearer ${CLIENT_KEY}\r\nconnection: close\r\n\r\n`;

  for (const trick of TRICKS) {
    const { status } = await callRaw(keyturn.url, `GET /proxy/files${trick} HTTP/1.1\r\n${head}`);
    assert.ok(status === 400 || status === 404, `${trick} ${status}`);
  }
  const refused = upstream.requests.length;
  const good = ["/x?q=/../y", "/x?@host", "/@host/x", "/x?key=abc&access_token=d&a=b", "/x:443"];
  for (const path of good) await callRaw(keyturn.url, `GET /proxy/files${path} HTTP/1.1\r\n${head}`);

  assert.equal(refused, 0);
  assert.equal(upstream.requests.length, good.length);
  for (const { target } of upstream.requests) assert.ok(target.startsWith("/tenant/"), target);
});

Deno.test("E2 a client key in the query goes no further", async () => {
  await using upstream = new ScriptedUpstream(() => new Response("served"));
  await using keyturn = await startKeyturn();
  await keyturn.enter("files", { dialect: "rest", baseUrl: upstream.url }, ["key-0000001"]);

  const got = await keyturn.call("GET", `/proxy/files/x?a=b&key=${CLIENT_KEY}`, undefined, {});

  assert.equal(got.status, 200);
  assert.deepEqual(upstream.requests.map(({ target }) => target), ["/x?a=b"]);
});
