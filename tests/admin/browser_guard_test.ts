import assert from "node:assert/strict";
import { ADMIN_KEY, startAdmin } from "../support/admin_under_test.ts";
import { BrowserSession } from "../support/browser_session.ts";

async function signedIn(admin: Awaited<ReturnType<typeof startAdmin>>): Promise<BrowserSession> {
  const browser = new BrowserSession(admin);
  await browser.post("/admin/setup", { token: ADMIN_KEY, password: "a new password" });
  await browser.get("/admin/providers");
  return browser;
}

Deno.test("a form without the token of its session, or from elsewhere, changes nothing", async () => {
  await using admin = await startAdmin();
  const browser = await signedIn(admin);
  const other = new BrowserSession(admin);
  await other.signIn("admin", "a new password");
  const fields = { preset: "groq" };

  const statuses = [
    await browser.post("/admin/providers", { ...fields, _csrf: "" }),
    await browser.post("/admin/providers", { ...fields, _csrf: other.csrf }),
    await browser.post("/admin/providers", fields, { "sec-fetch-site": "cross-site" }),
    await browser.post("/admin/providers", fields, { "sec-fetch-site": "same-site" }),
  ].map(({ status }) => status);
  const none = await browser.get("/admin/providers");
  const good = await browser.post("/admin/providers", fields);

  assert.deepEqual(statuses, [403, 403, 403, 403]);
  assert.match(none.text, /No provider yet/);
  assert.deepEqual([good.status, good.headers.get("location")], [303, "/admin/providers/groq"]);
});

Deno.test("a link of another site opens the page, by one more request of our own", async () => {
  await using admin = await startAdmin();
  const link = {
    "sec-fetch-site": "cross-site",
    "sec-fetch-mode": "navigate",
    "sec-fetch-dest": "document",
  };
  await signedIn(admin);

  const answer = await new BrowserSession(admin).get("/admin/providers?q=a", link);

  assert.deepEqual([answer.status, answer.headers.get("refresh")], [200, "0;url=/admin/providers?q=a"]);
});

Deno.test("pages are not shown under a name that is not ours; an address, localhost and PUBLIC_URL are", async () => {
  await using admin = await startAdmin();
  const open = async (origin: string) => (await new BrowserSession(admin, origin).get("/admin/login")).status;

  const local = [
    await open("http://localhost:8000"),
    await open("http://127.0.0.1:8000"),
    await open("http://[::1]:8000"),
    await open("http://evil.example:8000"),
  ];
  const made = await new BrowserSession(admin).get("/admin/login", { host: "evil.example" });
  await admin.reopen({ publicUrl: "https://keys.example.org" });
  const named = [await open("https://keys.example.org"), await open("https://evil.example")];
  await admin.reopen({ hostname: "0.0.0.0" });
  const anywhere = await open("http://keys.example.org");
  const program = await admin.call("GET", "/admin/status", undefined, { host: "evil.example" });

  // Not set up yet: the page that is shown sends on to the first one.
  assert.deepEqual(local, [303, 303, 303, 403]);
  assert.deepEqual([made.status, named, anywhere, program.status], [403, [303, 403], 303, 200]);
});

Deno.test("every page has the policy that allows no script or style in it, and markup that has neither", async () => {
  await using admin = await startAdmin();
  const browser = await signedIn(admin);
  await browser.post("/admin/providers", { preset: "groq" });
  const paths = [
    "/admin/providers",
    "/admin/providers/groq",
    "/admin/providers/groq/edit",
    "/admin/users",
    "/admin/tokens",
    "/admin/audit",
    "/admin/nowhere",
  ];

  for (const path of paths) {
    const { headers, text } = await browser.get(path);
    const policy = headers.get("content-security-policy") ?? "";
    assert.match(policy, /default-src 'none'; script-src 'self'; style-src 'self'/, path);
    assert.match(policy, /frame-ancestors 'none'/);
    assert.doesNotMatch(policy, /unsafe/);
    assert.equal(headers.get("x-frame-options"), "DENY");
    assert.equal(headers.get("x-content-type-options"), "nosniff");
    assert.equal(headers.get("cache-control"), "no-store");
    assert.match(text, /^<!DOCTYPE html><html lang="en"/, path);
    assert.doesNotMatch(text, /<script(?! src="\/static\/)|<style|\sstyle=|\son[a-z]+=|hx-on/i, path);
  }
});

Deno.test("what came from outside is inert in the markup", async () => {
  await using admin = await startAdmin();
  const browser = await signedIn(admin);
  const evil = `"><script>alert(1)</script><img src=x onerror=alert(2)>`;
  await admin.keyturn.serve(
    new Request("http://localhost/admin/providers", {
      method: "POST",
      headers: { "x-admin-key": "a new password", "content-type": "application/json" },
      body: JSON.stringify({ preset: "groq", name: evil, models: [evil] }),
    }),
  );

  const pages = await Promise.all(
    [
      "/admin/providers",
      "/admin/providers/groq",
      "/admin/providers/groq/edit",
      `/admin/providers?q=${encodeURIComponent(evil)}`,
    ]
      .map((path) => browser.get(path)),
  );
  const refused = await browser.post("/admin/providers", { slug: evil, name: evil, baseUrl: evil });

  for (const { text } of [...pages, refused]) {
    assert.doesNotMatch(text, /<script>|<img/);
    assert.match(text, /&lt;script&gt;/);
  }
});
