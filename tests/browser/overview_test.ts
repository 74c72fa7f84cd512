import assert from "node:assert/strict";
import { startSimulatedProvider } from "../../src/demo/simulated_provider.ts";
import { chat, CHAT_PATH } from "../proxy/asks.ts";
import { ADMIN_KEY } from "../support/keyturn_under_test.ts";
import { startDashboard } from "./dashboard.ts";

// Chromium's own pipes and timers outlive a test by a moment.
const LOOSE = { sanitizeOps: false, sanitizeResources: false };

const EITHER = `sk-${"0123456789abcdef".repeat(2)}`;

Deno.test(
  "first steps: paste keys, choose whose one is, make a client key, see the first request",
  LOOSE,
  async () => {
    const provider = startSimulatedProvider({
      dialect: "openai",
      keys: [{ secret: EITHER, behaviour: "ok" }],
    });
    await using dashboard = await startDashboard({ clientKeys: [] });
    const { page, keyturn } = dashboard;
    await keyturn.enter("deepseek", {
      preset: "deepseek",
      baseUrl: provider.baseUrl,
      models: provider.models,
    });
    const isConnected = page.waitForResponse("**/admin/live/start");
    await dashboard.setUp(ADMIN_KEY);
    await isConnected;
    await dashboard.inspect("first-run");

    await page.getByLabel("Provider keys", { exact: true }).fill(`gsk_${"b".repeat(40)}\n${EITHER}`);
    await page.getByRole("button", { name: "Add keys" }).click();
    await page.getByText("1 key added to Groq, choose below whose the others are.").waitFor();
    await dashboard.inspect("first-run-choice");
    assert.equal(await page.getByLabel("1 key: …cdef").inputValue(), "deepseek", "the likeliest is chosen");
    await page.getByRole("button", { name: "Add them" }).click();
    await page.getByText("1 key added to DeepSeek.").waitFor();

    const isFollowed = page.waitForResponse("**/admin/live/start");
    await page.getByRole("button", { name: "Make client key" }).click();
    await page.getByText("It is shown this once").first().waitFor();
    await isFollowed;
    const clientKey = await page.locator("#client-key code").innerText();
    assert.match(clientKey, /^kt_/);
    await page.getByText("Claude Code", { exact: true }).click();
    assert.ok((await page.locator("details[open] code").innerText()).includes(clientKey));
    await dashboard.inspect("first-run-client-key");
    const authorization = `Bearer ${clientKey}`;
    const answer = await keyturn.ask(CHAT_PATH, chat("hello", { model: provider.models[0] }), {
      authorization,
    });
    assert.equal(answer.status, 200, answer.text);

    await page.getByText("First request seen").waitFor();
    assert.equal(await page.locator("#step-list .is-done").count(), 3);
    await page.locator("#first-request").getByRole("link", { name: "Go to the overview" }).click();
    await page.getByRole("heading", { level: 1, name: "Overview" }).waitFor();
    assert.equal(await page.locator("#overview-steps").isVisible(), false);
    await provider.close();
    dashboard.assertCalm();
  },
);

Deno.test(
  "overview: follows what happens without a reload; a request under way is cancelled",
  LOOSE,
  async () => {
    const provider = startSimulatedProvider({
      dialect: "openai",
      keys: [
        { secret: "sk-revoked-0001", behaviour: "revoked" },
        { secret: "sk-good-0002", behaviour: "ok" },
        { secret: "sk-limited-0003", behaviour: { limitedPerMinute: 2 } },
      ],
      chunkDelayMs: 30,
    });
    await using dashboard = await startDashboard();
    const { page, keyturn } = dashboard;
    await keyturn.enterSimulated("openai", provider, { name: "<b>markup</b>" });
    await dashboard.setUp(ADMIN_KEY);
    await dashboard.open("/admin");
    await dashboard.inspect("overview-empty");
    await page.getByText("The provider can serve: 3 of 3 keys ready.").waitFor();

    for (let number = 0; number < 12; number++) await keyturn.ask(CHAT_PATH, chat("hello"));
    await page.getByText("1 key of <b>markup</b> is rejected.").waitFor();
    await page.locator("#capacity-openai").getByRole("link", { name: "gpt-4o: 1 key resting" }).waitFor();
    assert.match(await page.locator("#capacity-openai .countdown").innerText(), /^\d+s$|^1m/);
    const streaming = keyturn.ask(CHAT_PATH, chat("say 5000 words", { stream: true }));
    const broken = assert.rejects(streaming);
    await page.locator("#overview-running").getByText("answering").waitFor();
    await dashboard.inspect("overview");
    await page.getByRole("button", { name: /^Cancel the request for/ }).click();
    await page.getByText("Nothing is under way.").waitFor();
    await broken;

    await page.getByRole("link", { name: "1 hour" }).click();
    await page.waitForURL("**/admin?range=1h");
    await page.getByRole("link", { name: "key 1", exact: false }).first().waitFor();
    await page.keyboard.press("g");
    await page.keyboard.press("r");
    await page.waitForURL("**/admin/requests");
    await provider.close();
    dashboard.assertCalm();
  },
);
