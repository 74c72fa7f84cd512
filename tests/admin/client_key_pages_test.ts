import assert from "node:assert/strict";
import { ADMIN_KEY, at, listAt, startAdmin, textAt } from "../support/admin_under_test.ts";
import { BrowserSession } from "../support/browser_session.ts";

Deno.test("client keys: the form's dollars and times are the API's nano-dollars and milliseconds", async () => {
  await using admin = await startAdmin();
  await admin.done("POST", "/admin/providers", { preset: "groq" });
  const browser = new BrowserSession(admin);
  await browser.signIn("admin", ADMIN_KEY);

  const made = await browser.post("/admin/client-keys", {
    name: "CI",
    isEnabled: "true",
    expiresAt: "2036-01-31T12:00",
    targets: "groq",
    models: "llama*",
    networks: "",
    "limits.requestsPerDay": "5",
    "limits.tokensPerDay": "",
    "limits.dollarsPerMonth": "0.1",
  });
  const [clientKey] = listAt(await admin.done("GET", "/admin/client-keys"), "clientKeys");
  const path = `/admin/client-keys/${textAt(clientKey, "id")}`;
  const form = await browser.get(`${path}/edit`);
  const saved = await browser.post(`${path}?_method=PATCH`, {
    name: "CI",
    targets: "",
    expiresAt: "",
    "limits.requestsPerDay": "",
    "limits.dollarsPerMonth": "2",
  });
  const after = await admin.done("GET", path);

  assert.equal(made.status, 201);
  assert.match(made.text, /kt_[\w-]{32}/);
  assert.deepEqual(at(clientKey, "limits"), { requestsPerDay: 5, nanoDollarsPerMonth: 100_000_000 });
  assert.equal(at(clientKey, "expiresAtMs"), Date.UTC(2036, 0, 31, 12));
  assert.deepEqual(at(clientKey, "targets"), ["groq"]);
  assert.match(form.text, /value="2036-01-31T12:00:00"/);
  assert.ok(!/kt_[\w-]{32}/.test(form.text));
  assert.equal(saved.status, 303);
  assert.deepEqual(at(after, "limits"), { nanoDollarsPerMonth: 2_000_000_000 });
  assert.deepEqual([at(after, "expiresAtMs"), at(after, "targets")], [undefined, []]);
});

Deno.test("client keys: a target that is gone keeps binding when the rest is changed; a new one must be there", async () => {
  await using admin = await startAdmin();
  await admin.done("POST", "/admin/providers", { preset: "groq" });
  const made = await admin.done("POST", "/admin/client-keys", { name: "CI", targets: ["groq"] });
  const path = `/admin/client-keys/${textAt(made, "id")}`;
  await admin.done("DELETE", "/admin/providers/groq");

  const kept = await admin.call("PATCH", path, { name: "other", targets: ["groq"] });
  const wrong = await admin.call("PATCH", path, { targets: ["groq", "nobody"] });

  assert.deepEqual([kept.status, wrong.status], [200, 422]);
  assert.deepEqual(Object.keys(Object(at(wrong.json, "error", "fields"))), ["targets.1"]);
});

Deno.test("client keys: what a viewer may not do is not offered, and is refused", async () => {
  await using admin = await startAdmin();
  await admin.done("POST", "/admin/users", { name: "Ada", role: "viewer", password: "ada's password" });
  const made = await admin.done("POST", "/admin/client-keys", { name: "<i>CI</i>" });
  const viewer = new BrowserSession(admin);
  await viewer.signIn("Ada", "ada's password");
  const path = `/admin/client-keys/${textAt(made, "id")}`;

  const list = await viewer.get("/admin/client-keys");
  const one = await viewer.get(path);
  const rotated = await viewer.post(`${path}/rotate`, { graceSeconds: "0" });

  assert.deepEqual([list.status, one.status, rotated.status], [200, 200, 403]);
  assert.ok(!list.text.includes("<i>") && !one.text.includes("<i>"));
  assert.ok(!one.text.includes("/rotate") && !list.text.includes('role="switch"'));
});
