import assert from "node:assert/strict";
import { at, listAt, startAdmin, textAt } from "../support/admin_under_test.ts";

/** The shapes of API Key Pool Service, whose clients must go on working. */

const SECRET = "sk-planted-key-0001";

Deno.test("GET /admin/status gives one provider, or a map of all by slug", async () => {
  await using admin = await startAdmin();
  await admin.done("POST", "/admin/providers", { preset: "openai" });
  await admin.done("POST", "/admin/providers", { preset: "gemini" });
  await admin.done("POST", "/admin/keys", { provider: "openai", apiKey: SECRET });
  const second = await admin.done("POST", "/admin/keys", { provider: "openai", apiKey: `${SECRET}2` });
  await admin.done("PUT", `/admin/keys/${textAt(second, "keyId")}`, { isActive: false });

  const one = await admin.done("GET", "/admin/status?provider=openai");
  const all = await admin.done("GET", "/admin/status");
  const none = await admin.call("GET", "/admin/status?provider=nowhere");
  const wrong = await admin.call("GET", "/admin/status?limit=0");

  assert.equal(at(one, "provider"), "openai");
  assert.deepEqual([at(one, "totalKeys"), at(one, "activeKeys"), at(one, "availableKeys")], [2, 1, 1]);
  const [first, disabled] = listAt(one, "keys");
  assert.deepEqual([at(first, "isActive"), at(first, "usage"), at(first, "lastUsed")], [
    true,
    "0/1000",
    null,
  ]);
  assert.deepEqual([at(disabled, "isActive"), at(disabled, "state")], [false, "disabled"]);
  assert.deepEqual(Object.keys(Object(all)), ["gemini", "openai"]);
  assert.deepEqual(at(all, "openai"), one);
  assert.equal(none.status, 404);
  assert.equal(wrong.status, 422);
});

Deno.test("POST /admin/reset begins a new quota period, and a restart does not forget it", async () => {
  await using admin = await startAdmin();
  await admin.done("POST", "/admin/providers", { preset: "openai" });
  const added = await admin.done("POST", "/admin/keys", {
    provider: "openai",
    apiKey: SECRET,
    maxRequests: 1,
  });
  const keyId = textAt(added, "keyId");
  const pool = admin.keyturn.live.find("openai")?.pool;
  const lease = pool?.acquire({ tried: [] });
  assert.ok(pool !== undefined && lease !== undefined && "key" in lease);
  pool.release(lease);
  const before = await admin.done("GET", "/admin/status?provider=openai");

  const answer = await admin.call("POST", "/admin/reset", { provider: "openai" });
  const after = await admin.done("GET", "/admin/status?provider=openai");
  await admin.reopen();
  const reopened = await admin.done("GET", "/admin/status?provider=openai");

  assert.deepEqual([at(before, "keys", 0, "usage"), at(before, "availableKeys")], ["1/1", 0]);
  assert.equal(answer.status, 200);
  assert.equal(at(answer.json, "provider"), "openai");
  for (const status of [after, reopened]) {
    assert.equal(at(status, "keys", 0, "id"), keyId);
    assert.deepEqual([at(status, "keys", 0, "usage"), at(status, "availableKeys")], ["0/1", 1]);
  }
  assert.equal((await admin.call("POST", "/admin/reset", { provider: "nowhere" })).status, 404);
  assert.equal((await admin.call("POST", "/admin/reset", {})).status, 422);
});

Deno.test("GET /health answers everyone with status and timestamp alone", async () => {
  await using admin = await startAdmin();

  const answer = await admin.send("GET", "/health", undefined, {});

  assert.equal(answer.status, 200);
  assert.deepEqual(Object.keys(Object(answer.json)), ["status", "timestamp"]);
  assert.equal(at(answer.json, "status"), "ok");
  assert.ok(Number.isFinite(Date.parse(textAt(answer.json, "timestamp"))));
});
