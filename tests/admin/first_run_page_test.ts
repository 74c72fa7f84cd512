import assert from "node:assert/strict";
import { ADMIN_KEY, at, listAt, startAdmin, textAt } from "../support/admin_under_test.ts";
import { BrowserSession } from "../support/browser_session.ts";

const OPENAI = `sk-proj-${"a".repeat(40)}`;
const GROQ = `gsk_${"b".repeat(40)}`;
/** DeepSeek's and Alibaba's look alike. */
const EITHER = `sk-${"0123456789abcdef".repeat(2)}`;

Deno.test("POST /admin/start/keys adds what it recognises, and makes the providers", async () => {
  await using admin = await startAdmin();

  const added = await admin.done("POST", "/admin/start/keys", { text: `${OPENAI}\n${GROQ}\ntwo words` });
  const again = await admin.done("POST", "/admin/start/keys", { text: OPENAI });
  const shown = await admin.done("GET", "/admin/start");

  const placed = listAt(added, "added").map((each) => [at(each, "slug"), at(each, "added")]);
  assert.deepEqual(placed.sort(), [["groq", 1], ["openai", 1]]);
  assert.deepEqual([at(added, "leftOut"), at(added, "undecided")], [1, null]);
  assert.deepEqual([at(again, "added", 0, "added"), at(again, "added", 0, "duplicate")], [0, 1]);
  assert.equal(at(shown, "steps", "providerKeys"), 2);
  assert.equal(admin.keyturn.live.list().length, 2);
});

Deno.test("keys of a shape that several providers have wait until somebody has chosen", async () => {
  await using admin = await startAdmin();
  const browser = new BrowserSession(admin);
  await browser.signIn("admin", ADMIN_KEY);

  const posted = await browser.post("/admin/start/keys", { text: `${EITHER}\n${OPENAI}` });
  const to = posted.headers.get("location") ?? "";
  const page = await browser.get(to);
  const id = new URL(to, "http://keyturn.test").searchParams.get("import") ?? "";
  const chosen = await browser.post("/admin/start/choice", { id, "into.0": "dashscope" });
  const done = await browser.get(chosen.headers.get("location") ?? "");
  const repeated = await admin.call("POST", "/admin/start/choice", { id, into: ["deepseek"] });

  assert.match(to, /^\/admin\/start\?import=/);
  assert.match(page.text, /1 key added to OpenAI, choose below whose the others are\./);
  assert.match(page.text, /1 key: …cdef/);
  assert.match(page.text, /<optgroup label="Keys look like this at"><option value="deepseek">/);
  assert.ok(!page.text.includes(EITHER), "the page shows no secret");
  assert.match(done.text, /1 key added to Alibaba DashScope/);
  assert.equal(admin.keyturn.live.find("dashscope")?.pool.counts().total, 1);
  assert.equal(repeated.status, 404, "they are chosen for once");
});

Deno.test("POST /admin/start/keys with a provider takes any shape; a wrong form shows no key again", async () => {
  await using admin = await startAdmin();
  const browser = new BrowserSession(admin);
  await browser.signIn("admin", ADMIN_KEY);

  const told = await browser.post("/admin/start/keys", { text: "my-own-key-000001", provider: "mistral" });
  const empty = await browser.post("/admin/start/keys", { text: " " });
  const nobody = await browser.post("/admin/start/keys", { text: EITHER, provider: "nobody" });

  assert.equal(told.status, 303);
  assert.equal(admin.keyturn.live.find("mistral")?.pool.counts().total, 1);
  assert.equal(empty.status, 422);
  assert.match(empty.text, /Paste at least one key/);
  assert.equal(nobody.status, 422);
  assert.ok(!nobody.text.includes(EITHER), "what was pasted does not come back");
});

Deno.test("POST /admin/start/client-key shows the client key once, in every snippet", async () => {
  await using admin = await startAdmin();
  const browser = new BrowserSession(admin);
  await browser.signIn("admin", ADMIN_KEY);
  await browser.post("/admin/start/keys", { text: OPENAI });

  const made = await browser.post("/admin/start/client-key", { name: "First" });
  const key = /kt_[\w-]{32}/.exec(made.text)?.[0] ?? "";
  const later = await browser.get("/admin/start");
  const nameless = await browser.post("/admin/start/client-key", { name: " " });
  const list = await admin.done("GET", "/admin/client-keys");

  assert.equal(made.status, 201);
  assert.ok(made.text.split(key).length > 9, "the card and the snippets have it");
  for (const client of ["OpenAI Python", "Claude Code", "Cherry Studio", "Open WebUI", "LibreChat"]) {
    assert.ok(made.text.includes(`<summary>${client}</summary>`), client);
  }
  assert.ok(!later.text.includes(key));
  assert.match(later.text, /\$KEYTURN_KEY/);
  assert.match(later.text, /There is 1 client key\./);
  assert.equal(nameless.status, 422);
  assert.equal(textAt(list, "clientKeys", 0, "name"), "First");
});

Deno.test("the first steps are for operators", async () => {
  await using admin = await startAdmin();
  await admin.done("POST", "/admin/users", { name: "watcher", password: "watch-me-12345", role: "viewer" });
  const browser = new BrowserSession(admin);
  await browser.signIn("watcher", "watch-me-12345");

  const start = await browser.get("/admin/start");
  const overview = await browser.get("/admin");
  const cancel = await browser.post("/admin/running/req_1?_method=DELETE");

  assert.deepEqual([start.status, overview.status, cancel.status], [403, 200, 403]);
  assert.ok(!overview.text.includes("/admin/start"), "no way is shown that is closed");
});
