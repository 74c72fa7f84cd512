import assert from "node:assert/strict";
import { startSimulatedProvider } from "../../src/demo/simulated_provider.ts";
import { chat, CHAT_PATH } from "../proxy/asks.ts";
import { ADMIN_KEY } from "../support/keyturn_under_test.ts";
import { startDashboard } from "./dashboard.ts";
import { writeTraffic } from "./traffic.ts";

// Chromium's own pipes and timers outlive a test by a moment.
const LOOSE = { sanitizeOps: false, sanitizeResources: false };

const MARKUP = "<img src=x onerror=alert(1)>";

Deno.test(
  "requests: an empty log, one that grows while it is followed, one request with its attempts",
  LOOSE,
  async () => {
    const provider = startSimulatedProvider({
      dialect: "openai",
      keys: [{ secret: "sk-revoked-0001", behaviour: "revoked" }, {
        secret: "sk-good-0002",
        behaviour: "ok",
      }],
    });
    await using dashboard = await startDashboard();
    const { page, keyturn } = dashboard;
    await keyturn.enterSimulated("openai", provider);
    await dashboard.setUp(ADMIN_KEY);
    await dashboard.open("/admin/requests");
    await page.getByText("No request yet").waitFor();

    const isConnected = page.waitForResponse("**/admin/live/requests**");
    await page.getByRole("link", { name: "Follow", exact: true }).click();
    await isConnected;
    await page.getByRole("link", { name: "Following" }).waitFor();
    await keyturn.ask(CHAT_PATH, chat("a secret word"));
    await keyturn.ask(CHAT_PATH, chat("a secret word", { model: MARKUP }));
    await keyturn.ask(CHAT_PATH, chat("a secret word"));
    await page.locator("#request-log tbody tr").nth(2).waitFor();
    assert.equal(await page.locator("main img").count(), 0, "the name of a model is text");
    assert.ok(!(await page.content()).includes("a secret word"), "no prompt is kept");
    await dashboard.inspect("requests-live");

    await page.locator("tr", { has: page.locator(".dots") }).getByRole("link").first().click();
    await page.getByRole("heading", { name: "Where the time went" }).waitFor();
    assert.match(await page.locator(".lead").innerText(), /Answered by openai …0002 on attempt 2\./);
    assert.match(await page.locator("main").innerText(), /the provider rejected the key/);
    assert.match(await page.locator("pre", { hasText: "chat/completions" }).innerText(), /\$KEYTURN_KEY/);
    await dashboard.inspect("request");
    await provider.close();
    dashboard.assertCalm();
  },
);

Deno.test(
  "requests: filters stand in the URL, pages go on, and a long log stays legible",
  LOOSE,
  async () => {
    await using dashboard = await startDashboard();
    const { page, keyturn } = dashboard;
    const groqKeys = await keyturn.enter("groq", { preset: "groq" }, [
      "gsk_fixture_0001",
      "gsk_fixture_0002",
    ]);
    const openaiKeys = await keyturn.enter("openai", { preset: "openai" }, [
      "sk-fixture-0003",
      "sk-fixture-0004",
    ]);
    const { live } = keyturn.server.keyturn;
    await writeTraffic(keyturn.config.databaseUrl, {
      providers: [
        {
          id: live.find("openai")?.provider.id ?? "",
          keyIds: openaiKeys,
          dialect: "openai",
          models: ["gpt-5-mini", "gpt-4o", "house-model"],
        },
        {
          id: live.find("groq")?.provider.id ?? "",
          keyIds: groqKeys,
          dialect: "openai",
          models: ["llama-3.3-70b-versatile", "meta-llama/llama-4-maverick-17b-128e-instruct"],
        },
      ],
      clientKeyIds: ["env-1", undefined],
    }, { count: 400, spanMs: 86_400_000, nowMs: Date.now() });
    await dashboard.setUp(ADMIN_KEY);
    await dashboard.open("/admin/requests");
    await dashboard.inspect("requests");

    await page.getByLabel("Outcome").selectOption("failed");
    await page.waitForURL(/outcome=failed/);
    const outcomes = await page.locator("#request-log tbody .badge").allInnerTexts();
    assert.ok(outcomes.length > 0 && outcomes.every((outcome) => outcome === "failed"), outcomes.join());
    await page.getByText("More filters").click();
    await page.getByLabel("An attempt ended").selectOption("key_dead");
    await page.waitForURL(/outcome=failed.*verdict=key_dead/);
    await page.getByRole("link", { name: "Clear" }).click();
    await page.waitForURL("**/admin/requests");
    const first = await page.locator("#request-log tbody tr").first().getAttribute("id");
    await page.getByRole("link", { name: "Next" }).click();
    await page.waitForURL(/before=\d+/);
    assert.notEqual(await page.locator("#request-log tbody tr").first().getAttribute("id"), first);
    await dashboard.open("/admin/requests?model=none-such");
    await page.getByText("No request matches").waitFor();
    await dashboard.open("/admin/requests?outcome=failed");
    await page.locator("#request-log tbody a").first().click();
    await page.getByRole("heading", { name: "Why this key" }).waitFor();
    await dashboard.inspect("request-failed");

    await page.getByLabel("Language").selectOption("zh");
    await page.getByRole("heading", { name: "为什么是这个密钥" }).waitFor();
    await dashboard.inspect("request-zh");
    await dashboard.open("/admin/requests");
    dashboard.assertCalm();
  },
);
