import assert from "node:assert/strict";
import { at, listAt, startAdmin } from "../support/admin_under_test.ts";

Deno.test("POST /admin/providers/:slug/keys counts added, duplicate and invalid entries of an array", async () => {
  await using admin = await startAdmin();
  await admin.done("POST", "/admin/providers", { preset: "openai" });
  await admin.done("POST", "/admin/keys", { provider: "openai", apiKey: "sk-there-before" });

  const answer = await admin.call("POST", "/admin/providers/openai/keys", {
    keys: [" sk-one ", "sk-two:5", "sk-there-before", "sk-one", "", "sk-bad key", "sk-bad\nkey", "sk-w:1001"],
    tags: ["batch"],
  });

  assert.equal(answer.status, 201);
  assert.deepEqual([at(answer.json, "added"), at(answer.json, "duplicate"), at(answer.json, "invalid")], [
    2,
    2,
    4,
  ]);
  const invalid = listAt(answer.json, "invalidEntries");
  assert.deepEqual(invalid.map((entry) => at(entry, "position")), [5, 6, 7, 8]);
  assert.ok(!answer.text.includes("sk-"), "no key is repeated");
  const keys = listAt(await admin.done("GET", "/admin/providers/openai/keys"), "keys");
  assert.deepEqual(keys.map((key) => [at(key, "lastFour"), at(key, "weight")]), [
    ["fore", 1],
    // Six characters are too few to show four of them.
    ["", 1],
    ["", 5],
  ]);
  assert.deepEqual(at(keys, 2, "tags"), ["batch"]);
});

Deno.test("POST /admin/providers/:slug/keys reads text with newlines, commas, weights and comments", async () => {
  await using admin = await startAdmin();
  await admin.done("POST", "/admin/providers", { preset: "openai" });

  const answer = await admin.done("POST", "/admin/providers/openai/keys", {
    keys: "# mine\nsk-alpha-0001:3, sk-beta-0002\r\n\nsk-alpha-0001\nsk-gamma-é",
  });

  assert.deepEqual([at(answer, "added"), at(answer, "duplicate"), at(answer, "invalid")], [2, 1, 1]);
  assert.equal(at(answer, "invalidEntries", 0, "position"), 4);
});

Deno.test("POST /admin/providers/:slug/keys gives the common weight to keys that name none", async () => {
  await using admin = await startAdmin();
  await admin.done("POST", "/admin/providers", { preset: "openai" });

  await admin.done("POST", "/admin/providers/openai/keys", {
    keys: "sk-plain-0001\nsk-heavy-0002:7",
    weight: 2,
  });

  const keys = listAt(await admin.done("GET", "/admin/providers/openai/keys"), "keys");
  assert.deepEqual(keys.map((key) => at(key, "weight")), [2, 7]);
});

Deno.test("POST /admin/providers/:slug/keys adds nothing when the form is wrong", async () => {
  await using admin = await startAdmin();
  await admin.done("POST", "/admin/providers", { preset: "openai" });
  const before = await admin.snapshot();

  for (const body of [{}, { keys: 5 }, { keys: ["sk-one", 5] }, { keys: ["sk-one"], wieght: 1 }]) {
    const answer = await admin.call("POST", "/admin/providers/openai/keys", body);
    assert.equal(answer.status, 422, answer.text);
  }
  const nowhere = await admin.call("POST", "/admin/providers/nowhere/keys", { keys: ["sk-one"] });

  assert.equal(nowhere.status, 404);
  assert.deepEqual(await admin.snapshot(), before);
});

Deno.test("POST /admin/providers/:slug/keys takes 10,000 keys in less than 5 s, and paging gives each once", async () => {
  await using admin = await startAdmin();
  await admin.done("POST", "/admin/providers", { preset: "openai" });
  const keys = Array.from({ length: 10_000 }, (_, index) => `sk-batch-${String(index).padStart(6, "0")}`);
  const startedMs = performance.now();

  const answer = await admin.done("POST", "/admin/providers/openai/keys", { keys });

  const tookMs = performance.now() - startedMs;
  assert.ok(tookMs < 5000, `10,000 keys took ${Math.round(tookMs)} ms`);
  assert.equal(at(answer, "added"), 10_000);
  assert.equal(at(await admin.done("GET", "/admin/status?provider=openai"), "availableKeys"), 10_000);
  const seen: unknown[] = [];
  for (let after: unknown = ""; after !== null;) {
    const page = await admin.done("GET", `/admin/providers/openai/keys?limit=1000&after=${String(after)}`);
    seen.push(...listAt(page, "keys").map((key) => at(key, "id")));
    after = at(page, "next");
  }
  assert.deepEqual(seen, listAt(answer, "keyIds"), "oldest first, as they were added");
});

Deno.test("GET /admin/providers/:slug/keys refuses a limit that is none", async () => {
  await using admin = await startAdmin();
  await admin.done("POST", "/admin/providers", { preset: "openai" });

  for (const limit of ["0", "1001", "x", "1.5"]) {
    const answer = await admin.call("GET", `/admin/providers/openai/keys?limit=${limit}`);
    assert.equal(answer.status, 422, limit);
    assert.ok(answer.text.includes("limit"));
  }
});
