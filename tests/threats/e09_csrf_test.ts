import assert from "node:assert/strict";
import { ADMIN_KEY, startAdmin } from "../support/admin_under_test.ts";
import { BrowserSession } from "../support/browser_session.ts";

const PASSWORD = "a new password";
const CROSS = { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" };

Deno.test("E9 nothing that another site makes a signed-in browser send changes anything", async () => {
  await using admin = await startAdmin();
  const browser = new BrowserSession(admin);
  await browser.post("/admin/setup", { token: ADMIN_KEY, password: PASSWORD });
  await browser.get("/admin/providers");
  await browser.post("/admin/providers", { preset: "groq" });
  const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
  const before = await snapshot();

  const json = JSON.stringify({ preset: "openai" });
  const send = (method: string, path: string, headers: Record<string, string>, body?: string) =>
    admin.keyturn.serve(
      new Request(`http://localhost${path}`, {
        method,
        headers: { cookie, ...headers },
        ...(body !== undefined && { body }),
      }),
    );
  const evil = { origin: "https://evil.example" };
  const answers = [
    await send("POST", "/admin/providers", { ...CROSS, ...evil, "content-type": "text/plain" }, json),
    await send("POST", "/admin/providers", { ...evil, "content-type": "text/plain" }, json),
    await send("POST", "/admin/providers", { ...evil, "content-type": "application/json" }, json),
    await send("POST", "/admin/providers", { origin: "null", "content-type": "application/json" }, json),
    await send("POST", "/admin/providers", {
      ...CROSS,
      "content-type": "application/x-www-form-urlencoded",
    }, "preset=openai"),
    await send("POST", "/admin/providers", {
      ...evil,
      "hx-request": "true",
      "content-type": "application/json",
    }, json),
    await send("POST", "/admin/providers/groq?_method=DELETE", { ...CROSS }, ""),
    await send("DELETE", "/admin/providers/groq", { ...evil }),
    // Without any sign of its origin, as an old browser: the token is missing.
    await send(
      "POST",
      "/admin/providers",
      { "content-type": "application/x-www-form-urlencoded" },
      "preset=openai",
    ),
    await send("POST", "/admin/providers/groq?_method=DELETE", {}, ""),
  ];
  const statuses = answers.map(({ status }) => status);
  for (const answer of answers) await answer.body?.cancel();

  assert.deepEqual(statuses.filter((status) => status !== 403), [], `${statuses}`);
  assert.deepEqual(await snapshot(), before);

  async function snapshot(): Promise<string> {
    const { text } = await admin.call("GET", "/admin/providers", undefined, { "x-admin-key": PASSWORD });
    return text;
  }
});

Deno.test("E9 another site signs nobody in: neither with its own account nor at the first start", async () => {
  await using admin = await startAdmin();
  const stranger = new BrowserSession(admin);

  const first = await stranger.post("/admin/setup", { token: ADMIN_KEY, password: PASSWORD }, CROSS);
  await new BrowserSession(admin).post("/admin/setup", { token: ADMIN_KEY, password: PASSWORD });
  const login = await stranger.post("/admin/login", { name: "admin", password: PASSWORD }, CROSS);

  assert.deepEqual([first.status, login.status], [403, 403]);
  assert.deepEqual(login.headers.getSetCookie(), []);
});

Deno.test("E9 no GET of the admin API changes what is stored", async () => {
  await using admin = await startAdmin();
  await admin.done("POST", "/admin/providers", { preset: "groq" });
  await admin.done("POST", "/admin/providers/groq/keys", { keys: ["gsk_0123456789abcdef"] });
  const before = JSON.stringify(await admin.snapshot());
  const listed = await admin.done("GET", "/admin/openapi.json");
  const paths = Object.keys(Object(Object(listed).paths)).filter((path) => !path.includes("/live"));

  for (const path of paths) {
    const real = path.replace("{slug}", "groq").replaceAll(/\{\w+\}/g, "none");
    await admin.call("GET", real);
  }

  assert.ok(paths.length > 10, `${paths.length} paths`);
  assert.equal(JSON.stringify(await admin.snapshot()), before);
});
