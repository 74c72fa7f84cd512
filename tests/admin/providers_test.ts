import assert from "node:assert/strict";
import { PRESETS } from "../../src/core/presets.ts";
import { at, listAt, startAdmin } from "../support/admin_under_test.ts";

Deno.test("POST /admin/providers makes one of every preset with nothing but its slug", async () => {
  await using admin = await startAdmin();

  for (const preset of PRESETS) {
    const answer = await admin.call("POST", "/admin/providers", { preset: preset.slug });

    assert.equal(answer.status, 201, answer.text);
    for (const field of ["slug", "name", "dialect", "vendor", "baseUrl", "credential"] as const) {
      assert.deepEqual(at(answer.json, field), preset[field], `${preset.slug}.${field}`);
    }
  }
  assert.equal(listAt(await admin.done("GET", "/admin/providers"), "providers").length, PRESETS.length);
  assert.equal(listAt(await admin.done("GET", "/admin/presets"), "presets").length, PRESETS.length);
});

Deno.test("POST /admin/providers takes every field, and a restart gives the same back", async () => {
  await using admin = await startAdmin();
  const fields = {
    slug: "my-api",
    name: "My API",
    dialect: "rest",
    vendor: "other",
    baseUrl: "https://api.example.org/v2",
    credential: { kind: "header", name: "x-token", prefix: "Token " },
    headers: { "x-team": "blue" },
    strategy: "weighted",
    isEnabled: false,
    priority: 7,
    models: ["m-1"],
    modelMap: { mine: "m-1" },
    prices: {
      "m-1": {
        inputNanoPerMillion: 37_500_000,
        outputNanoPerMillion: 10_000_000_000,
        cachedNanoPerMillion: 0,
      },
      "m-*": { inputNanoPerMillion: 0, outputNanoPerMillion: 1_000_000_000_000_000 },
    },
    allowedMethods: ["GET"],
  };

  const added = await admin.done("POST", "/admin/providers", {
    ...fields,
    baseUrl: `${fields.baseUrl}//`,
    policy: { deadlineMs: 1234 },
  });
  const shown = await admin.done("GET", "/admin/providers/my-api");
  await admin.reopen();

  for (const [name, value] of Object.entries(fields)) assert.deepEqual(at(added, name), value, name);
  assert.equal(at(added, "policy", "deadlineMs"), 1234);
  assert.deepEqual(shown, added);
  assert.deepEqual(await admin.done("GET", "/admin/providers/my-api"), added);
});

Deno.test("POST /admin/providers names the wrong field with 422 and changes nothing", async () => {
  await using admin = await startAdmin();
  const before = await admin.snapshot();
  const good = { slug: "good", baseUrl: "https://api.example.org" };
  const price = { inputNanoPerMillion: 1, outputNanoPerMillion: 1 };
  const wrong: [field: string, body: unknown][] = [
    ["slug", { baseUrl: good.baseUrl }],
    ["slug", { ...good, slug: "Bad Slug" }],
    ["slug", { ...good, slug: "a/b" }],
    ["slug", { ...good, slug: "a\n" }],
    ["slug", { ...good, slug: "proxy" }],
    ["baseUrl", { slug: "good" }],
    ["baseUrl", { ...good, baseUrl: "no url" }],
    ["baseUrl", { ...good, baseUrl: "ftp://example.org" }],
    ["baseUrl", { ...good, baseUrl: "javascript:alert(1)" }],
    ["baseUrl", { ...good, baseUrl: "https://user:pw@example.org" }],
    ["baseUrl", { ...good, baseUrl: "https://example.org/?a=b" }],
    ["preset", { preset: "nowhere" }],
    ["name", { ...good, name: "" }],
    ["dialect", { ...good, dialect: "soap" }],
    ["vendor", { ...good, vendor: "acme" }],
    ["credential.kind", { ...good, credential: { kind: "cookie" } }],
    ["credential.name", { ...good, credential: { kind: "header", name: "bad name" } }],
    ["credential.name", { ...good, credential: { kind: "query" } }],
    ["credential.extra", { ...good, credential: { kind: "bearer", extra: 1 } }],
    ["headers.bad name", { ...good, headers: { "bad name": "x" } }],
    ["headers.x-a", { ...good, headers: { "x-a": "b\r\nx-evil: 1" } }],
    ["headers.Host", { ...good, headers: { Host: "evil.example" } }],
    ["headers.transfer-encoding", { ...good, headers: { "transfer-encoding": "chunked" } }],
    ["headers.authorization", { ...good, headers: { authorization: "Bearer sk-planted-0001" } }],
    ["strategy", { ...good, strategy: "roundRobin" }],
    ["isEnabled", { ...good, isEnabled: 1 }],
    ["priority", { ...good, priority: 1001 }],
    ["models.0", { ...good, models: [""] }],
    ["prices", { ...good, prices: [] }],
    ["prices.m", { ...good, prices: { m: 1_250 } }],
    ["prices.m.outputNanoPerMillion", { ...good, prices: { m: { inputNanoPerMillion: 1 } } }],
    ["prices.m.inputNanoPerMillion", { ...good, prices: { m: { ...price, inputNanoPerMillion: -1 } } }],
    ["prices.m.outputNanoPerMillion", { ...good, prices: { m: { ...price, outputNanoPerMillion: 0.5 } } }],
    ["prices.m.outputNanoPerMillion", {
      ...good,
      prices: { m: { ...price, outputNanoPerMillion: 1e15 + 1 } },
    }],
    ["prices.m.cachedNanoPerMillion", { ...good, prices: { m: { ...price, cachedNanoPerMillion: null } } }],
    ["prices.m.inputDollars", { ...good, prices: { m: { ...price, inputDollars: 1 } } }],
    ["policy.deadlineMs", { ...good, policy: { deadlineMs: 0 } }],
    ["policy.retries", { ...good, policy: { retries: 3 } }],
    ["allowedMethods.0", { ...good, allowedMethods: ["get"] }],
    ["apiKey", { ...good, apiKey: "sk-planted-0001" }],
    ["id", { ...good, id: "mine" }],
  ];

  for (const [field, body] of wrong) {
    const answer = await admin.call("POST", "/admin/providers", body);

    assert.equal(answer.status, 422, `${field}: ${answer.text}`);
    assert.deepEqual(Object.keys(Object(at(answer.json, "error", "fields"))), [field], answer.text);
    assert.ok(!answer.text.includes("sk-planted"));
  }
  assert.deepEqual(await admin.snapshot(), before);
});

Deno.test("POST and PUT /admin/providers answer 409 for a slug that is taken", async () => {
  await using admin = await startAdmin();
  await admin.done("POST", "/admin/providers", { preset: "openai" });
  await admin.done("POST", "/admin/providers", { preset: "groq" });
  const before = await admin.snapshot();

  const added = await admin.call("POST", "/admin/providers", { preset: "openai" });
  const renamed = await admin.call("PUT", "/admin/providers/groq", { slug: "openai" });

  for (const answer of [added, renamed]) {
    assert.equal(answer.status, 409, answer.text);
    assert.equal(at(answer.json, "error", "code"), "conflict");
    assert.ok(answer.text.includes("openai"));
  }
  assert.deepEqual(await admin.snapshot(), before);
});

Deno.test("PUT /admin/providers/:slug keeps what is left out, and moves the provider to a new slug", async () => {
  await using admin = await startAdmin();
  const added = Object(await admin.done("POST", "/admin/providers", { preset: "anthropic" }));
  await admin.done("POST", "/admin/keys", { provider: "anthropic", apiKey: "sk-ant-kept-0001" });

  const changed = await admin.done("PUT", "/admin/providers/anthropic", {
    slug: "claude",
    policy: { maxAttempts: 2 },
  });

  const policy = { ...added.policy, maxAttempts: 2 };
  const expected = { ...added, slug: "claude", policy, counts: { ...added.counts, total: 1, ready: 1 } };
  assert.deepEqual(changed, expected);
  assert.equal((await admin.call("GET", "/admin/providers/anthropic")).status, 404);
  await admin.reopen();
  assert.deepEqual(await admin.done("GET", "/admin/providers/claude"), expected);
});

Deno.test("PUT /admin/providers/:slug loses no field when changes come side by side", async () => {
  await using admin = await startAdmin();
  await admin.done("POST", "/admin/providers", { preset: "openai" });

  await Promise.all([
    admin.done("PUT", "/admin/providers/openai", { name: "One" }),
    admin.done("PUT", "/admin/providers/openai", { priority: 3 }),
    admin.done("PUT", "/admin/providers/openai", { policy: { maxAttempts: 2 } }),
    admin.done("PUT", "/admin/providers/openai", { policy: { maxWaitMs: 0 } }),
  ]);

  const provider = await admin.done("GET", "/admin/providers/openai");
  assert.deepEqual([at(provider, "name"), at(provider, "priority")], ["One", 3]);
  assert.deepEqual([at(provider, "policy", "maxAttempts"), at(provider, "policy", "maxWaitMs")], [2, 0]);
  await admin.reopen();
  assert.deepEqual(await admin.done("GET", "/admin/providers/openai"), provider);
});

Deno.test("PUT /admin/providers/:slug answers 422 for a wrong field and changes nothing", async () => {
  await using admin = await startAdmin();
  await admin.done("POST", "/admin/providers", { preset: "openai" });
  const before = await admin.snapshot();
  const wrong: [field: string, body: unknown][] = [
    ["baseUrl", { baseUrl: "x" }],
    ["slug", { slug: "admin" }],
    ["preset", { preset: "groq" }],
    ["policy.maxAttempts", { name: "New", policy: { maxAttempts: 0 } }],
    ["prices.m.inputNanoPerMillion", {
      prices: { m: { inputNanoPerMillion: "1", outputNanoPerMillion: 1 } },
    }],
  ];

  for (const [field, body] of wrong) {
    const answer = await admin.call("PATCH", "/admin/providers/openai", body);
    assert.equal(answer.status, 422, answer.text);
    assert.deepEqual(Object.keys(Object(at(answer.json, "error", "fields"))), [field]);
  }
  assert.deepEqual(await admin.snapshot(), before);
});

Deno.test("DELETE /admin/providers/:slug takes its keys along, and frees its slug", async () => {
  await using admin = await startAdmin();
  await admin.done("POST", "/admin/providers", { preset: "openai" });
  const key = await admin.done("POST", "/admin/keys", { provider: "openai", apiKey: "sk-gone-0001" });

  const first = await admin.call("DELETE", "/admin/providers/openai");
  const second = await admin.call("DELETE", "/admin/providers/openai");

  assert.deepEqual([first.status, second.status], [200, 404]);
  assert.equal((await admin.call("PUT", `/admin/keys/${at(key, "keyId")}`, { weight: 2 })).status, 404);
  assert.deepEqual(await admin.done("GET", "/admin/status"), {});
  await admin.reopen();
  assert.deepEqual(await admin.done("GET", "/admin/status"), {});
  await admin.done("POST", "/admin/providers", { preset: "openai" });
  assert.equal(at(await admin.done("GET", "/admin/status?provider=openai"), "totalKeys"), 0);
});
