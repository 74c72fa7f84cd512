import assert from "node:assert/strict";
import { type AdminUnderTest, at, startAdmin, textAt } from "../support/admin_under_test.ts";
import { verdictOf } from "../pool/samples.ts";

const SECRET = "sk-planted-key-0001";

async function addKey(admin: AdminUnderTest, fields: object = {}): Promise<string> {
  await admin.done("POST", "/admin/providers", { preset: "openai" });
  const body = { provider: "openai", apiKey: SECRET, ...fields };
  return textAt(await admin.done("POST", "/admin/keys", body), "keyId");
}

async function keyOf(admin: AdminUnderTest): Promise<unknown> {
  return at(await admin.done("GET", "/admin/providers/openai/keys"), "keys", 0);
}

Deno.test("PUT /admin/keys/:id keeps what a partial body leaves out, also after a restart", async () => {
  await using admin = await startAdmin();
  const id = await addKey(admin, { maxRequests: 50, weight: 3, metadata: { owner: "ann" } });
  const before = Object(await keyOf(admin));

  const answer = await admin.call("PUT", `/admin/keys/${id}`, { isActive: false });

  const expected = { ...before, isActive: false };
  assert.equal(answer.status, 200);
  assert.equal(at(answer.json, "keyId"), id);
  assert.deepEqual(await keyOf(admin), expected);
  await admin.reopen();
  assert.deepEqual(await keyOf(admin), expected);
});

Deno.test("PUT /admin/keys/:id changes every field, and null takes account and limit away", async () => {
  await using admin = await startAdmin();
  const id = await addKey(admin);
  const fields = {
    isActive: true,
    weight: 9,
    priority: 4,
    account: "org-1",
    maxRequests: 77,
    tags: ["a", "b"],
    metadata: { k: [1, null] },
  };

  const full = await admin.done("PUT", `/admin/keys/${id}`, fields);
  const bare = await admin.done("PATCH", `/admin/keys/${id}`, { account: null, maxRequests: null });

  for (const [name, value] of Object.entries(fields)) assert.deepEqual(at(full, "key", name), value, name);
  assert.equal(at(bare, "key", "account"), undefined);
  assert.equal(at(bare, "key", "maxRequests"), undefined);
  assert.equal(at(bare, "key", "weight"), 9);
});

Deno.test("PUT /admin/keys/:id loses no field when changes of one key come side by side", async () => {
  await using admin = await startAdmin();
  const id = await addKey(admin);

  await Promise.all([
    admin.done("PUT", `/admin/keys/${id}`, { weight: 9 }),
    admin.done("PUT", `/admin/keys/${id}`, { priority: 4 }),
    admin.done("PUT", `/admin/keys/${id}`, { tags: ["a"] }),
    admin.done("PUT", `/admin/keys/${id}`, { maxRequests: 7 }),
  ]);

  const key = await keyOf(admin);
  assert.deepEqual(
    [at(key, "weight"), at(key, "priority"), at(key, "tags"), at(key, "maxRequests")],
    [9, 4, ["a"], 7],
  );
  await admin.reopen();
  assert.deepEqual(await keyOf(admin), key);
});

Deno.test("PUT /admin/keys/:id answers 422 for a wrong field and 404 for no such key, and changes nothing", async () => {
  await using admin = await startAdmin();
  const id = await addKey(admin);
  const before = await admin.snapshot();
  const wrong: [field: string, body: unknown][] = [
    ["isActive", { isActive: "no" }],
    ["weight", { weight: 0 }],
    ["priority", { priority: -1 }],
    ["account", { account: "" }],
    ["maxRequests", { maxRequests: 0 }],
    ["tags", { tags: "a" }],
    ["tags.0", { tags: [""] }],
    ["metadata", { metadata: null }],
    ["apiKey", { apiKey: SECRET }],
  ];

  for (const [field, body] of wrong) {
    const answer = await admin.call("PUT", `/admin/keys/${id}`, body);
    assert.equal(answer.status, 422, answer.text);
    assert.deepEqual(Object.keys(Object(at(answer.json, "error", "fields"))), [field]);
  }
  const unknown = await admin.call("PUT", "/admin/keys/nowhere", { weight: 2 });

  assert.equal(unknown.status, 404);
  assert.deepEqual(await admin.snapshot(), before);
});

Deno.test("DELETE /admin/keys/:id takes the key out of the pool and of what is stored", async () => {
  await using admin = await startAdmin();
  const id = await addKey(admin);

  const first = await admin.call("DELETE", `/admin/keys/${id}`);
  const second = await admin.call("DELETE", `/admin/keys/${id}`);

  assert.equal(first.status, 200);
  assert.equal(at(first.json, "keyId"), id);
  assert.equal(second.status, 404);
  assert.equal(at(await admin.done("GET", "/admin/status?provider=openai"), "totalKeys"), 0);
  await admin.reopen();
  assert.equal(at(await admin.done("GET", "/admin/status?provider=openai"), "totalKeys"), 0);
  const again = await admin.call("POST", "/admin/keys", { provider: "openai", apiKey: SECRET });
  assert.equal(again.status, 201, "a deleted key may be added again");
});

Deno.test("POST /admin/keys/:id/release makes a cooling key usable, and a restart does not forget it", async () => {
  await using admin = await startAdmin();
  const id = await addKey(admin);
  const untilMs = Date.now() + 3_600_000;
  const rest = verdictOf("key_limited", { untilMs, source: "header", isConclusive: true });
  admin.keyturn.live.find("openai")?.pool.reportCheck(id, rest);
  await admin.reopen();
  const cooling = await admin.done("GET", "/admin/status?provider=openai");

  const answer = await admin.call("POST", `/admin/keys/${id}/release`);
  const released = await admin.done("GET", "/admin/status?provider=openai");
  await admin.reopen();
  const reopened = await admin.done("GET", "/admin/status?provider=openai");

  assert.equal(at(cooling, "keys", 0, "state"), "cooling", "the cooldown outlives a restart");
  assert.equal(at(cooling, "keys", 0, "until"), new Date(untilMs).toISOString());
  assert.equal(answer.status, 200);
  assert.deepEqual([at(released, "keys", 0, "state"), at(reopened, "keys", 0, "state")], ["ready", "ready"]);
  assert.equal((await admin.call("POST", "/admin/keys/nowhere/release")).status, 404);
  assert.equal((await admin.call("POST", `/admin/keys/${id}/release`, { models: "x" })).status, 422);
  assert.equal((await admin.call("POST", `/admin/keys/${id}/release`, { model: "gpt-5" })).status, 200);
});
