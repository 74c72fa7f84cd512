import assert from "node:assert/strict";
import { SignJWT } from "jose";
import { ACCOUNT_POLICY } from "../../src/access/login_throttle.ts";
import { Secret } from "../../src/core/secret.ts";
import { openKv } from "../../src/store/kv.ts";
import { changeLoginFailures } from "../../src/store/login_throttle_store.ts";
import { ADMIN_KEY, type AdminUnderTest, startAdmin } from "../support/admin_under_test.ts";
import { BrowserSession } from "../support/browser_session.ts";

const PASSWORD = "a new password";

async function setUp(admin: AdminUnderTest): Promise<BrowserSession> {
  const browser = new BrowserSession(admin);
  const done = await browser.post("/admin/setup", {
    token: ADMIN_KEY,
    password: PASSWORD,
    repeat: PASSWORD,
  });
  assert.equal(done.status, 303, done.text);
  await browser.get("/admin/providers");
  return browser;
}

Deno.test("POST /admin/setup takes the printed key once, and its password takes that one's place", async () => {
  await using admin = await startAdmin();
  const stranger = new BrowserSession(admin);

  const sent = await stranger.get("/admin/providers");
  const wrong = await stranger.post("/admin/setup", { token: "guess", password: PASSWORD });
  const short = await stranger.post("/admin/setup", { token: ADMIN_KEY, password: "short" });
  const browser = await setUp(admin);
  const again = await stranger.post("/admin/setup", { token: PASSWORD, password: "another password" });
  const old = await admin.send("GET", "/admin/status", undefined, { "x-admin-key": ADMIN_KEY });
  const now = await admin.send("GET", "/admin/status", undefined, { "x-admin-key": PASSWORD });

  assert.deepEqual([sent.status, sent.headers.get("location")], [303, "/admin/setup"]);
  assert.deepEqual([wrong.status, short.status, again.status], [422, 422, 409]);
  assert.match(wrong.text, /This is not the setup token/);
  assert.ok(!short.text.includes(ADMIN_KEY), "a token that was typed does not come back");
  assert.deepEqual([old.status, now.status], [401, 200]);
  assert.equal((await browser.get("/admin/providers")).status, 200);
  assert.equal((await stranger.get("/admin/setup")).headers.get("location"), "/admin/login");
  await admin.reopen();
  assert.equal((await browser.get("/admin/providers")).status, 200, "a session outlives a restart");
});

Deno.test("GET /admin/setup is not there where the environment sets the password", async () => {
  await using admin = await startAdmin();
  await admin.reopen({ adminPassword: new Secret("from-the-environment") });
  const browser = new BrowserSession(admin);

  const setUpPage = await browser.get("/admin/setup");
  await browser.signIn("ADMIN", "from-the-environment");
  const change = await browser.post("/admin/password", { old: "from-the-environment", password: PASSWORD });

  assert.equal(setUpPage.headers.get("location"), "/admin/login");
  assert.equal(change.status, 409);
});

Deno.test("a session's cookie is out of reach of scripts and other sites, and https has it under __Host-", async () => {
  await using admin = await startAdmin({ publicUrl: "https://keys.example.org" });
  await setUp(admin);
  const plain = new BrowserSession(admin);
  const secure = new BrowserSession(admin, "https://keys.example.org");

  const overHttp = await plain.post("/admin/login", { name: "admin", password: PASSWORD });
  const overHttps = await secure.post("/admin/login", { name: "admin", password: PASSWORD });

  for (const answer of [overHttp, overHttps]) {
    for (const cookie of answer.headers.getSetCookie()) {
      assert.match(cookie, /; HttpOnly/);
      assert.match(cookie, /; SameSite=Strict/);
      assert.match(cookie, /; Path=\//);
    }
  }
  assert.ok(overHttps.headers.getSetCookie().every((cookie) => /^__Host-keyturn_.*; Secure/.test(cookie)));
  assert.ok(overHttp.headers.getSetCookie().every((cookie) => !cookie.includes("; Secure")));
});

Deno.test("logout and a changed password end sessions, here and elsewhere", async () => {
  await using admin = await startAdmin();
  const first = await setUp(admin);
  const second = new BrowserSession(admin);
  await second.signIn("admin", PASSWORD);
  const copied = new BrowserSession(admin);
  for (const [name, value] of second.cookies) copied.cookies.set(name, value);

  await second.post("/admin/logout");
  const afterLogout = await copied.get("/admin/providers");
  const third = new BrowserSession(admin);
  await third.signIn("admin", PASSWORD);
  const wrong = await first.post("/admin/password", { old: "not it", password: "yet another one" });
  const changed = await first.post("/admin/password", { old: PASSWORD, password: "yet another one" });
  const elsewhere = await third.get("/admin/providers");
  const here = await first.get("/admin/providers");

  assert.equal(afterLogout.headers.get("location"), "/admin/login?next=%2Fadmin%2Fproviders");
  assert.deepEqual([wrong.status, changed.status, elsewhere.status, here.status], [422, 303, 303, 200]);
});

Deno.test("authenticate() takes no token but its own: another algorithm, key, audience, age or account", async () => {
  const secret = "0123456789abcdef0123456789abcdef";
  await using admin = await startAdmin({ jwtSecret: new Secret(secret) });
  const browser = await setUp(admin);
  const good = browser.cookies.get("keyturn_session") ?? "";
  const [, payload = ""] = good.split(".");
  const claims: { jti: string; sub: string } = JSON.parse(atob(payload));
  const key = new TextEncoder().encode(secret);
  const now = Math.floor(Date.now() / 1000);
  const make = (changes: Record<string, unknown>, alg = "HS256", by = key) =>
    new SignJWT({
      iss: "keyturn",
      aud: "keyturn-admin",
      sub: claims.sub,
      jti: claims.jti,
      iat: now,
      exp: now + 60,
      ...changes,
    }).setProtectedHeader({ alg }).sign(by);
  const encode = (value: unknown) => btoa(JSON.stringify(value)).replaceAll("=", "");
  const none = `${encode({ alg: "none" })}.${payload}.`;
  const bad = [
    none,
    good.slice(0, -2),
    await make({}, "HS512"),
    await make({}, "HS256", new TextEncoder().encode("f".repeat(32))),
    await make({ aud: "other" }),
    await make({ iss: undefined }),
    await make({ exp: undefined }),
    await make({ exp: now - 10, iat: now - 100 }),
    await make({ exp: now + 10 * 365 * 86_400, iat: now - 3 * 3600 }),
    await make({ sub: "somebody-else" }),
    await make({ jti: crypto.randomUUID() }),
  ];

  const statuses: number[] = [];
  for (const token of [await make({}), ...bad]) {
    const other = new BrowserSession(admin);
    other.cookies.set("keyturn_session", token);
    statuses.push((await other.get("/admin/providers")).status);
  }

  assert.deepEqual(statuses, [200, ...bad.map(() => 303)]);
});

Deno.test("POST /admin/login answers the same for a wrong name and a wrong password, and a restart forgets no try", async () => {
  await using admin = await startAdmin();
  await setUp(admin);
  const stranger = new BrowserSession(admin);

  const wrongName = await stranger.post("/admin/login", { name: "nobody", password: "guess" });
  const wrongPassword = await stranger.post("/admin/login", { name: "admin", password: "guess" });
  const later: number[] = [];
  for (let number = 0; number < 5; number++) {
    later.push((await stranger.post("/admin/login", { name: "admin", password: "guess" })).status);
  }
  await admin.reopen();
  const afterRestart = await stranger.post("/admin/login", { name: "admin", password: PASSWORD });
  stranger.address = "203.0.113.2";
  const elsewhere = await stranger.post("/admin/login", { name: "admin", password: PASSWORD });

  assert.equal(wrongName.status, 401);
  assert.equal(withoutName(wrongName.text), withoutName(wrongPassword.text));
  assert.deepEqual(later, [401, 401, 401, 429, 429]);
  assert.equal(afterRestart.status, 429);
  assert.ok(Number(afterRestart.headers.get("retry-after")) > 0);
  assert.equal(elsewhere.status, 303, "one address does not hold up another");
});

Deno.test("POST /admin/login is slow for an account that many try, but not in a browser that has signed in to it", async () => {
  await using admin = await startAdmin();
  const owner = await setUp(admin);
  const kv = await openKv({ kind: "file", path: `${admin.folder}/keyturn.kv` });
  await changeLoginFailures(
    kv,
    "account",
    "admin",
    () => ({ count: 40, lastMs: Date.now() }),
    ACCOUNT_POLICY.forgetMs,
  );
  kv.close();
  const stranger = new BrowserSession(admin);
  const known = new BrowserSession(admin);
  known.cookies.set("keyturn_device", owner.cookies.get("keyturn_device") ?? "");

  const asStranger = await stranger.post("/admin/login", { name: "admin", password: PASSWORD });
  const asOwner = await known.post("/admin/login", { name: "admin", password: PASSWORD });

  assert.deepEqual([asStranger.status, asOwner.status], [429, 303]);
});

function withoutName(text: string): string {
  return text.replaceAll(/value="(?:nobody|admin)"/g, "");
}

Deno.test("POST /admin/login goes on to paths of ours only", async () => {
  await using admin = await startAdmin();
  await setUp(admin);
  const cases = [
    ["/admin/keys?state=cooling", "/admin/keys?state=cooling"],
    ["//evil.example", "/admin"],
    ["/\\evil.example", "/admin"],
    ["/\t/evil.example", "/admin"],
    ["/admin/../../evil", "/admin"],
    ["/v1/models", "/admin"],
    ["https://evil.example/admin", "/admin"],
    ["javascript:alert(1)", "/admin"],
  ] as const;

  const went: (string | null)[] = [];
  for (const [next] of cases) {
    const browser = new BrowserSession(admin);
    const answer = await browser.post("/admin/login", { name: "admin", password: PASSWORD, next });
    went.push(answer.headers.get("location"));
  }

  assert.deepEqual(went, cases.map(([, expected]) => expected));
});
