import assert from "node:assert/strict";
import { ADMIN_KEY } from "../support/keyturn_under_test.ts";
import { startDashboard } from "./dashboard.ts";
import { makePast } from "./traffic.ts";

// Chromium's own pipes and timers outlive a test by a moment.
const LOOSE = { sanitizeOps: false, sanitizeResources: false };

const MARKUP = "<img src=x onerror=alert(1)>";

Deno.test(
  "usage: sums, charts, groupings and downloads; prices set, taken back, counted anew",
  LOOSE,
  async () => {
    await using past = await makePast(["openai", "groq"], {
      providers: [
        {
          id: "openai",
          keyIds: ["key-1", "key-2"],
          dialect: "openai",
          models: ["gpt-5-mini", "gpt-4o", "house-model", MARKUP],
        },
        {
          id: "groq",
          keyIds: ["key-3", "key-4"],
          dialect: "openai",
          models: ["llama-3.3-70b-versatile", "llama-3.1-8b-instant", "qwen/qwen3-32b"],
        },
      ],
      clientKeyIds: ["env-1", undefined],
    }, { count: 1_200, spanMs: 86_400_000, nowMs: Date.now() });
    await using dashboard = await startDashboard({ databaseUrl: past.url });
    const { page } = dashboard;
    await dashboard.setUp(ADMIN_KEY);
    await dashboard.open("/admin/usage?model=none-such");
    await page.getByText("Nothing was used in this time").waitFor();

    await dashboard.open("/admin/usage");
    assert.match(await page.locator(".stat", { hasText: "Requests" }).first().innerText(), /1,200/);
    assert.equal(await page.locator("main img").count(), 0, "the name of a model is text");
    await dashboard.inspect("usage");
    await page.getByLabel("Grouped by").selectOption("provider");
    await page.waitForURL(/groupBy=provider/);
    await page.locator("select[name=metric]").selectOption("cost");
    await page.waitForURL(/metric=cost/);
    await page.getByLabel("And by").selectOption("clientKey");
    await page.waitForURL(/thenBy=clientKey/);
    await dashboard.inspect("usage-cost");
    const [csv] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("link", { name: "Download CSV" }).click(),
    ]);
    assert.match(
      await Deno.readTextFile(await csv.path()),
      /^provider,clientKey,providerId,clientKeyId,requests,/,
    );
    await page.getByRole("link", { name: "groq" }).first().click();
    await page.waitForURL(/provider=groq/);
    await page.locator("td.row-actions").getByRole("link", { name: "Requests" }).first().click();
    await page.waitForURL(/\/admin\/requests\?.*provider=groq/);

    await dashboard.open("/admin/prices?vendor=groq");
    await dashboard.inspect("prices");
    await page.locator("li", { hasText: "house-model" }).getByRole("link", { name: "Set its price" }).click();
    await page.waitForURL(/set=house-model/);
    assert.equal(await page.getByLabel(/^Model/).first().inputValue(), "house-model");
    await page.locator("#field-dollars-in").fill("2.5");
    await page.locator("#field-dollars-out").fill("ten");
    await page.locator("#field-validFrom").fill("2026-01-01T00:00");
    await page.getByRole("button", { name: "Set price" }).click();
    await page.getByText("Nothing was saved").waitFor();
    assert.ok(dashboard.takeFaults().every((each) => each.includes("422")));
    assert.equal(await page.locator("#field-dollars-in").inputValue(), "2.5");
    await page.locator("#field-dollars-out").fill("10");
    await page.getByRole("button", { name: "Set price" }).click();
    await page.getByText("The price of house-model is set").waitFor();
    await page.getByLabel(/^From \(UTC\)/).last().fill("2026-01-01T00:00");
    await page.getByRole("button", { name: "Count anew" }).click();
    await page.locator("#repricings .badge.good", { hasText: "done" }).waitFor({ timeout: 30_000 });
    await page.getByText("Take back", { exact: true }).first().click();
    await page.getByRole("alertdialog").getByRole("button", { name: "Take back" }).click();
    await page.getByText("The price of house-model was taken back").waitFor();

    await page.getByLabel("Language").selectOption("zh");
    await page.getByRole("heading", { level: 1, name: "价格" }).waitFor();
    await dashboard.open("/admin/prices?vendor=xai");
    await dashboard.inspect("prices-zh");
    await dashboard.open("/admin/usage");
    await dashboard.inspect("usage-zh");
    dashboard.assertCalm();
  },
);
