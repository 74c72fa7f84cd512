import assert from "node:assert/strict";
import { chat } from "../proxy/asks.ts";
import { ScriptedUpstream } from "../proxy/scripted_upstream.ts";
import { ADMIN_KEY, startKeyturn } from "../support/keyturn_under_test.ts";

const EVIL =
  `"'><script>alert(1)</script><svg onload=alert(2)><a href="javascript:alert(3)" hx-on:click="x">`;
const PAGES = [
  "/admin/providers",
  "/admin/providers/evil",
  "/admin/providers/evil/keys",
  "/admin/providers/evil/edit",
  "/admin/keys",
  "/admin/groups",
  "/admin/client-keys",
  "/admin/requests",
  "/admin/usage",
  "/admin/audit",
  "/admin/status",
  "/admin",
  "/admin/start",
  "/admin/aliases",
  "/admin/imports",
  "/admin/prices",
  "/admin/settings",
  "/admin/app-status",
  "/admin/playground",
];

Deno.test("E10 E11 what callers, operators and providers write is inert on every page, and no page can be framed", async () => {
  await using upstream = new ScriptedUpstream(() =>
    Response.json({ error: { message: EVIL, type: EVIL, code: EVIL } }, {
      status: 401,
      headers: { "hx-redirect": "https://evil.example", "hx-trigger": EVIL.replaceAll(/[^\x20-\x7e]/g, "") },
    })
  );
  await using keyturn = await startKeyturn();
  const policy = { maxAttempts: 1, maxConsecutiveFailures: 1 };
  const models = [EVIL, "gpt-4o"];
  await keyturn.enter("evil", { name: EVIL, baseUrl: upstream.url, models, policy }, ["key-0000001"]);
  await keyturn.admin("POST", "/admin/client-keys", { name: EVIL });
  await keyturn.ask("/llm/evil/v1/chat/completions", chat(EVIL, { model: EVIL }), { "user-agent": EVIL });
  await keyturn.ask("/llm/evil/v1/chat/completions", chat(EVIL), { "user-agent": EVIL });

  let shown = 0;
  for (const path of PAGES) {
    const response = await fetch(`${keyturn.url}${path}?q=${encodeURIComponent(EVIL)}`, {
      headers: { "x-admin-key": ADMIN_KEY, accept: "text/html" },
    });
    const text = await response.text();
    const policy = response.headers.get("content-security-policy") ?? "";
    assert.match(policy, /default-src 'none'/, path);
    assert.match(policy, /frame-ancestors 'none'/, path);
    assert.doesNotMatch(policy, /unsafe/, path);
    assert.equal(response.headers.get("x-frame-options"), "DENY", path);
    assert.equal(response.headers.get("x-content-type-options"), "nosniff", path);
    if (response.headers.get("content-type")?.startsWith("text/html") !== true) continue;
    if (text.includes("alert(1)")) shown++;
    assert.doesNotMatch(text, /<script>|<svg onload|href="javascript:/i, path);
    // Attributes' values apart, which hold text.
    assert.doesNotMatch(text.replaceAll(/"[^"]*"/g, '""'), /<[^>]* (?:hx-)?on\w*[:=]/i, path);
  }
  assert.ok(shown >= 2, "it stands on pages, as text");
});
