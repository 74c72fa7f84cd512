import assert from "node:assert/strict";
import { unpricedOf } from "../../src/admin/overview_attention.ts";
import { Secret } from "../../src/core/secret.ts";
import { startSimulatedProvider } from "../../src/demo/simulated_provider.ts";
import { chat, CHAT_PATH } from "../proxy/asks.ts";
import { ADMIN_KEY, at, listAt, startAdmin } from "../support/admin_under_test.ts";
import { BrowserSession } from "../support/browser_session.ts";
import { startKeyturn, until } from "../support/keyturn_under_test.ts";
import { verdictOf } from "../pool/samples.ts";

const MARKUP = `<img src=x onerror=alert(1)>"'&`;

function kinds(overview: unknown): unknown[] {
  return listAt(overview, "attention").map((item) => at(item, "kind"));
}

Deno.test("GET /admin of an empty Keyturn says that nothing is set up", async () => {
  await using admin = await startAdmin();

  const overview = await admin.done("GET", "/admin");

  assert.equal(at(overview, "health", "state"), "empty");
  assert.deepEqual(at(overview, "steps"), { providerKeys: 0, hasClientKey: false, hasServed: false });
  assert.deepEqual(kinds(overview), []);
  assert.equal(at(overview, "range"), "24h");
  assert.equal(listAt(overview, "figures", "columns").length, 24);
  assert.deepEqual(at(overview, "running"), { count: 0, requests: [] });
});

Deno.test("GET /admin tells of each provider what it can serve with, the worst first", async () => {
  await using admin = await startAdmin({ clientKeys: [new Secret("kt_overview_client_key")] });
  const { live } = admin.keyturn;
  for (const slug of ["openai", "groq", "mistral"]) {
    await admin.done("POST", "/admin/providers", { preset: slug });
  }
  const add = (slug: string, keys: readonly string[]) =>
    admin.done("POST", `/admin/providers/${slug}/keys`, { keys });
  await add("openai", ["sk-good-000001", "sk-good-000002"]);
  const groq = await add("groq", ["gsk_limited_0001", "gsk_revoked_0002"]);
  const untilMs = Date.now() + 60_000;
  live.find("groq")?.pool.reportCheck(
    String(at(groq, "keyIds", 0)),
    verdictOf("key_limited", { untilMs, source: "header" }),
  );
  live.find("groq")?.pool.reportCheck(
    String(at(groq, "keyIds", 1)),
    verdictOf("key_dead", { isConclusive: true }),
  );

  const overview = await admin.done("GET", "/admin");

  assert.equal(at(overview, "health", "state"), "partly");
  assert.equal(at(overview, "health", "weakest", "slug"), "groq");
  assert.equal(at(overview, "capacity", 0, "slug"), "groq");
  assert.equal(at(overview, "capacity", 0, "nextReadyMs"), untilMs);
  assert.deepEqual(kinds(overview), ["none_ready", "keys_rejected", "provider_empty"]);
  assert.equal(at(overview, "attention", 0, "isSevere"), true);
});

Deno.test("GET /admin tells what was served, how well, and what it cost", async () => {
  const provider = startSimulatedProvider({
    dialect: "openai",
    keys: [
      { secret: "key-0001", behaviour: "ok" },
      { secret: "key-0002", behaviour: "revoked" },
    ],
  });
  await using keyturn = await startKeyturn();
  await keyturn.enterSimulated("openai", provider, {
    prices: { "gpt-4o": { inputNanoPerMillion: 2e9, outputNanoPerMillion: 8e9 } },
  });
  for (let number = 0; number < 6; number++) {
    assert.equal((await keyturn.ask(CHAT_PATH, chat("one two"))).status, 200);
  }
  await until(async () => at(await keyturn.admin("GET", "/admin/requests"), "logged") === 6);

  const overview = await keyturn.admin("GET", "/admin?range=1h");
  const wrong = await keyturn.call("GET", "/admin?range=1y", undefined, { "x-admin-key": ADMIN_KEY });
  await provider.close();

  const figures = at(overview, "figures");
  assert.deepEqual([at(figures, "requests"), at(figures, "succeeded")], [6, 6]);
  assert.equal(at(figures, "attempts"), 7, "one key was tried in vain");
  const last = listAt(figures, "columns").at(-1);
  const before = listAt(figures, "columns").at(-2);
  assert.equal(Number(at(last, "failures", "key")) + Number(at(before, "failures", "key")), 1);
  assert.equal(at(figures, "duration", "count"), 6);
  assert.equal(at(figures, "models", 0, "id"), "gpt-4o");
  assert.equal(at(figures, "clientKeys", 0, "name"), "environment 1");
  assert.equal(at(figures, "cost", "metered"), 6);
  assert.ok(Number(at(figures, "cost", "todayNanoDollars")) > 0);
  assert.equal(at(figures, "cost", "todayNanoDollars"), at(figures, "models", 0, "costNanoDollars"));
  assert.equal(at(overview, "steps", "hasServed"), true);
  assert.equal(wrong.status, 422);
});

Deno.test("the overview is a page in both languages, and what comes from outside is inert", async () => {
  await using admin = await startAdmin();
  await admin.done("POST", "/admin/providers", { preset: "openai", name: MARKUP });
  await admin.done("POST", "/admin/providers/openai/keys", { keys: ["sk-good-000001"] });
  const browser = new BrowserSession(admin);
  await browser.signIn("admin", ADMIN_KEY);

  const english = await browser.get("/admin?range=7d");
  const chinese = await browser.get("/admin", { "accept-language": "zh-CN" });

  assert.equal(english.status, 200);
  assert.match(english.text, /<h1>Overview<\/h1>/);
  assert.match(english.text, /The provider can serve: 1 of 1 key ready\./);
  assert.match(english.text, /There is no client key/);
  assert.ok(english.text.includes("&lt;img src=x onerror=alert(1)&gt;"));
  assert.ok(!english.text.includes("<img src=x"));
  assert.match(english.text, /hx-sse:connect="\/admin\/live\/overview\?range=7d"/);
  assert.match(english.text, /href="\/admin\?range=7d" aria-current="true"/);
  assert.match(chinese.text, /<h1>概览<\/h1>/);
});

Deno.test("unpricedOf() names the models that are missing in the costs", () => {
  const model = (id: string, unpriced: number) => ({
    id,
    name: null,
    requests: 5,
    succeeded: 5,
    tokens: 10,
    costNanoDollars: 0,
    unpriced,
  });

  const none = unpricedOf([model("known", 0)]);
  const [told, ...others] = unpricedOf([model("known", 0), model("new", 2), model("newer", 3)]);

  assert.deepEqual([none, others], [[], []]);
  assert.deepEqual([told?.kind, told?.count, told?.names], ["unpriced", 2, ["new", "newer"]]);
});

Deno.test("GET /admin tells of client keys that expire and of budgets that are nearly used up", async () => {
  const provider = startSimulatedProvider({
    dialect: "openai",
    keys: [{ secret: "key-0001", behaviour: "ok" }],
  });
  await using keyturn = await startKeyturn();
  await keyturn.enterSimulated("openai", provider);
  const made = await keyturn.admin("POST", "/admin/client-keys", {
    name: "nearly",
    limits: { requestsPerDay: 5 },
    expiresAtMs: Date.now() + 86_400_000,
  });
  const authorization = `Bearer ${String(at(made, "key"))}`;
  for (let number = 0; number < 4; number++) await keyturn.ask(CHAT_PATH, chat("one"), { authorization });

  const nearly = await keyturn.admin("GET", "/admin");
  await keyturn.ask(CHAT_PATH, chat("one"), { authorization });
  const used = await keyturn.admin("GET", "/admin");
  await provider.close();

  assert.deepEqual(kinds(nearly), ["client_key_expiring", "budget"]);
  assert.deepEqual([at(nearly, "attention", 1, "share"), at(nearly, "attention", 1, "isSevere")], [
    0.8,
    false,
  ]);
  assert.deepEqual(kinds(used), ["budget", "client_key_expiring"], "what refuses requests stands first");
});
