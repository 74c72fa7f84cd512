import assert from "node:assert/strict";
import { at, listAt, startAdmin, textAt } from "../support/admin_under_test.ts";
import { verdictOf } from "../pool/samples.ts";
import { enabledOf, endOf, enterKeys, idsOf, ownersBrowser, poolOf } from "./keys_under_test.ts";

const many = (count: number, name = "many") =>
  Array.from({ length: count }, (_, index) => `sk-${name}-${String(index).padStart(5, "0")}`);

Deno.test("a change by filter is counted first, touches those that match, and can be undone", async () => {
  await using admin = await startAdmin();
  const ids = await enterKeys(admin, "one", many(12), { tags: ["free"] });
  await enterKeys(admin, "two", many(3));
  await admin.done("PATCH", `/admin/keys/${ids[0]}`, { isActive: false });

  const counted = await admin.done("GET", "/admin/keys/bulk?action=disable&tag=free");
  const done = await admin.done("POST", "/admin/keys/bulk", {
    action: "disable",
    scope: "all",
    filter: { tag: "free" },
    count: 12,
  });
  const disabled = await enabledOf(admin, "one");
  const undone = await admin.done("POST", `/admin/keys/changes/${textAt(done, "id")}/undo`);

  assert.equal(at(counted, "count"), 12);
  assert.deepEqual(at(counted, "providers"), [{ name: "one", count: 12 }]);
  assert.deepEqual(at(counted, "states"), [{ name: "ready", count: 11 }, { name: "disabled", count: 1 }]);
  assert.deepEqual([at(done, "state"), at(done, "total"), at(done, "changed")], ["done", 12, 11]);
  assert.ok(disabled.every((isEnabled) => !isEnabled));
  assert.deepEqual(await enabledOf(admin, "two"), [true, true, true]);
  assert.equal(at(undone, "state"), "undone");
  assert.deepEqual(await enabledOf(admin, "one"), ids.map((id) => id !== ids[0]), "the first was off before");
  assert.equal(poolOf(admin, "one").counts().disabled, 1, "the pool knows");
  assert.equal((await admin.call("POST", `/admin/keys/changes/${textAt(done, "id")}/undo`)).status, 409);
  await admin.reopen();
  assert.deepEqual(await enabledOf(admin, "one"), ids.map((id) => id !== ids[0]));
});

Deno.test("keys that were chosen one by one get tags, weight and priority, and get the old ones back", async () => {
  await using admin = await startAdmin();
  const [a, b, c] = await enterKeys(admin, "one", ["sk-one-aaaa", "sk-one-bbbb", "sk-one-cccc"], {
    tags: ["x"],
  });
  const change = (body: object) =>
    admin.done("POST", "/admin/keys/bulk", { scope: "chosen", ids: [a, b, "unknown"], ...body });
  const shown = async () => {
    const keys = listAt(await admin.done("GET", "/admin/keys?sort=oldest"), "keys");
    return keys.map((key) => [at(key, "tags"), at(key, "weight"), at(key, "priority")]);
  };
  const before = await shown();

  const tagged = await change({ action: "tag", addTags: ["y"], removeTags: ["x", "z"] });
  const weighed = await change({ action: "weight", weight: 9 });
  const after = await shown();
  for (const each of [weighed, tagged]) {
    await admin.done("POST", `/admin/keys/changes/${textAt(each, "id")}/undo`);
  }

  assert.deepEqual(after, [[["y"], 9, 0], [["y"], 9, 0], [["x"], 1, 0]]);
  assert.deepEqual(await shown(), before);
  assert.ok(c !== undefined);
});

Deno.test("deleted keys leave the pool at once, come back whole within their time, and keep their secret", async () => {
  await using admin = await startAdmin();
  const ids = await enterKeys(admin, "one", many(600), { account: "org" });

  const begun = await admin.done("POST", "/admin/keys/bulk", {
    action: "delete",
    scope: "all",
    filter: { provider: "one", account: "org" },
  });
  const deleted = await endOf(admin, textAt(begun, "id"));
  const left = poolOf(admin, "one").counts().total;
  await admin.reopen();
  const gone = await idsOf(admin, "provider=one&limit=500");
  await admin.done("POST", `/admin/keys/changes/${textAt(begun, "id")}/undo`);
  const undone = await endOf(admin, textAt(begun, "id"));

  assert.deepEqual([at(deleted, "state"), at(deleted, "changed"), left], ["done", 600, 0]);
  assert.deepEqual(gone, []);
  assert.deepEqual([at(undone, "state"), at(undone, "done")], ["undone", 600]);
  assert.equal(poolOf(admin, "one").counts().total, 600);
  const answer = await admin.done("POST", `/admin/keys/${ids[7]}/reveal`, {
    password: "test-admin-password",
  });
  assert.equal(at(answer, "key"), "sk-many-00007");
});

Deno.test("a key that is deleted by itself can be brought back, too", async () => {
  await using admin = await startAdmin();
  const [id] = await enterKeys(admin, "one", ["sk-one-aaaa"]);

  await admin.done("DELETE", `/admin/keys/${id}`);
  const changes = listAt(await admin.done("GET", "/admin/keys/changes"), "changes");
  await admin.done("POST", `/admin/keys/changes/${textAt(changes, 0, "id")}/undo`);

  assert.deepEqual([at(changes, 0, "action"), at(changes, 0, "changed")], ["delete", 1]);
  assert.deepEqual(await idsOf(admin, ""), [id]);
});

Deno.test("release ends the rests of those that rest, and cannot be undone", async () => {
  await using admin = await startAdmin();
  const [a = "", b = "", c = ""] = await enterKeys(admin, "one", [
    "sk-one-aaaa",
    "sk-one-bbbb",
    "sk-one-cccc",
  ]);
  const untilMs = Date.now() + 60_000;
  const limited = verdictOf("key_limited", { untilMs, source: "header" });
  poolOf(admin, "one").reportCheck(a, limited);
  poolOf(admin, "one").reportCheck(b, { ...limited, scope: "key_model" }, "gpt-5");

  const released = await admin.done("POST", "/admin/keys/bulk", { action: "release", scope: "all" });

  assert.deepEqual([at(released, "total"), at(released, "changed")], [3, 2]);
  assert.equal(at(released, "undoUntilMs"), null);
  assert.deepEqual(await idsOf(admin, "state=cooling"), []);
  assert.deepEqual(await idsOf(admin, "state=model_rest"), []);
  assert.ok(c !== "");
});

Deno.test("check asks about each key and counts what came of it", async () => {
  await using admin = await startAdmin();
  await enterKeys(admin, "one", many(10));

  const begun = await admin.done("POST", "/admin/keys/bulk", { action: "check", scope: "all" });
  const ended = await endOf(admin, textAt(begun, "id"));

  assert.deepEqual([at(ended, "state"), at(ended, "done")], ["done", 10]);
  assert.deepEqual(at(ended, "checked"), { accepted: 0, rejected: 0, failed: 10 }, "nobody listens there");
});

Deno.test("a change is refused when it says too little, or would touch many more than was said", async () => {
  await using admin = await startAdmin();
  await enterKeys(admin, "one", many(40));
  const wrong: readonly (readonly [number, object])[] = [
    [422, { action: "disable" }],
    [422, { action: "explode", scope: "all" }],
    [422, { action: "tag", scope: "all" }],
    [422, { action: "weight", scope: "all" }],
    [422, { action: "weight", scope: "all", weight: 0 }],
    [422, { action: "disable", scope: "all", filter: { colour: "red" } }],
    [409, { action: "disable", scope: "all", count: 12 }],
  ];

  for (const [status, body] of wrong) {
    const answer = await admin.call("POST", "/admin/keys/bulk", body);
    assert.equal(answer.status, status, `${JSON.stringify(body)} ${answer.text}`);
  }

  const none = await admin.done("POST", "/admin/keys/bulk", { action: "disable", scope: "chosen" });
  assert.equal(at(none, "total"), 0, "nobody was chosen");
  assert.ok((await enabledOf(admin, "one")).every((isEnabled) => isEnabled));
});

Deno.test("in a browser: the question names and counts, a refused form comes back, the list shows what was done", async () => {
  await using admin = await startAdmin();
  await enterKeys(admin, "openrouter", many(1204), { tags: ["free"] });
  const browser = await ownersBrowser(admin);

  const question = await browser.get("/admin/keys/bulk?action=disable&tag=free&scope=all");
  const fields = { action: "tag", scope: "all", "filter.tag": "free", count: "1204" };
  const refused = await browser.post("/admin/keys/bulk", { ...fields, addTags: "", removeTags: "" });
  const posted = await browser.post("/admin/keys/bulk", { ...fields, addTags: "new\nfresh" });
  const to = posted.headers.get("location") ?? "";
  await endOf(admin, new URLSearchParams(to.split("?")[1]).get("change") ?? "");
  const list = await browser.get(to);

  assert.match(question.text, /This disables 1,204 keys of openrouter\./);
  assert.equal(refused.status, 422);
  assert.match(refused.text, /Say what to change/);
  assert.match(refused.text, /Tag 1,204 keys of openrouter/);
  assert.match(to, /^\/admin\/keys\?tag=free&change=/);
  assert.match(list.text, /1,204 keys of openrouter tagged/);
  assert.match(list.text, /\/undo"/);
  assert.equal((await idsOf(admin, "tag=fresh&limit=500")).length, 500);
});

Deno.test("POST /admin/keys/export writes masks, and whole keys for one's own password alone", async () => {
  await using admin = await startAdmin();
  await enterKeys(admin, "one", ["sk-one-aaaa", "sk-one-bbbb"], { tags: ["=1+1"], account: "a,b" });
  const browser = await ownersBrowser(admin);
  const wrong = { scope: "all", withSecrets: "true", password: "wrong" };

  const masked = await admin.call("POST", "/admin/keys/export", { scope: "all" });
  const refused = await browser.post("/admin/keys/export", wrong);
  const whole = await browser.post("/admin/keys/export", { ...wrong, password: "test-admin-password" });
  const audited = await admin.done("GET", "/admin/audit?action=key.export");

  assert.match(masked.headers.get("content-disposition") ?? "", /attachment/);
  assert.ok(!masked.text.includes("sk-one"));
  assert.match(masked.text, /^id,provider,key,.*\r\n[^\r]*,one,…(?:bbbb|aaaa),true,ready,1,0,"a,b",'=1\+1,/);
  assert.equal(refused.status, 422);
  assert.match(refused.text, /This is not your password/);
  assert.ok(whole.text.includes(",sk-one-aaaa,") && whole.text.includes(",sk-one-bbbb,"));
  assert.deepEqual(listAt(audited, "entries").map((entry) => at(entry, "detail", "withSecrets")), [
    true,
    false,
  ]);
});
