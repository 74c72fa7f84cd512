import assert from "node:assert/strict";
import { at, listAt, startAdmin, textAt } from "../support/admin_under_test.ts";
import { BrowserSession } from "../support/browser_session.ts";

Deno.test("an admin token may what its role may, until it ends or is deleted, and is stored as a hash", async () => {
  await using admin = await startAdmin();
  const make = (role: string) => admin.done("POST", "/admin/tokens", { name: role, role, expiresInDays: 30 });
  const viewer = await make("viewer");
  const operator = await make("operator");
  const call = async (made: unknown, method: string, path: string, body?: unknown) => {
    const headers = { authorization: `Bearer ${textAt(made, "token")}` };
    return (await admin.send(method, path, body, headers)).status;
  };

  const asViewer = [
    await call(viewer, "GET", "/admin/providers"),
    await call(viewer, "POST", "/admin/providers", { preset: "groq" }),
  ];
  const asOperator = [
    await call(operator, "POST", "/admin/providers", { preset: "groq" }),
    await call(operator, "POST", "/admin/tokens", { name: "more", role: "owner" }),
    await call(operator, "GET", "/admin/users"),
  ];
  const listed = await admin.call("GET", "/admin/tokens");
  await admin.done("DELETE", `/admin/tokens/${textAt(viewer, "id")}`);

  assert.deepEqual([asViewer, asOperator], [[200, 403], [201, 403, 403]]);
  assert.match(textAt(viewer, "token"), /^kta_[\w-]{43}$/);
  assert.ok(!listed.text.includes(textAt(viewer, "token")));
  assert.equal(await call(viewer, "GET", "/admin/providers"), 401);
});

Deno.test("a user signs in with his own password; when he is turned off or deleted his session ends", async () => {
  await using admin = await startAdmin();
  const made = await admin.done("POST", "/admin/users", {
    name: "Ada",
    role: "viewer",
    password: "ada's password",
  });
  const taken = await admin.call("POST", "/admin/users", {
    name: "ADA",
    role: "viewer",
    password: "another one",
  });
  const owner = await admin.call("POST", "/admin/users", {
    name: "Admin",
    role: "viewer",
    password: "another one",
  });
  const browser = new BrowserSession(admin);
  await browser.signIn("ada", "ada's password");

  const seen = await browser.get("/admin/providers");
  const form = await browser.get("/admin/providers/new");
  const posted = await browser.post("/admin/providers", { preset: "groq" });
  await admin.done("PATCH", `/admin/users/${textAt(made, "id")}`, { isEnabled: false });
  const turnedOff = await browser.get("/admin/providers");

  assert.deepEqual([taken.status, owner.status], [409, 409]);
  assert.deepEqual([seen.status, form.status, posted.status, turnedOff.status], [200, 403, 403, 303]);
  assert.ok(!seen.text.includes("/admin/providers/new"), "what he may not do is not offered");
});

Deno.test("the audit tells who has changed what, with the names of the fields and never what stood in them", async () => {
  await using admin = await startAdmin();
  const token = textAt(await admin.done("POST", "/admin/tokens", { name: "ci", role: "operator" }), "token");
  await admin.send("POST", "/admin/providers", { preset: "groq" }, { "x-admin-key": token });
  await admin.done("POST", "/admin/keys", { provider: "groq", apiKey: "gsk_planted_secret_1" });
  await admin.call("POST", "/admin/keys", { provider: "groq", apiKey: "gsk_planted_secret_1" });
  await admin.done("GET", "/admin/providers");
  await admin.done("PUT", "/admin/providers/groq", { name: "Planted", headers: { "x-team": "planted" } });

  const { json, text } = await admin.call("GET", "/admin/audit");
  const paged = await admin.done("GET", "/admin/audit?limit=1&action=provider.");

  const entries = listAt(json, "entries");
  assert.deepEqual(
    entries.map((
      entry,
    ) => [at(entry, "actor"), at(entry, "actorKind"), at(entry, "action"), at(entry, "target")]),
    [
      ["admin", "password", "provider.set", "groq"],
      ["admin", "password", "key.create", at(entries[1], "target")],
      ["ci", "token", "provider.create", "groq"],
      ["admin", "password", "token.create", "ci"],
    ],
  );
  assert.deepEqual(at(entries[0], "detail"), { fields: ["name", "headers"] });
  assert.ok(!/planted/i.test(text));
  assert.equal(listAt(paged, "entries").length, 1);
  assert.equal(typeof at(paged, "next"), "string");
});
