import assert from "node:assert/strict";
import { callRaw } from "../proxy/raw_caller.ts";
import { ScriptedUpstream } from "../proxy/scripted_upstream.ts";
import { CLIENT_KEY, startKeyturn } from "../support/keyturn_under_test.ts";

/** Near to the right one, and words that careless code takes for one. */
const WRONG = [
  "null",
  "undefined",
  "true",
  "0",
  "[object Object]",
  "constructor",
  "__proto__",
  "toString",
  "' OR '1'='1",
  "%",
  "*",
  CLIENT_KEY.toUpperCase(),
  CLIENT_KEY.slice(0, -1),
  `${CLIENT_KEY}1`,
  `${CLIENT_KEY},${CLIENT_KEY}`,
  `${CLIENT_KEY};`,
  `${CLIENT_KEY}%00`,
  `"${CLIENT_KEY}"`,
  `${CLIENT_KEY}\u00ad`,
  CLIENT_KEY.replace("k", "\u212a".slice(0, 0) + "K"),
  "x".repeat(20_000),
];

Deno.test("E12 no key but the right one is let in, however near, long or empty it is", async () => {
  await using upstream = new ScriptedUpstream(() => new Response("ok"));
  await using keyturn = await startKeyturn();
  await keyturn.enter("raw", { dialect: "rest", baseUrl: upstream.url }, ["pool-key-0000001"]);
  const ask = async (line: string) =>
    (await callRaw(keyturn.url, `GET /proxy/raw/a HTTP/1.1\r\nhost: k\r\n${line}connection: close\r\n\r\n`))
      .status;

  for (const key of WRONG) {
    const bytes = String.fromCharCode(...new TextEncoder().encode(key));
    assert.equal(await ask(`authorization: Bearer ${bytes}\r\n`), 401, key.slice(0, 60));
    assert.equal(await ask(`x-api-key: ${bytes}\r\n`), 401, key.slice(0, 60));
  }
  for (const line of ["", "authorization: Bearer\r\n", "authorization: Bearer  \r\n", "x-api-key:\r\n"]) {
    assert.equal(await ask(line), 401, JSON.stringify(line));
  }
  assert.equal(await ask(`authorization: Basic ${btoa(`:${CLIENT_KEY}`)}\r\n`), 401);
  assert.equal(upstream.requests.length, 0);
  assert.equal(await ask(`authorization: Bearer ${CLIENT_KEY}\r\n`), 200);
});

Deno.test("E12 without a client key configured the proxy is closed, and a made one has 128 bits and is shown once", async () => {
  await using upstream = new ScriptedUpstream(() => new Response("ok"));
  await using keyturn = await startKeyturn({ clientKeys: [] });
  await keyturn.enter("raw", { dialect: "rest", baseUrl: upstream.url }, ["pool-key-0000001"]);

  const closed = [
    await keyturn.call("GET", "/proxy/raw/a", undefined, {}),
    await keyturn.call("GET", "/proxy/raw/a", undefined, { authorization: "Bearer undefined" }),
  ];
  const made = JSON.stringify(await keyturn.admin("POST", "/admin/client-keys", { name: "one" }));
  const key = /"key":"([^"]+)"/.exec(made)?.[1] ?? "";
  const listed = JSON.stringify(await keyturn.admin("GET", "/admin/client-keys"));

  assert.deepEqual(closed.map(({ status }) => status), [401, 401]);
  assert.ok(key.replace(/^kt_/, "").length >= 22, "22 characters of base64 are 128 bits");
  assert.ok(!listed.includes(key));
  assert.equal(
    (await keyturn.call("GET", "/proxy/raw/a", undefined, { authorization: `Bearer ${key}` })).status,
    200,
  );
});
