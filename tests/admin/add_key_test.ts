import assert from "node:assert/strict";
import { at, listAt, startAdmin, textAt } from "../support/admin_under_test.ts";

/** The shapes of API Key Pool Service, whose clients must go on working. */

const SECRET = "sk-planted-key-0001";

Deno.test("POST /admin/keys answers 201 with message, keyId and provider, and a quota of 1000", async () => {
  await using admin = await startAdmin();
  await admin.done("POST", "/admin/providers", { preset: "openai" });

  const answer = await admin.call("POST", "/admin/keys", { provider: "openai", apiKey: SECRET });

  assert.equal(answer.status, 201);
  assert.match(answer.headers.get("content-type") ?? "", /^application\/json/);
  assert.deepEqual(Object.keys(Object(answer.json)), ["message", "keyId", "provider"]);
  assert.equal(at(answer.json, "provider"), "openai");
  const status = await admin.done("GET", "/admin/status?provider=openai");
  assert.equal(at(status, "keys", 0, "id"), textAt(answer.json, "keyId"));
  assert.equal(at(status, "keys", 0, "usage"), "0/1000");
});

Deno.test("POST /admin/keys keeps maxRequests, weight and metadata, and takes null for no limit", async () => {
  await using admin = await startAdmin();
  await admin.done("POST", "/admin/providers", { preset: "openai" });

  await admin.done("POST", "/admin/keys", {
    provider: "openai",
    apiKey: SECRET,
    maxRequests: 5,
    weight: 7,
    metadata: { owner: "ann", nested: { n: 1 } },
  });
  await admin.done("POST", "/admin/keys", { provider: "openai", apiKey: `${SECRET}x`, maxRequests: null });

  const keys = listAt(await admin.done("GET", "/admin/providers/openai/keys"), "keys");
  assert.deepEqual(at(keys, 0, "metadata"), { owner: "ann", nested: { n: 1 } });
  assert.equal(at(keys, 0, "maxRequests"), 5);
  assert.equal(at(keys, 0, "weight"), 7);
  assert.equal(at(keys, 1, "maxRequests"), undefined);
});

Deno.test("POST /admin/keys answers 409 for a key that the provider has, and 404 for no such provider", async () => {
  await using admin = await startAdmin();
  await admin.done("POST", "/admin/providers", { preset: "openai" });
  await admin.done("POST", "/admin/providers", { preset: "groq" });
  await admin.done("POST", "/admin/keys", { provider: "openai", apiKey: SECRET });
  const before = await admin.snapshot();

  const twice = await admin.call("POST", "/admin/keys", { provider: "openai", apiKey: SECRET });
  const nowhere = await admin.call("POST", "/admin/keys", { provider: "nowhere", apiKey: SECRET });

  assert.equal(twice.status, 409);
  assert.equal(at(twice.json, "error", "code"), "conflict");
  assert.equal(nowhere.status, 404);
  assert.equal(at(nowhere.json, "error", "code"), "not_found");
  assert.deepEqual(await admin.snapshot(), before);
  const elsewhere = await admin.call("POST", "/admin/keys", { provider: "groq", apiKey: SECRET });
  assert.equal(elsewhere.status, 201, "another provider may have the same key");
});

Deno.test("POST /admin/keys names the wrong field with 422, repeats no key and changes nothing", async () => {
  await using admin = await startAdmin();
  await admin.done("POST", "/admin/providers", { preset: "openai" });
  const before = await admin.snapshot();
  const good = { provider: "openai", apiKey: SECRET };
  const wrong: [field: string, body: unknown][] = [
    ["apiKey", { ...good, apiKey: `${SECRET}\nx-evil: 1` }],
    ["apiKey", { ...good, apiKey: `${SECRET}\r` }],
    ["apiKey", { ...good, apiKey: `${SECRET} ${SECRET}` }],
    ["apiKey", { ...good, apiKey: `${SECRET}é` }],
    ["apiKey", { ...good, apiKey: "" }],
    ["apiKey", { ...good, apiKey: "k".repeat(5000) }],
    ["apiKey", { ...good, apiKey: 1 }],
    ["apiKey", { provider: "openai" }],
    ["provider", { apiKey: SECRET }],
    ["maxRequests", { ...good, maxRequests: 0 }],
    ["maxRequests", { ...good, maxRequests: 1.5 }],
    ["maxRequests", { ...good, maxRequests: "1000" }],
    ["weight", { ...good, weight: 1001 }],
    ["metadata", { ...good, metadata: "text" }],
    ["metadata", { ...good, metadata: [1] }],
    ["maxRequest", { ...good, maxRequest: 5 }],
    ["__proto__", `{"provider":"openai","apiKey":"${SECRET}","__proto__":{}}`],
    ["body", []],
    ["body", "null"],
  ];

  for (const [field, body] of wrong) {
    const answer = await admin.call("POST", "/admin/keys", body);

    assert.equal(answer.status, 422, `${field}: ${answer.text}`);
    assert.equal(at(answer.json, "error", "code"), "unprocessable");
    const fields: unknown = at(answer.json, "error", "fields");
    assert.deepEqual(Object.keys(Object(fields)), [field], answer.text);
    assert.ok(textAt(answer.json, "error", "message").includes(field));
    assert.ok(!answer.text.includes(SECRET), "the key is not repeated");
  }
  assert.deepEqual(await admin.snapshot(), before);
});

Deno.test("POST /admin/keys refuses broken JSON, a wrong form, another content type and a body without end", async () => {
  await using admin = await startAdmin();
  await admin.done("POST", "/admin/providers", { preset: "openai" });
  const before = await admin.snapshot();
  const huge = () =>
    new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new Uint8Array(1024 * 1024).fill(0x20)),
    });

  const broken = await admin.call("POST", "/admin/keys", `{"provider":"openai","apiKey":"${SECRET}"`);
  const empty = await admin.call("POST", "/admin/keys", "");
  const form = await admin.call("POST", "/admin/keys", "a=b", {
    "content-type": "application/x-www-form-urlencoded",
  });
  const almost = await admin.call("POST", "/admin/keys", "{}", { "content-type": "application/jsonp" });
  const endless = await admin.keyturn.serve(
    new Request("http://keyturn.test/admin/keys", {
      method: "POST",
      headers: { "x-admin-key": "test-admin-password", "content-type": "application/json" },
      body: huge(),
    }),
  );

  assert.deepEqual([broken.status, empty.status, form.status, almost.status], [400, 400, 422, 415]);
  assert.ok(!broken.text.includes(SECRET));
  assert.equal(endless.status, 413);
  await endless.body?.cancel();
  assert.deepEqual(await admin.snapshot(), before);
});
