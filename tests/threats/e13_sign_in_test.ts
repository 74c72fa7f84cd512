import assert from "node:assert/strict";
import { Secret } from "../../src/core/secret.ts";
import { readConfig } from "../../src/config.ts";
import { openAdminPassword } from "../../src/start/admin_password.ts";
import { createSession, findSession } from "../../src/store/session_store.ts";
import { OWNER_ID } from "../../src/core/principal.ts";
import { ADMIN_KEY, startAdmin } from "../support/admin_under_test.ts";
import { BrowserSession } from "../support/browser_session.ts";
import { withDatabase } from "../store/support.ts";

const PASSWORD = "a new password";

Deno.test("E13 a session stands in a cookie and nowhere else: no URL, header or client key is one", async () => {
  await using admin = await startAdmin();
  const browser = new BrowserSession(admin);
  await browser.post("/admin/setup", { token: ADMIN_KEY, password: PASSWORD });
  const token = browser.cookies.get("keyturn_session") ?? "";
  assert.ok(token.split(".").length === 3, "a session was begun");

  const answers = [
    await admin.send("GET", `/admin/providers?token=${token}&session=${token}`, undefined, {}),
    await admin.send("GET", "/admin/providers", undefined, { authorization: `Bearer ${token}` }),
    await admin.send("GET", "/admin/providers", undefined, { "x-admin-key": token }),
    await admin.send("GET", "/v1/models", undefined, { cookie: `keyturn_session=${token}` }),
  ];

  assert.deepEqual(answers.map(({ status }) => status), [401, 401, 401, 401]);
});

Deno.test("E13 a session secret that is short is refused at the start", () => {
  for (const secret of ["secret", "your_very_secret", "x".repeat(31)]) {
    assert.throws(() => readConfig({ JWT_SECRET: secret }), { name: "ConfigError" });
  }
});

Deno.test("E14 an address that a stranger makes up does not free his tries, and an overlong password costs no hash", async () => {
  await using admin = await startAdmin();
  await new BrowserSession(admin).post("/admin/setup", { token: ADMIN_KEY, password: PASSWORD });
  const stranger = new BrowserSession(admin);

  const statuses: number[] = [];
  for (let number = 0; number < 12; number++) {
    const forged = { "x-forwarded-for": `198.51.100.${number}`, "x-real-ip": `198.51.100.${number}` };
    const { status } = await stranger.post("/admin/login", { name: "admin", password: "guess" }, forged);
    statuses.push(status);
  }
  const other = new BrowserSession(admin);
  other.address = "203.0.113.9";
  const startedMs = performance.now();
  const long = await other.post("/admin/login", { name: "admin", password: "x".repeat(1_000_000) });

  assert.ok(statuses.includes(429), `${statuses}`);
  assert.ok(long.status >= 400 && long.status < 500, `${long.status}`);
  assert.ok(performance.now() - startedMs < 2_000);
});

Deno.test("E15 well-known passwords and keys are refused at the start", () => {
  for (const name of ["ADMIN_PASSWORD", "GLOBAL_PROXY_KEYS", "APP_API_KEY"]) {
    for (const value of ["admin", "123456", "password", "changeme", "your-global-proxy-key"]) {
      assert.throws(() => readConfig({ [name]: value }), { name: "ConfigError" }, `${name}=${value}`);
    }
  }
});

Deno.test("E15 the first page is no use without the printed key, and never again once it was used", async () => {
  await using admin = await startAdmin();
  const stranger = new BrowserSession(admin);

  const guessed = await stranger.post("/admin/setup", { token: "guess", password: PASSWORD });
  const right = await new BrowserSession(admin).post("/admin/setup", {
    token: ADMIN_KEY,
    password: PASSWORD,
  });
  const again = await stranger.post("/admin/setup", { token: ADMIN_KEY, password: "another password" });
  const old = await admin.send("GET", "/admin/providers", undefined, { "x-admin-key": ADMIN_KEY });

  assert.deepEqual([guessed.status, right.status, again.status, old.status], [422, 303, 409, 401]);
});

Deno.test("E15 a password of the environment is worth nothing once the variable is gone or another, nor are its sessions", () =>
  withDatabase(async (db) => {
    const right = async (
      opened: { password: { matches(presented: string): Promise<boolean> } },
      ...tries: string[]
    ) => await Promise.all(tries.map((each) => opened.password.matches(each)));
    const begin = (id: string) =>
      createSession(db, { id, accountId: OWNER_ID, createdAtMs: 1, expiresAtMs: 9e15 });

    const first = await openAdminPassword(new Secret("first-password"), db);
    await begin("one");
    const same = await openAdminPassword(new Secret("first-password"), db);
    const isKept = await findSession(db, "one") !== undefined;
    const second = await openAdminPassword(new Secret("second-password"), db);
    const isKeptThen = await findSession(db, "one") !== undefined;
    await begin("two");
    const without = await openAdminPassword(undefined, db);
    const made = without.created?.reveal() ?? "";
    const again = await openAdminPassword(undefined, db);

    assert.deepEqual(await right(first, "first-password"), [true]);
    assert.deepEqual(await right(same, "first-password"), [true]);
    assert.deepEqual(await right(second, "first-password", "second-password"), [false, true]);
    assert.deepEqual(await right(without, "first-password", "second-password", made), [false, false, true]);
    assert.deepEqual([await right(again, made), again.created], [[true], undefined]);
    assert.deepEqual([isKept, isKeptThen, await findSession(db, "two")], [true, false, undefined]);
  }));
