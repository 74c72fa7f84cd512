import assert from "node:assert/strict";
import { chat, CHAT_PATH, message, MESSAGES_PATH } from "../proxy/asks.ts";
import { ScriptedUpstream } from "../proxy/scripted_upstream.ts";
import { startKeyturn } from "../support/keyturn_under_test.ts";

/** What would act on our origin, on the caller's browser, or on a web server in front. */
const HOSTILE = {
  "set-cookie": "session=evil; path=/",
  "strict-transport-security": "max-age=63072000; includeSubDomains",
  "access-control-allow-origin": "*",
  "access-control-allow-credentials": "true",
  "access-control-allow-private-network": "true",
  "clear-site-data": '"*"',
  "alt-svc": 'h3="evil.example:443"',
  "refresh": "0; url=https://evil.example/",
  "link": "<https://evil.example/a.js>; rel=preload",
  "service-worker-allowed": "/",
  "sourcemap": "https://evil.example/map",
  "www-authenticate": 'Basic realm="Keyturn"',
  "authorization": "Bearer other",
  "x-api-key": "other",
  "hx-redirect": "https://evil.example/",
  "hx-trigger": "evil",
  "x-accel-redirect": "/etc/passwd",
  "x-sendfile": "/etc/passwd",
  "server": "evil",
  "via": "1.1 evil",
  "x-powered-by": "PHP",
  "openai-organization": "org-secret",
  "permissions-policy": "camera=*",
  "report-to": "{}",
  "nel": "{}",
  "x-hop": "named in connection",
};

const PAGE = "<script>fetch('/admin/providers')</script>";

Deno.test("E4 no header of a provider acts on our origin, and a page of its own runs nowhere", async () => {
  const headers = { ...HOSTILE, "connection": "x-hop", "content-type": "text/html", "x-kept": "yes" };
  await using upstream = new ScriptedUpstream(({ target }) =>
    new Response(PAGE, { status: Number(target.slice(-3)), headers })
  );
  await using keyturn = await startKeyturn();
  await keyturn.enter("site", { dialect: "rest", baseUrl: upstream.url }, ["key-0000001"]);

  for (const status of [200, 404]) {
    const got = await keyturn.ask(`/proxy/site/${status}`);

    assert.equal(got.status, status);
    for (const name of Object.keys(HOSTILE)) assert.equal(got.headers.get(name), null, `${status} ${name}`);
    assert.equal(got.headers.get("content-security-policy"), "sandbox");
    assert.equal(got.headers.get("x-content-type-options"), "nosniff");
    assert.equal(got.headers.get("x-kept"), "yes");
  }
});

Deno.test("E4 an answer that is translated has nothing of the provider's headers but its id and when to come again", async () => {
  const answer = {
    choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content: "hi" } }],
  };
  await using upstream = new ScriptedUpstream(() =>
    Response.json(answer, {
      headers: { ...HOSTILE, "x-request-id": "up-1", "x-unknown": "1", "content-type": "text/html" },
    })
  );
  await using keyturn = await startKeyturn();
  await keyturn.enter("openai", { preset: "openai", baseUrl: upstream.url }, ["key-0000001"]);

  const got = await keyturn.ask(`/llm/openai${MESSAGES_PATH}`, message());
  const native = await keyturn.ask(CHAT_PATH, chat());

  assert.equal(got.status, 200, got.text);
  assert.equal(got.headers.get("content-type"), "application/json");
  assert.equal(got.headers.get("x-upstream-request-id"), "up-1");
  assert.equal(got.headers.get("x-unknown"), null);
  for (const name of Object.keys(HOSTILE).filter((name) => name !== "x-hop")) {
    assert.equal(got.headers.get(name), null, name);
    assert.equal(native.headers.get(name), null, name);
  }
});
