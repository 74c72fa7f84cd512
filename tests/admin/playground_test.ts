import assert from "node:assert/strict";
import { startSimulatedProvider } from "../../src/demo/simulated_provider.ts";
import {
  ADMIN_KEY,
  type AdminUnderTest,
  at,
  listAt,
  startAdmin,
  textAt,
} from "../support/admin_under_test.ts";
import { BrowserSession } from "../support/browser_session.ts";

/** Two keys of OpenAI, of which the first is revoked, and one of Gemini. */
async function withProviders(
  test: (
    admin: AdminUnderTest,
    keys: { readonly openai: readonly string[]; readonly gemini: string },
  ) => Promise<void>,
): Promise<void> {
  const openai = startSimulatedProvider({
    dialect: "openai",
    keys: [{ secret: "sk-revoked-0001", behaviour: "revoked" }, { secret: "sk-good-0002", behaviour: "ok" }],
    // So that the words of a stream come apart.
    chunkDelayMs: 20,
  });
  const gemini = startSimulatedProvider({
    dialect: "gemini",
    keys: [{ secret: "AIza-good-0003", behaviour: "ok" }],
  });
  {
    await using admin = await startAdmin();
    const enter = async (preset: string, { baseUrl, models }: typeof openai, keys: readonly string[]) => {
      await admin.done("POST", "/admin/providers", { preset, baseUrl, models });
      const added = await admin.done("POST", `/admin/providers/${preset}/keys`, { keys });
      return listAt(added, "keyIds").map(String);
    };
    const openaiKeys = await enter("openai", openai, ["sk-revoked-0001", "sk-good-0002"]);
    const [geminiKey = ""] = await enter("gemini", gemini, ["AIza-good-0003"]);
    await test(admin, { openai: openaiKeys, gemini: geminiKey });
  }
  await openai.close();
  await gemini.close();
}

const ASK = { model: "gpt-4o", message: "one two three" };

Deno.test("POST /admin/playground sends a request by its own client key, and gives the words and the trace", () =>
  withProviders(async (admin) => {
    const run = await admin.done("POST", "/admin/playground", ASK);
    const whole = await admin.done("POST", "/admin/playground", { ...ASK, stream: false });
    const inLog = await admin.done("GET", `/admin/requests/${textAt(run, "request", "id")}`);
    const audit = await admin.done("GET", "/admin/audit?action=playground.run");

    assert.deepEqual([at(run, "status"), at(run, "said"), at(run, "error")], [200, "one two three", ""]);
    assert.equal(at(whole, "said"), "one two three");
    assert.equal(at(inLog, "clientKeyId"), "playground");
    assert.equal(at(inLog, "attempts", -1, "providerKey"), "0002");
    assert.equal(at(audit, "entries", 0, "target"), "gpt-4o");
    assert.ok(!JSON.stringify(audit).includes("one two three"), "the audit has no prompt");
  }));

Deno.test("POST /admin/playground speaks each protocol, to whoever it names, by the one key that it names", () =>
  withProviders(async (admin, keys) => {
    const anthropic = await admin.done("POST", "/admin/playground", {
      ...ASK,
      dialect: "anthropic",
      target: "openai",
      providerKey: keys.openai[1],
      system: "Be brief",
    });
    const gemini = await admin.done("POST", "/admin/playground", {
      dialect: "gemini",
      model: "gemini-2.5-flash",
      message: "one two",
      providerKey: keys.gemini,
    });
    const revoked = await admin.done("POST", "/admin/playground", { ...ASK, providerKey: keys.openai[0] });
    const nobody = await admin.call("POST", "/admin/playground", { ...ASK, providerKey: "nobody" });

    assert.deepEqual([at(anthropic, "status"), at(anthropic, "request", "upstreamDialect")], [200, "openai"]);
    assert.match(textAt(anthropic, "said"), /one two three/);
    assert.deepEqual([at(gemini, "said"), at(gemini, "request", "attempts", 0, "provider")], [
      "one two",
      "gemini",
    ]);
    assert.equal(at(revoked, "status"), 503);
    assert.deepEqual(
      listAt(revoked, "request", "attempts").map((attempt) => at(attempt, "providerKeyId")),
      [keys.openai[0]],
      "no other key is tried",
    );
    assert.notEqual(at(revoked, "error"), "");
    assert.equal(nobody.status, 422);
  }));

Deno.test("POST /admin/playground streams fragments to htmx, with what comes from outside as text", () =>
  withProviders(async (admin) => {
    const browser = new BrowserSession(admin);
    await browser.signIn("admin", ADMIN_KEY);

    const events = await browser.post("/admin/playground", { ...ASK, message: "<b>bold</b> words" }, {
      accept: "text/html, text/event-stream",
      "hx-request": "true",
    });
    const page = await browser.post("/admin/playground", { ...ASK, message: "<b>bold</b> words" });
    const empty = await browser.post("/admin/playground", { model: "gpt-4o", message: "" });

    assert.match(events.headers.get("content-type") ?? "", /^text\/event-stream/);
    const partials = events.text.match(/hx-target="#playground-said" hx-swap="beforeend"/g) ?? [];
    assert.ok(partials.length >= 2, "the words come one after the other");
    assert.match(events.text, /hx-target="#playground-result"[\s\S]*Status 200[\s\S]*&lt;b&gt;bold/);
    assert.ok(!events.text.includes("<b>bold") && !page.text.includes("<b>bold"));
    assert.match(page.text, /Status 200/);
    assert.equal(empty.status, 422);
  }));

Deno.test("POST /admin/route/explain tells who would be asked and why each key would or would not, and sends nothing", () =>
  withProviders(async (admin, keys) => {
    await admin.done("PATCH", `/admin/keys/${keys.openai[0]}`, { isActive: false });
    await admin.done("POST", "/admin/groups", {
      slug: "all",
      members: [{ provider: "openai" }, { provider: "gemini" }],
    });
    const client = await admin.done("POST", "/admin/client-keys", { name: "bound", targets: ["gemini"] });

    const byModel = await admin.done("POST", "/admin/route/explain", { model: "gpt-4o" });
    const byGroup = await admin.done("POST", "/admin/route/explain", { model: "gpt-4o", target: "all" });
    const refused = await admin.done("POST", "/admin/route/explain", {
      model: "gpt-4o",
      clientKey: textAt(client, "id"),
    });
    const unknown = await admin.done("POST", "/admin/route/explain", {
      model: "gpt-4o",
      target: "none-such",
    });
    const nobody = await admin.call("POST", "/admin/route/explain", { clientKey: "nobody" });
    const logged = await admin.done("GET", "/admin/requests");

    const uses = (answer: unknown) =>
      listAt(answer, "providers").map((each) => [at(each, "slug"), at(each, "use"), at(each, "order")]);
    assert.deepEqual(uses(byModel), [["openai", "asked", 1], ["gemini", "model", 0]]);
    assert.deepEqual(
      listAt(byModel, "providers", 0, "keys").map((key) => [at(key, "lastFour"), at(key, "use")]),
      [
        ["0002", "ready"],
        ["0001", "disabled"],
      ],
    );
    assert.deepEqual([at(byModel, "providers", 0, "counts", "ready"), at(byGroup, "group")], [1, "all"]);
    assert.equal(at(refused, "refusal", "code"), "forbidden");
    assert.equal(at(unknown, "refusal", "code"), "unknown_provider");
    assert.equal(nobody.status, 404);
    assert.equal(at(logged, "logged"), 0);
  }));

Deno.test("POST /admin/rules/test judges an answer as the proxy would", () =>
  withProviders(async (admin) => {
    const judge = (answer: object) =>
      admin.done("POST", "/admin/rules/test", { provider: "openai", ...answer });

    const limited = await judge({
      status: 429,
      headers: { "Retry-After": "20" },
      body: '{"error":{"code":"rate_limit_exceeded","message":"Slow down"}}',
    });
    const spent = await judge({ status: 429, body: '{"error":{"code":"insufficient_quota"}}' });
    const unknown = await admin.call("POST", "/admin/rules/test", { provider: "none-such", status: 429 });

    assert.deepEqual([at(limited, "kind"), at(limited, "source")], ["key_limited", "header"]);
    assert.ok(Math.abs(Number(at(limited, "untilMs")) - Date.now() - 20_000) < 5_000);
    assert.deepEqual([at(spent, "kind"), at(spent, "rule")], ["key_exhausted", "openai.insufficient_quota"]);
    assert.equal(unknown.status, 422);
  }));
