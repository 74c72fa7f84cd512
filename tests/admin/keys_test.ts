import assert from "node:assert/strict";
import { SUCCEEDED } from "../../src/core/verdict.ts";
import { ADMIN_KEY, at, listAt, startAdmin, textAt } from "../support/admin_under_test.ts";
import { BrowserSession } from "../support/browser_session.ts";
import { verdictOf } from "../pool/samples.ts";
import { addMore, enterKeys, idsOf, ownersBrowser, poolOf } from "./keys_under_test.ts";

const INERT = "<img src=x onerror=alert(1)>";

Deno.test("GET /admin/keys finds keys by each filter, of one provider or of all", async () => {
  await using admin = await startAdmin();
  const [a, b, c] = await enterKeys(admin, "one", ["sk-one-aaaa", "sk-one-bbbb", "sk-one-cccc"]);
  const [d] = await enterKeys(admin, "two", ["sk-two-dddd"], { tags: ["free"], account: "Org-7" });
  assert.ok(a !== undefined && b !== undefined && c !== undefined && d !== undefined);
  const pool = poolOf(admin, "one");
  const untilMs = Date.now() + 60_000;
  pool.reportCheck(a, verdictOf("key_limited", { untilMs, source: "header", reason: "Slow down" }));
  pool.reportCheck(
    b,
    verdictOf("key_limited", { untilMs, source: "body", scope: "key_model", rule: "daily" }),
    "gpt-5",
  );
  pool.reportCheck(c, SUCCEEDED);
  await admin.done("PATCH", `/admin/keys/${d}`, { isActive: false, note: "Ann's own" });
  const expected: readonly (readonly [string, readonly string[]])[] = [
    ["", [d, c, b, a]],
    ["sort=oldest", [a, b, c, d]],
    ["provider=one", [c, b, a]],
    ["provider=none", []],
    ["state=cooling", [a]],
    ["state=disabled", [d]],
    ["state=ready", [c, b]],
    ["state=untested", [b]],
    ["state=model_rest", [b]],
    ["model=gpt-5", [b]],
    ["model=gpt", []],
    ["reason=slow", [a]],
    ["reason=daily", [b]],
    ["tag=free", [d]],
    ["account=org", [d]],
    ["q=bbbb", [b]],
    ["q=ann", [d]],
    [`q=${c}`, [c]],
    ["age=day", [d, c, b, a]],
    ["age=older", []],
    ["sort=soonest&provider=one&limit=1", [a]],
  ];

  for (const [query, ids] of expected) assert.deepEqual(await idsOf(admin, query), ids, query);

  const found = await admin.done("GET", "/admin/keys?provider=one&state=cooling");
  assert.deepEqual(at(found, "counts"), {
    total: 3,
    ready: 2,
    cooling: 1,
    exhausted: 0,
    rejected: 0,
    disabled: 0,
  });
  assert.equal(at(found, "matched"), 1);
  assert.deepEqual(at(found, "reasons"), [{ name: "test.key_limited", count: 1 }]);
  assert.equal(at(found, "keys", 0, "reason"), "Slow down");
  assert.equal(at(found, "keys", 0, "untilMs"), untilMs);
});

Deno.test("GET /admin/keys goes through all keys page by page, in every order", async () => {
  await using admin = await startAdmin();
  const texts = Array.from({ length: 23 }, (_, index) => `sk-many-${String(index).padStart(4, "0")}`);
  const ids = await enterKeys(admin, "one", texts.map((text, index) => `${text}:${index % 4 + 1}`));

  for (const sort of ["newest", "oldest", "soonest", "used", "idle", "failed", "weight", "priority"]) {
    const seen: string[] = [];
    for (let after = "";;) {
      const page = await admin.done("GET", `/admin/keys?limit=5&sort=${sort}&after=${after}`);
      seen.push(...listAt(page, "keys").map((key) => textAt(key, "id")));
      if (at(page, "next") === null) break;
      after = textAt(page, "next");
    }
    assert.deepEqual([...seen].sort(), [...ids].sort(), sort);
  }
});

Deno.test("the page of keys shows no more than four characters, and what came from outside as text", async () => {
  await using admin = await startAdmin();
  const [id] = await enterKeys(admin, "one", ["sk-planted-key-0001"], { tags: [INERT], account: INERT });
  assert.ok(id !== undefined);
  await admin.done("PATCH", `/admin/keys/${id}`, { note: INERT });
  const verdict = verdictOf("key_dead", { isConclusive: true, reason: INERT, rule: INERT });
  poolOf(admin, "one").reportCheck(id, verdict);
  const browser = await ownersBrowser(admin);

  for (
    const path of ["/admin/keys", "/admin/keys?view=map", `/admin/keys/${id}`, "/admin/keys/bulk?action=tag"]
  ) {
    const { status, text } = await browser.get(path);

    assert.equal(status, 200, path);
    assert.ok(!text.includes("sk-planted") && !text.includes("<img"), path);
    assert.ok(path.includes("bulk") || text.includes("&lt;img src=x onerror=alert(1)&gt;"), path);
  }
});

Deno.test("a whole key is found by its fingerprint, and does not stay in the address", async () => {
  await using admin = await startAdmin();
  const secret = "sk-a-whole-key-of-the-provider-0001";
  const [id] = await enterKeys(admin, "one", [secret, "sk-another-key-of-it-0002"]);
  const browser = await ownersBrowser(admin);

  const typed = await browser.get(`/admin/keys?provider=one&q=${secret}`);
  const posted = await browser.post("/admin/keys/find", { key: ` ${secret}\n` });
  const found = await admin.done("POST", "/admin/keys/find", { key: secret });
  const missing = await admin.done("POST", "/admin/keys/find", { key: `${secret}x` });

  for (const { status, headers } of [typed, posted]) {
    const to = headers.get("location") ?? "";
    assert.equal(status, 303);
    assert.ok(!to.includes(secret));
    assert.match((await browser.get(to)).text, new RegExp(`id="key-${id}"`));
  }
  assert.deepEqual(at(found, "found"), [{ id, provider: "one" }]);
  assert.deepEqual(at(missing, "found"), []);
  assert.deepEqual(await idsOf(admin, `q=${secret}`), [id]);
});

Deno.test("the heat map has a cell for each key in the order of providers, and leads to the key", async () => {
  await using admin = await startAdmin();
  const ids = await enterKeys(admin, "one", ["sk-one-aaaa", "sk-one-bbbb"]);
  const others = await enterKeys(admin, "two", ["sk-two-cccc"]);
  ids.push(...await addMore(admin, "one", ["sk-one-dddd"]));
  poolOf(admin, "two").reportCheck(others[0] ?? "", verdictOf("key_dead", { isConclusive: true }));
  const browser = await ownersBrowser(admin);

  const { cells } = Object(await admin.done("GET", "/admin/keys?view=map"));
  const { text } = await browser.get("/admin/keys?view=map");
  const to = await browser.get("/admin/keys?view=map&cell=3");

  assert.deepEqual(listAt(cells).map((cell) => at(cell, "id")), [...ids, ...others]);
  assert.match(text, /<i\s*><\/i><i\s*><\/i><i\s*><\/i><i class="r" title="[^"]*rejected[^"]*"><\/i>/);
  assert.equal(to.headers.get("location"), `/admin/keys/${others[0]}`);
});

Deno.test("a viewer reads the keys, is offered no change, and may make none", async () => {
  await using admin = await startAdmin();
  const [id] = await enterKeys(admin, "one", ["sk-one-aaaa"]);
  await admin.done("POST", "/admin/users", { name: "Vera", role: "viewer", password: "vera's password" });
  const browser = new BrowserSession(admin);
  await browser.signIn("Vera", "vera's password");

  const list = await browser.get("/admin/keys");
  const one = await browser.get(`/admin/keys/${id}`);
  const refused = [
    await browser.post("/admin/keys/bulk", { action: "disable", scope: "all" }),
    await browser.post(`/admin/keys/${id}/reveal`, { password: "vera's password" }),
    await browser.post("/admin/keys/export", { scope: "all" }),
  ];

  assert.deepEqual([list.status, one.status], [200, 200]);
  assert.ok(!list.text.includes('type="checkbox"') && !one.text.includes("/reveal"));
  assert.deepEqual(refused.map(({ status }) => status), [403, 403, 403]);
});

Deno.test("GET /admin/keys says what is next when there is no key, and when none matches", async () => {
  await using admin = await startAdmin();
  const browser = await ownersBrowser(admin);

  const empty = await browser.get("/admin/keys");
  await enterKeys(admin, "one", ["sk-one-aaaa"]);
  const none = await browser.get("/admin/keys?q=zzzz");
  const wrong = await admin.call("GET", "/admin/keys?sort=sideways");

  assert.match(empty.text, /No key yet/);
  assert.match(none.text, /No key matches this filter/);
  assert.equal(wrong.status, 422);
  assert.equal((await admin.send("GET", "/admin/keys", undefined, {})).status, 401);
  assert.ok(ADMIN_KEY.length > 0);
});
