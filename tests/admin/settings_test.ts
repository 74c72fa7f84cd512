import assert from "node:assert/strict";
import { ADMIN_KEY, type AdminUnderTest, at, listAt, startAdmin } from "../support/admin_under_test.ts";
import { BrowserSession } from "../support/browser_session.ts";

/** One setting as the API shows it. */
async function settingOf(admin: AdminUnderTest, name: string): Promise<unknown> {
  const settings = listAt(await admin.done("GET", "/admin/settings"), "settings");
  return settings.find((each) => at(each, "name") === name);
}

Deno.test("PATCH /admin/settings is in effect at once and after a restart; null resets", async () => {
  await using admin = await startAdmin();
  await admin.done("POST", "/admin/providers", { preset: "groq" });
  await admin.done("POST", "/admin/providers", {
    preset: "openai",
    policy: { deadlineMs: 5000 },
  });
  const deadlines = () =>
    ["groq", "openai"].map((slug) => admin.keyturn.live.find(slug)?.provider.policy.deadlineMs);

  const changed = await admin.done("PATCH", "/admin/settings", {
    REQUEST_TIMEOUT_SECONDS: 60,
    REQUEST_LOG_DAYS: "14",
    DRAIN_SECONDS: 3,
    LOG_LEVEL: "error",
  });
  const atOnce = deadlines();
  admin.logged.length = 0;
  await admin.call("POST", "/admin/providers", {});
  const loggedAtOnce = admin.logged.filter((line) => /"level":"(?:info|debug)"/.test(line));
  const drainMs = admin.keyturn.drainMs();
  await admin.reopen();
  const restarted = deadlines();
  const stored = await settingOf(admin, "REQUEST_LOG_DAYS");
  await admin.done("PATCH", "/admin/settings", { REQUEST_TIMEOUT_SECONDS: null, REQUEST_LOG_DAYS: null });

  assert.deepEqual(
    listAt(changed, "changed").toSorted(),
    ["DRAIN_SECONDS", "LOG_LEVEL", "REQUEST_LOG_DAYS", "REQUEST_TIMEOUT_SECONDS"],
  );
  assert.deepEqual([atOnce, restarted], [[60_000, 5000], [60_000, 5000]]);
  assert.deepEqual([loggedAtOnce, drainMs], [[], 3000]);
  assert.deepEqual([at(stored, "value"), at(stored, "standard"), at(stored, "source")], [14, 30, "stored"]);
  assert.deepEqual(deadlines(), [600_000, 5000]);
  assert.equal(at(await settingOf(admin, "REQUEST_LOG_DAYS"), "source"), "default");
  const audit = await admin.call("GET", "/admin/audit");
  assert.match(audit.text, /settings\.set/);
});

Deno.test("PATCH /admin/settings sets all or none, and nothing that the environment sets", async () => {
  await using admin = await startAdmin();

  const wrong = await admin.call("PATCH", "/admin/settings", { REQUEST_LOG_DAYS: -1, LOG_LEVEL: "error" });
  const fixed = await admin.call("PATCH", "/admin/settings", { HEALTH_CHECK_INTERVAL_SECONDS: 60 });
  const unknown = await admin.call("PATCH", "/admin/settings", { MASTER_KEY: "x" });

  assert.deepEqual([wrong.status, fixed.status, unknown.status], [422, 422, 422]);
  assert.deepEqual(Object.keys(Object(at(wrong.json, "error", "fields"))), ["REQUEST_LOG_DAYS"]);
  assert.equal(at(await settingOf(admin, "LOG_LEVEL"), "source"), "default");
  assert.equal(at(await settingOf(admin, "HEALTH_CHECK_INTERVAL_SECONDS"), "source"), "environment");
});

Deno.test("/admin/settings: a form that changes one field leaves the others, and a viewer only looks", async () => {
  await using admin = await startAdmin();
  await admin.done("POST", "/admin/users", { name: "Ada", role: "viewer", password: "ada's password" });
  const owner = new BrowserSession(admin);
  await owner.signIn("admin", ADMIN_KEY);
  const viewer = new BrowserSession(admin);
  await viewer.signIn("Ada", "ada's password");
  const fields = { DEFAULT_MODEL: "", REQUEST_LOG_DAYS: "14", LOG_LEVEL: "" };

  const saved = await owner.post("/admin/settings?_method=PATCH", fields);
  const refused = await viewer.post("/admin/settings?_method=PATCH", { REQUEST_LOG_DAYS: "1" });
  const again = await owner.post("/admin/settings?_method=PATCH", { ...fields, MAX_WAIT_SECONDS: "x" });
  const seen = await viewer.get("/admin/settings");
  const sources = listAt(await admin.done("GET", "/admin/settings"), "settings")
    .filter((each) => at(each, "source") === "stored").map((each) => at(each, "name"));

  assert.deepEqual([saved.status, refused.status, again.status, seen.status], [303, 403, 422, 200]);
  assert.match(again.text, /value="14"/);
  assert.deepEqual(sources, ["REQUEST_LOG_DAYS"]);
  assert.ok(!seen.text.includes('name="REQUEST_LOG_DAYS"'));
});

Deno.test("GET /admin/app-status tells of the background jobs, and shows settings of now", async () => {
  await using admin = await startAdmin();
  await admin.done("PATCH", "/admin/settings", { DEFAULT_MODEL: "<b>small</b>" });
  const owner = new BrowserSession(admin);
  await owner.signIn("admin", ADMIN_KEY);

  const status = await admin.done("GET", "/admin/app-status");
  const page = await owner.get("/admin/app-status");

  const names = listAt(status, "jobs").map((job) => at(job, "name"));
  assert.ok(names.includes("usage_rollups"), names.join());
  assert.equal(at(status, "settings", "DEFAULT_MODEL"), "<b>small</b>");
  assert.equal(page.status, 200);
  assert.ok(page.text.includes("&lt;b&gt;small&lt;/b&gt;") && !page.text.includes("<b>small</b>"));
});
