import assert from "node:assert/strict";
import { startSimulatedProvider } from "../../src/demo/simulated_provider.ts";
import { ADMIN_KEY } from "../support/keyturn_under_test.ts";
import { startDashboard } from "./dashboard.ts";

// Chromium's own pipes and timers outlive a test by a moment.
const LOOSE = { sanitizeOps: false, sanitizeResources: false };

const MARKUP = "<img src=x onerror=alert(1)>";

Deno.test(
  "playground: streams an answer with its trace, explains the route, judges an answer",
  LOOSE,
  async () => {
    const openai = startSimulatedProvider({
      dialect: "openai",
      keys: [{ secret: "sk-revoked-0001", behaviour: "revoked" }, {
        secret: "sk-good-0002",
        behaviour: "ok",
      }],
      chunkDelayMs: 120,
    });
    const gemini = startSimulatedProvider({
      dialect: "gemini",
      keys: [{ secret: "AIza-good-0003", behaviour: "ok" }],
    });
    await using dashboard = await startDashboard();
    const { page, keyturn } = dashboard;
    await keyturn.enterSimulated("openai", openai);
    const [geminiKey = ""] = await keyturn.enterSimulated("gemini", gemini);
    await dashboard.setUp(ADMIN_KEY);
    await dashboard.open("/admin/playground");
    await dashboard.inspect("playground-empty");

    await page.getByLabel("Model", { exact: false }).first().fill(openai.models[0] ?? "");
    await page.getByLabel(/^Message/).fill(`One ${MARKUP} three four five six seven eight nine`);
    await page.getByRole("button", { name: "Explain the route" }).click();
    await page.getByRole("heading", { name: "Route" }).waitFor();
    assert.match(
      await page.locator("#playground-result").innerText(),
      /Any of its 2 ready keys may be used; round_robin/,
    );
    await dashboard.inspect("playground-route");
    await page.getByRole("button", { name: "Send" }).click();
    await page.locator("#playground-said span").first().waitFor();
    await page.getByText("Status 200").waitFor();
    assert.match(await page.locator("#playground-result .words").last().innerText(), /three four five/);
    assert.equal(await page.locator("main img").count(), 0, "an answer is text");
    assert.match(await page.locator("#playground-result").innerText(), /openai …0002/);
    await dashboard.inspect("playground-answer");

    await dashboard.open(
      `/admin/playground?dialect=anthropic&model=${gemini.models[0]}&providerKey=${geminiKey}`,
    );
    await page.getByRole("button", { name: "Send" }).click();
    await page.getByText("Status 200").waitFor();
    assert.match(await page.locator("#playground-result").innerText(), /gemini …0003/);
    await page.getByRole("link", { name: "Open in the log" }).click();
    await page.getByRole("heading", { name: "Where the time went" }).waitFor();
    assert.match(await page.locator("main").innerText(), /anthropic, translated to gemini/);
    assert.match(await page.locator("main").innerText(), /Playground/);

    await dashboard.open("/admin/playground");
    await page.getByText("What would an answer mean?").click();
    await page.getByLabel("Provider", { exact: true }).selectOption("openai");
    await page.getByLabel(/^Status/).fill("429");
    await page.getByLabel("Headers").fill("retry-after: 20");
    await page.getByLabel("Body").fill('{"error":{"code":"rate_limit_exceeded","message":"Slow down"}}');
    await page.getByRole("button", { name: "Judge it" }).click();
    await page.getByText("the key had reached its rate limit").waitFor();
    await dashboard.inspect("playground-rules");
    await page.getByLabel("Language").selectOption("zh");
    await page.getByRole("heading", { level: 1, name: "试验台" }).waitFor();
    await dashboard.inspect("playground-zh");
    await openai.close();
    await gemini.close();
    dashboard.assertCalm();
  },
);
