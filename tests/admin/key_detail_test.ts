import assert from "node:assert/strict";
import { at, listAt, startAdmin, textAt } from "../support/admin_under_test.ts";
import { verdictOf } from "../pool/samples.ts";
import { enterKeys, ownersBrowser, poolOf } from "./keys_under_test.ts";

const PASSWORD = "test-admin-password";

Deno.test("GET /admin/keys/:id tells how a key stands, and what happened to it by itself and by people", async () => {
  await using admin = await startAdmin();
  const [id = ""] = await enterKeys(admin, "one", ["sk-one-aaaa"]);
  const untilMs = Date.now() + 60_000;
  const limited = verdictOf("key_limited", {
    untilMs,
    source: "header",
    reason: "Slow down",
    rule: "status.429",
  });
  poolOf(admin, "one").reportCheck(id, limited);
  await admin.done("PATCH", `/admin/keys/${id}`, { weight: 4 });
  await admin.done("POST", "/admin/keys/bulk", { action: "disable", scope: "chosen", ids: [id] });
  await admin.reopen();

  const detail = await admin.done("GET", `/admin/keys/${id}`);

  assert.equal(at(detail, "state"), "disabled");
  assert.equal(at(detail, "lastFault", "text"), "Slow down");
  assert.equal(listAt(detail, "hours").length, 24);
  const events = listAt(detail, "history").map((entry) => [at(entry, "event"), at(entry, "actor")]);
  assert.deepEqual(events.sort(), [["cooling", undefined], ["disabled", "admin"], ["edited", "admin"]]);
  assert.equal((await admin.call("GET", "/admin/keys/none")).status, 404);
});

Deno.test("POST /admin/keys/:id/reveal shows the key for one's own password, and every try is in the audit", async () => {
  await using admin = await startAdmin();
  const [id = ""] = await enterKeys(admin, "one", ["sk-planted-key-0001"]);
  const { token } = Object(await admin.done("POST", "/admin/tokens", { name: "ci", role: "owner" }));
  const browser = await ownersBrowser(admin);

  const wrong = await browser.post(`/admin/keys/${id}/reveal`, { password: "wrong" });
  const right = await browser.post(`/admin/keys/${id}/reveal`, { password: PASSWORD });
  const byToken = await admin.send("POST", `/admin/keys/${id}/reveal`, { password: PASSWORD }, {
    authorization: `Bearer ${token}`,
  });
  const again = await browser.get(`/admin/keys/${id}`);
  const audit = listAt(await admin.done("GET", "/admin/audit?action=key.reveal"), "entries");

  assert.equal(wrong.status, 422);
  assert.match(wrong.text, /This is not your password/);
  assert.ok(!wrong.text.includes("sk-planted") && !again.text.includes("sk-planted"));
  assert.equal(right.status, 200);
  assert.match(right.text, /sk-planted-key-0001/);
  assert.equal(right.headers.get("cache-control"), "no-store");
  assert.equal(byToken.status, 403);
  assert.deepEqual(audit.map((entry) => [at(entry, "target"), at(entry, "detail")]), [
    [id, {}],
    [id, { isRefused: true }],
  ]);
  assert.ok(!admin.logged.some((line) => line.includes("sk-planted")));
});

Deno.test("the form of a key saves, comes back with what was typed, and answers htmx with the part alone", async () => {
  await using admin = await startAdmin();
  const [id = ""] = await enterKeys(admin, "one", ["sk-one-aaaa"], {
    metadata: { owner: "ann", name: "old" },
  });
  const browser = await ownersBrowser(admin);
  const fields = { weight: "5", priority: "2", account: "org", maxRequests: "", tags: "a\nb", note: "Mine" };
  const path = `/admin/keys/${id}?_method=PATCH`;
  const partial = { "hx-request": "true", "hx-request-type": "partial" };

  const refused = await browser.post(path, { ...fields, weight: "0", account: "typed" });
  const saved = await browser.post(path, fields);
  const part = await browser.post(path, { isActive: "false" }, partial);
  const page = await admin.done("GET", "/admin/providers/one/keys");

  assert.equal(refused.status, 422);
  assert.match(refused.text, /value="typed"/);
  assert.equal(saved.headers.get("location"), `/admin/keys/${id}`);
  assert.ok(part.text.startsWith('<div id="key-detail"'), part.text.slice(0, 80));
  assert.match(part.text, /The key was saved/);
  const key = at(page, "keys", 0);
  assert.deepEqual(at(key, "metadata"), { owner: "ann", name: "old", note: "Mine" });
  assert.deepEqual([at(key, "tags"), at(key, "account"), at(key, "weight")], [["a", "b"], "org", 5]);
});

Deno.test("a person releases a key, checks it and deletes it from its page", async () => {
  await using admin = await startAdmin();
  const [id = ""] = await enterKeys(admin, "one", ["sk-one-aaaa"]);
  poolOf(admin, "one").reportCheck(id, verdictOf("key_dead", { isConclusive: true, reason: "No such key" }));
  const browser = await ownersBrowser(admin);
  const before = await browser.get(`/admin/keys/${id}`);

  const released = await browser.post(`/admin/keys/${id}/release`);
  const checked = await browser.post(`/admin/keys/${id}/check`);
  const deleted = await browser.post(`/admin/keys/${id}?_method=DELETE`);
  const list = await browser.get("/admin/keys");

  assert.match(before.text, /No such key/);
  assert.match(before.text, /Delete …\u2060aaaa of one\?/);
  assert.deepEqual([released, checked, deleted].map(({ headers }) => headers.get("location")), [
    `/admin/keys/${id}`,
    `/admin/keys/${id}`,
    "/admin/keys",
  ]);
  assert.match(list.text, /can be brought back for seven days/);
  assert.equal(textAt(await admin.done("GET", "/admin/keys/changes"), "changes", 0, "action"), "delete");
});
