import assert from "node:assert/strict";
import { ADMIN_KEY, at, listAt, startAdmin, textAt } from "../support/admin_under_test.ts";
import { keysOf, preview, run } from "./import_support.ts";

async function filled() {
  const admin = await startAdmin();
  await admin.done("POST", "/admin/providers", { preset: "groq", models: ["llama"], strategy: "weighted" });
  await admin.done("POST", "/admin/providers/groq/keys", {
    keys: "gsk_fixture_0001:7",
    tags: ["a"],
    account: "one",
  });
  await admin.done("POST", "/admin/providers/groq/keys", { keys: "gsk_fixture_0002" });
  await admin.done("POST", "/admin/providers", { preset: "anthropic" });
  await admin.done("POST", "/admin/groups", {
    slug: "both",
    members: [{ provider: "groq" }, { provider: "anthropic", tier: 1 }],
  });
  await admin.done("POST", "/admin/aliases", { name: "fast", target: "both/llama" });
  return admin;
}

Deno.test("POST /admin/export gives what another Keyturn imports: keys, settings, groups, aliases", async () => {
  await using source = await filled();
  await using target = await startAdmin();

  const exported = await source.call("POST", "/admin/export", { password: ADMIN_KEY, isPlain: true });
  const done = await run(target, await preview(target, exported.text));

  assert.equal(exported.status, 200);
  assert.match(
    exported.headers.get("content-disposition") ?? "",
    /^attachment; filename="keyturn-[\d-]+-plain\.json"$/,
  );
  assert.deepEqual([at(done, "report", "groups"), at(done, "report", "aliases")], [1, 1]);
  const [one, two] = await keysOf(target, "groq");
  assert.deepEqual([at(one, "weight"), at(one, "tags"), at(one, "account")], [7, ["a"], "one"]);
  assert.equal(at(two, "weight"), 1);
  const provider = await target.done("GET", "/admin/providers/groq");
  assert.deepEqual([at(provider, "models"), at(provider, "strategy")], [["llama"], "weighted"]);
  assert.equal(at(await target.done("GET", "/admin/aliases/fast"), "target"), "both/llama");
  assert.equal(listAt(await target.done("GET", "/admin/groups/both"), "members").length, 2);
});

Deno.test("POST /admin/export seals with a passphrase unless it is told not to", async () => {
  await using admin = await filled();

  const sealed = await admin.call("POST", "/admin/export", {
    password: ADMIN_KEY,
    passphrase: "a long passphrase",
  });
  const read = await preview(admin, sealed.text, { passphrase: "a long passphrase" });
  const wrong = await admin.call("POST", "/admin/imports", { text: sealed.text, passphrase: "another" });

  assert.ok(!sealed.text.includes("gsk_") && !sealed.text.includes("groq"));
  assert.equal(at(read, "plan", "totals", "duplicate"), 2);
  assert.equal(wrong.status, 422);
});

Deno.test("POST /admin/export takes providers, a tag and enabled keys alone", async () => {
  await using admin = await filled();
  const [key] = await keysOf(admin, "groq");
  await admin.done("PATCH", `/admin/keys/${textAt(key, "id")}`, { isActive: false });
  const exported = async (fields: Record<string, unknown>) => {
    const answer = await admin.call("POST", "/admin/export", {
      password: ADMIN_KEY,
      isPlain: true,
      ...fields,
    });
    return answer.json;
  };

  const tagged = await exported({ tag: "a", providers: ["groq"], withGroups: false });
  const enabled = await exported({ onlyEnabled: true });

  assert.deepEqual(listAt(tagged, "providers").map((each) => at(each, "slug")), ["groq"]);
  assert.deepEqual(listAt(tagged, "providers", 0, "keys").map((each) => at(each, "isEnabled")), [false]);
  assert.deepEqual(listAt(tagged, "groups"), []);
  const groq = listAt(enabled, "providers").find((each) => at(each, "slug") === "groq");
  assert.deepEqual(listAt(groq, "keys").map((each) => at(each, "key")), ["gsk_fixture_0002"]);
});

Deno.test("POST /admin/export refuses a wrong password, a short passphrase, a stranger's slug and every lesser role", async () => {
  await using admin = await filled();
  const token = textAt(
    await admin.done("POST", "/admin/tokens", { name: "half", role: "operator" }),
    "token",
  );
  const cases: [fields: Record<string, unknown>, status: number][] = [
    [{ password: "wrong", isPlain: true }, 422],
    [{ password: ADMIN_KEY }, 422],
    [{ password: ADMIN_KEY, passphrase: "short" }, 422],
    [{ isPlain: true }, 422],
    [{ password: ADMIN_KEY, isPlain: true, providers: ["nobody"] }, 404],
  ];

  for (const [fields, status] of cases) {
    const answer = await admin.call("POST", "/admin/export", fields);

    assert.equal(answer.status, status, answer.text);
    assert.ok(!answer.text.includes("gsk_"));
  }
  const lesser = await admin.send("POST", "/admin/export", { password: ADMIN_KEY, isPlain: true }, {
    "x-admin-key": token,
  });
  assert.equal(lesser.status, 403);
});

Deno.test("POST /admin/export is written to the audit, with counts and no secret", async () => {
  await using admin = await filled();

  await admin.call("POST", "/admin/export", { password: ADMIN_KEY, isPlain: true, providers: ["groq"] });

  const audit = await admin.call("GET", "/admin/audit?action=export.run");
  const [entry] = listAt(audit.json, "entries");
  assert.deepEqual([at(entry, "actor"), at(entry, "target"), at(entry, "detail", "keys")], [
    "admin",
    "groq",
    2,
  ]);
  assert.ok(!audit.text.includes("gsk_") && !audit.text.includes(ADMIN_KEY));
});
