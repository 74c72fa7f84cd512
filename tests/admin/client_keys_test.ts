import assert from "node:assert/strict";
import { Secret } from "../../src/core/secret.ts";
import { startSimulatedProvider } from "../../src/demo/simulated_provider.ts";
import { type AdminUnderTest, at, listAt, startAdmin, textAt } from "../support/admin_under_test.ts";

const UPSTREAM_KEY = "sk-upstream-0001";

/** The status that a caller with this client key gets. */
async function ask(admin: AdminUnderTest, clientKey: string): Promise<number> {
  const body = { model: "gpt-4o-mini", messages: [{ role: "user", content: "Hello" }] };
  const headers = { authorization: `Bearer ${clientKey}` };
  const answer = await admin.send("POST", "/v1/chat/completions", body, headers);
  return answer.status;
}

Deno.test("POST /admin/client-keys shows the key once; it works at once, after a restart, and not once deleted", async () => {
  await using admin = await startAdmin();
  const upstream = startSimulatedProvider({
    dialect: "openai",
    keys: [{ secret: UPSTREAM_KEY, behaviour: "ok" }],
  });
  await admin.done("POST", "/admin/providers", { preset: "openai", baseUrl: upstream.baseUrl });
  await admin.done("POST", "/admin/keys", { provider: "openai", apiKey: UPSTREAM_KEY });

  const added = await admin.call("POST", "/admin/client-keys", { name: "laptop" });
  const key = textAt(added.json, "key");
  const atOnce = await ask(admin, key);
  const listed = await admin.call("GET", "/admin/client-keys");
  await admin.reopen();
  const restarted = await ask(admin, key);
  const deleted = await admin.call("DELETE", `/admin/client-keys/${textAt(added.json, "id")}`);
  const gone = await ask(admin, key);
  await admin.reopen();
  const stillGone = await ask(admin, key);
  await admin.close();
  await upstream.close();

  assert.equal(added.status, 201);
  assert.match(key, /^kt_[\w-]{32}$/);
  assert.equal(at(added.json, "lastFour"), key.slice(-4));
  assert.ok(!listed.text.includes(key));
  assert.equal(at(listed.json, "clientKeys", 0, "name"), "laptop");
  assert.deepEqual([atOnce, restarted, deleted.status, gone, stillGone], [200, 200, 200, 401, 401]);
});

Deno.test("POST /admin/client-keys makes a key that is refused from its expiry on", async () => {
  await using admin = await startAdmin();

  const added = await admin.done("POST", "/admin/client-keys", { name: "old", expiresAtMs: Date.now() - 1 });

  assert.equal(await ask(admin, textAt(added, "key")), 401);
});

Deno.test("POST /admin/client-keys answers 422 for a wrong field and makes nothing", async () => {
  await using admin = await startAdmin();
  const wrong: [field: string, body: unknown][] = [
    ["name", {}],
    ["name", { name: "" }],
    ["expiresAtMs", { name: "a", expiresAtMs: "tomorrow" }],
    ["key", { name: "a", key: "chosen-by-me" }],
  ];

  for (const [field, body] of wrong) {
    const answer = await admin.call("POST", "/admin/client-keys", body);
    assert.equal(answer.status, 422, answer.text);
    assert.deepEqual(Object.keys(Object(at(answer.json, "error", "fields"))), [field]);
    assert.ok(!answer.text.includes("chosen-by-me"));
  }
  assert.deepEqual(await admin.done("GET", "/admin/client-keys"), { clientKeys: [], next: null });
});

Deno.test("DELETE /admin/client-keys/:id answers 404 for no such key and 409 for one of the environment", async () => {
  await using admin = await startAdmin({ clientKeys: [new Secret("client-key-of-environment")] });
  const id = textAt(await admin.done("GET", "/admin/client-keys"), "clientKeys", 0, "id");

  const configured = await admin.call("DELETE", `/admin/client-keys/${id}`);
  const unknown = await admin.call("DELETE", "/admin/client-keys/nowhere");

  assert.deepEqual([configured.status, unknown.status], [409, 404]);
  assert.equal(listAt(await admin.done("GET", "/admin/client-keys"), "clientKeys").length, 1);
});
