import assert from "node:assert/strict";
import { listModelAliases } from "../../src/store/model_alias_store.ts";
import { withGroups } from "./groups_under_test.ts";

Deno.test("POST /admin/aliases makes an alias, in memory and in the database, and refuses its name again", () =>
  withGroups(async (admin) => {
    const full = { name: "meta/fast", target: "a/llama-4", contextFallback: "b/long" };
    const bare = { name: "smart", target: "gpt-5" };

    const added = await admin.call("POST", "/admin/aliases", full);
    await admin.done("POST", "/admin/aliases", { ...bare, contextFallback: null });
    const again = await admin.call("POST", "/admin/aliases", full);

    assert.deepEqual([added.status, added.json, again.status], [201, full, 409]);
    assert.deepEqual(await admin.done("GET", "/admin/aliases"), { aliases: [full, bare] });
    assert.deepEqual(await admin.done("GET", "/admin/aliases/meta/fast"), full);
    assert.deepEqual(await admin.done("GET", "/admin/aliases/meta%2Ffast"), full);
    assert.deepEqual(await listModelAliases(admin.deps.db), [full, bare]);
    assert.equal(admin.deps.models.resolve("meta/fast").slug, "a");
    assert.deepEqual(admin.changes, ["meta/fast", "smart"].map((name) => ({ kind: "alias", ids: [name] })));
  }));

Deno.test("PUT /admin/aliases/:name keeps what is left out, and null takes the fallback away", () =>
  withGroups(async (admin) => {
    await admin.done("POST", "/admin/aliases", { name: "fast", target: "m", contextFallback: "long" });

    const moved = await admin.done("PUT", "/admin/aliases/fast", { target: "n" });
    const bare = await admin.done("PATCH", "/admin/aliases/fast", { contextFallback: null });

    assert.deepEqual(moved, { name: "fast", target: "n", contextFallback: "long" });
    assert.deepEqual(bare, { name: "fast", target: "n" });
    assert.deepEqual(await listModelAliases(admin.deps.db), [bare]);
    assert.deepEqual(admin.deps.models.aliases(), [bare]);
  }));

Deno.test("POST and PUT /admin/aliases answer 422 with the wrong field, and change nothing", () =>
  withGroups(async (admin) => {
    await admin.done("POST", "/admin/groups", { slug: "team" });
    await admin.done("POST", "/admin/aliases", { name: "fast", target: "m" });

    await admin.refuses("POST", "/admin/aliases", [
      ["name", { target: "m" }],
      ["name", { name: "two words", target: "m" }],
      ["name", { name: "a/fast", target: "m" }],
      ["name", { name: "team/fast", target: "m" }],
      ["target", { name: "x" }],
      ["target", { name: "x", target: "" }],
      ["contextFallback", { name: "x", target: "m", contextFallback: 5 }],
      ["models", { name: "x", target: "m", models: [] }],
    ]);
    await admin.refuses("PUT", "/admin/aliases/fast", [["name", { name: "x" }], ["target", {
      target: null,
    }]]);
  }));

Deno.test("DELETE /admin/aliases/:name forgets the alias, and what is gone answers 404", () =>
  withGroups(async (admin) => {
    await admin.done("POST", "/admin/aliases", { name: "fast", target: "m" });

    await admin.done("DELETE", "/admin/aliases/fast");
    const gone = [
      await admin.call("GET", "/admin/aliases/fast"),
      await admin.call("PUT", "/admin/aliases/fast", {}),
      await admin.call("DELETE", "/admin/aliases/fast"),
    ];

    assert.deepEqual(gone.map(({ status }) => status), [404, 404, 404]);
    assert.deepEqual(await listModelAliases(admin.deps.db), []);
    assert.equal(admin.deps.models.findAlias("fast"), undefined);
  }));
