import assert from "node:assert/strict";
import { at, listAt, startAdmin, textAt } from "../support/admin_under_test.ts";
import { BrowserSession } from "../support/browser_session.ts";
import { ADMIN_KEY } from "../support/admin_under_test.ts";
import { fixture } from "../imports/support.ts";
import { ended, keysOf, preview, run } from "./import_support.ts";

const MARKUP = "<script>alert(1)</script>";

Deno.test("POST /admin/imports shows what would happen and writes nothing", async () => {
  await using admin = await startAdmin();
  await admin.done("POST", "/admin/providers", { preset: "groq" });
  await admin.done("POST", "/admin/providers/groq/keys", { keys: "gsk_fixture_here_1" });
  await admin.done("POST", "/admin/providers", { slug: "spare", baseUrl: "https://spare.example/v1" });
  await admin.done("POST", "/admin/providers/spare/keys", { keys: "gsk_fixture_spare_2" });
  const before = await admin.snapshot();

  const read = await preview(
    admin,
    "gsk_fixture_here_1\ngsk_fixture_spare_2\ngsk_fixture_new_3\nsk-ant-fixture-4\nbad key\ngsk_fixture_new_3\nhouse-5",
  );

  assert.deepEqual(at(read, "plan", "totals"), {
    fresh: 2,
    elsewhere: 1,
    duplicate: 1,
    undecided: 1,
    malformed: 1,
  });
  assert.deepEqual(
    listAt(read, "plan", "providers").map((each) => [at(each, "into"), at(each, "target"), at(each, "keys")]),
    [["at:groq", "groq", 3], ["new", "anthropic", 1], ["", null, 1]],
  );
  assert.deepEqual(listAt(read, "leftOut"), [
    { place: 5, reason: "key_characters" },
    { place: 6, reason: "repeated" },
  ]);
  assert.deepEqual(await admin.snapshot(), before);
});

Deno.test("POST /admin/imports/:id/start writes into providers that stand and that it makes, with tags", async () => {
  await using admin = await startAdmin();
  await admin.done("POST", "/admin/providers", { preset: "groq" });

  const done = await run(admin, await preview(admin, "gsk_fixture_0001:7\nsk-ant-fixture-0002\nhouse-0003"), {
    tags: ["moved"],
    into: ["", "", "preset:deepseek"],
  });

  assert.equal(at(done, "state"), "done");
  assert.deepEqual(at(done, "report", "providers"), [
    { slug: "groq", isNew: false, added: 1, duplicate: 0 },
    { slug: "anthropic", isNew: true, added: 1, duplicate: 0 },
    { slug: "deepseek", isNew: true, added: 1, duplicate: 0 },
  ]);
  const [key] = await keysOf(admin, "groq");
  assert.deepEqual([at(key, "weight"), at(key, "tags"), at(key, "lastFour")], [7, ["moved"], "0001"]);
  const pool = admin.keyturn.live.find("groq")?.pool;
  assert.equal(pool?.counts().total, 1, "the pool hands it out without a restart");
  await admin.reopen();
  assert.equal((await keysOf(admin, "deepseek")).length, 1, "it outlives the process");
});

Deno.test("an import repeated whole adds nothing twice", async () => {
  await using admin = await startAdmin();
  const text = Array.from({ length: 700 }, (_, index) => `gsk_fixture_${index}`).join("\n");
  await run(admin, await preview(admin, text));

  const again = await preview(admin, `${text}\ngsk_fixture_new`);
  const done = await run(admin, again);

  assert.equal(at(again, "plan", "totals", "duplicate"), 700);
  assert.deepEqual(at(done, "report", "providers"), [{
    slug: "groq",
    isNew: false,
    added: 1,
    duplicate: 700,
  }]);
});

Deno.test("an import takes groups, aliases and client keys over, the last only when asked to", async () => {
  await using admin = await startAdmin();
  const groups = await fixture("gpt_load.json");
  const litellm = await fixture("litellm.yaml");

  await run(admin, await preview(admin, groups), { withClientKeys: true });
  await run(admin, await preview(admin, litellm));

  const group = at(await admin.done("GET", "/admin/groups/all"), "members");
  assert.ok(Array.isArray(group));
  assert.deepEqual(group.map((each) => [at(each, "provider"), at(each, "weight"), at(each, "isEnabled")]), [
    ["gemini-free", 3, true],
    ["openai_paid", 1, false],
  ]);
  assert.equal(at(await admin.done("GET", "/admin/aliases/gpt-4"), "target"), "gpt-4o");
  const clientKeys = listAt(await admin.done("GET", "/admin/client-keys"), "clientKeys");
  assert.deepEqual(clientKeys.map((each) => [at(each, "name"), at(each, "targets")]), [
    ["gpt-load gemini-free", ["gemini-free"]],
  ]);
});

Deno.test("the choices of an import: another provider, a known one, none", async () => {
  await using admin = await startAdmin();
  await admin.done("POST", "/admin/providers", { slug: "mine", baseUrl: "https://mine.example/v1" });
  const read = await preview(admin, "gsk_fixture_0001\nsk-ant-fixture-0002\nsk-or-v1-fixture-0003");
  const id = textAt(read, "id");

  const shown = await admin.done("GET", `/admin/imports/${id}?into.0=at:mine&into.1=skip`);
  const done = await run(admin, read, { into: ["at:mine", "skip", "at:nobody"] });

  assert.deepEqual(listAt(shown, "plan", "providers").map((each) => at(each, "target")), [
    "mine",
    null,
    "openrouter",
  ]);
  assert.deepEqual(listAt(done, "report", "providers").map((each) => at(each, "slug")), [
    "mine",
    "openrouter",
  ]);
});

Deno.test("an import into one provider sends every key there", async () => {
  await using admin = await startAdmin();

  const done = await run(
    admin,
    await preview(admin, "gsk_fixture_0001\nsk-ant-fixture-0002", { provider: "mistral" }),
  );
  const refused = await admin.call("POST", "/admin/imports", {
    text: "gsk_fixture_0003",
    provider: "nobody",
  });

  assert.deepEqual(at(done, "report", "providers"), [{
    slug: "mistral",
    isNew: true,
    added: 2,
    duplicate: 0,
  }]);
  assert.equal(refused.status, 422);
});

Deno.test("an import makes no provider at a metadata service, and asks for another", async () => {
  await using admin = await startAdmin();
  const file = JSON.stringify([{
    provider: "inside",
    base_url: "http://169.254.169.254/v1",
    key: "house-key-0001",
  }]);

  const read = await preview(admin, file);
  const done = await run(admin, read, { into: ["new"] });

  assert.match(textAt(read, "plan", "providers", 0, "fault"), /metadata service/);
  assert.deepEqual(at(done, "report", "providers"), []);
  assert.deepEqual(listAt(await admin.done("GET", "/admin/providers"), "providers"), []);
  assert.equal(at(done, "leftOut", 0, "reason"), "no_provider");
});

Deno.test("an import is begun once, stopped, forgotten, and unknown to nobody's id", async () => {
  await using admin = await startAdmin();
  const text = Array.from({ length: 5000 }, (_, index) => `gsk_fixture_${index}`).join("\n");
  const id = textAt(await preview(admin, text), "id");
  await admin.done("POST", `/admin/imports/${id}/start`);

  const again = await admin.call("POST", `/admin/imports/${id}/start`, {});
  await admin.done("DELETE", `/admin/imports/${id}`);
  const stopped = await ended(admin, id);
  const over = await admin.call("DELETE", `/admin/imports/${id}`);
  const unbegun = textAt(await preview(admin, "gsk_fixture_x1"), "id");
  await admin.done("DELETE", `/admin/imports/${unbegun}`);
  const gone = await admin.call("GET", `/admin/imports/${unbegun}`);

  assert.equal(again.status, 409);
  assert.equal(at(stopped, "state"), "stopped");
  const added = at(stopped, "report", "providers", 0, "added");
  assert.ok(typeof added === "number" && added < 5000, "it was broken off");
  assert.equal((await keysOf(admin, "groq")).length, Math.min(1000, added), "what was written stays");
  assert.equal(over.status, 409);
  assert.equal(gone.status, 404);
});

Deno.test("an import that runs ends with the process and harms nothing", async () => {
  await using admin = await startAdmin();
  const text = Array.from({ length: 5000 }, (_, index) => `gsk_fixture_${index}`).join("\n");
  const id = textAt(await preview(admin, text), "id");
  await admin.done("POST", `/admin/imports/${id}/start`);

  await admin.reopen();

  const rest = await run(admin, await preview(admin, text));
  const counts = at(rest, "report", "providers", 0);
  assert.equal(Number(at(counts, "added")) + Number(at(counts, "duplicate")), 5000);
  assert.ok(!admin.logged.some((line) => line.includes("import.failed")), "it was told to stop");
});

Deno.test("no answer, page, log or audit of an import holds a secret", async () => {
  await using admin = await startAdmin();
  const browser = new BrowserSession(admin);
  await browser.signIn("admin", ADMIN_KEY);
  const shown: string[] = [];
  const planted = "planted-7f3a9c";
  const texts = [
    `gsk_${planted}_1\nsk-ant-${planted}-2\nbad ${planted} key`,
    `{"openai": ["sk-${planted}-3"`,
    `model_list: [{model_name: a, litellm_params: {model: groq/x, api_key: gsk_${planted}_4}}]\n  bad`,
  ];

  for (const text of texts) {
    const posted = await browser.post("/admin/imports", { text });
    shown.push(posted.text);
    const to = posted.headers.get("location");
    if (to === null) continue;
    shown.push((await browser.get(to)).text);
    shown.push((await browser.post(`${to}/start`)).text);
    await ended(admin, to.split("/").at(-1) ?? "");
    for (const path of [to, `${to}/report`, "/admin/imports", "/admin/audit"]) {
      shown.push((await browser.get(path)).text);
    }
  }

  assert.ok(shown.length > 6);
  for (const text of shown) assert.ok(!text.includes(planted), text.slice(0, 400));
  assert.ok(!admin.logged.some((line) => line.includes(planted)));
});

Deno.test("the pages of an import escape the names of a file", async () => {
  await using admin = await startAdmin();
  const browser = new BrowserSession(admin);
  await browser.signIn("admin", ADMIN_KEY);
  const file = JSON.stringify([
    {
      provider: `House ${MARKUP}`,
      base_url: "https://house.example/v1",
      key: "house-key-0001",
      name: MARKUP,
    },
    { provider: "x", key: "" },
  ]);
  const group = JSON.stringify({
    groups: [{
      name: MARKUP,
      channel_type: "openai",
      upstreams: [{ url: "https://a.example", weight: 1 }],
      proxy_keys: "short",
    }],
  });

  for (const text of [file, group]) {
    const to = (await browser.post("/admin/imports", { text })).headers.get("location") ?? "";
    const page = await browser.get(to);

    assert.equal(page.status, 200);
    assert.ok(page.text.includes("&lt;script&gt;"), "the name is shown");
    assert.ok(!page.text.includes(MARKUP), "as text");
  }
});

Deno.test("a form of an import that cannot be read comes back with the line, and without what was pasted", async () => {
  await using admin = await startAdmin();
  const browser = new BrowserSession(admin);
  await browser.signIn("admin", ADMIN_KEY);

  const empty = await browser.post("/admin/imports", { text: " ", provider: "groq" });
  const broken = await browser.post("/admin/imports", { text: '{"key": "a"}\n{"key": oops' });
  const unknown = await browser.get("/admin/imports/nobody");

  assert.equal(empty.status, 422);
  assert.match(empty.text, /Paste something, or choose a file/);
  assert.match(empty.text, /<option value="groq" selected/);
  assert.match(broken.text, /breaks off in line 2/);
  assert.ok(!broken.text.includes("oops"));
  assert.equal(unknown.status, 404);
});

Deno.test("the report of an import is a CSV in which nothing is a formula", async () => {
  await using admin = await startAdmin();
  const file = JSON.stringify({
    model_list: [
      { model_name: "=HYPERLINK(1)", litellm_params: { model: "bedrock/x" } },
      { model_name: 'a "quoted", one', litellm_params: { model: "nobody/x", api_key: "abc" } },
    ],
  });
  const id = textAt(await preview(admin, file), "id");

  const report = await admin.call("GET", `/admin/imports/${id}/report`);

  assert.equal(report.headers.get("content-type"), "text/csv; charset=utf-8");
  assert.match(report.headers.get("content-disposition") ?? "", /^attachment; filename="keyturn-import-/);
  const [, first = "", second = ""] = report.text.trimEnd().split("\r\n");
  assert.match(first, /,"'=HYPERLINK\(1\) \(bedrock\)"$/);
  assert.match(second, /,"a ""quoted"", one \(nobody\)"$/);
});

Deno.test("an import takes the role operator", async () => {
  await using admin = await startAdmin();
  const token = textAt(await admin.done("POST", "/admin/tokens", { name: "eyes", role: "viewer" }), "token");

  const refused = await admin.send("POST", "/admin/imports", { text: "gsk_fixture_1" }, {
    "x-admin-key": token,
  });

  assert.equal(refused.status, 403);
});
