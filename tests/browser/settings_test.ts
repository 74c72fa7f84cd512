import assert from "node:assert/strict";
import { ADMIN_KEY } from "../support/keyturn_under_test.ts";
import { startDashboard } from "./dashboard.ts";

// Chromium's own pipes and timers outlive a test by a moment.
const LOOSE = { sanitizeOps: false, sanitizeResources: false };

Deno.test("settings: changed, refused with what was typed, reset; the status shows them", LOOSE, async () => {
  await using dashboard = await startDashboard();
  const { page } = dashboard;
  await dashboard.setUp(ADMIN_KEY);

  await dashboard.open("/admin/settings");
  await page.getByLabel("Request log", { exact: true }).fill("14");
  await page.getByLabel("Default model", { exact: true }).fill("<b>gpt</b>");
  await page.getByLabel("Time to end", { exact: true }).fill("30");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("3 settings were changed").waitFor();
  assert.equal(await page.getByLabel("Default model", { exact: true }).inputValue(), "<b>gpt</b>");
  await dashboard.inspect("settings");

  // A browser that does not check what it sends.
  await page.locator("form.settings").evaluate((form) => form.setAttribute("novalidate", ""));
  await page.getByLabel("Request log", { exact: true }).fill("-1");
  await page.getByLabel("First cooldown", { exact: true }).fill("20");
  await page.getByRole("button", { name: "Save" }).click();
  await page.locator(".setting .fault").waitFor();
  const complaints = dashboard.takeFaults();
  assert.ok(complaints.every((each) => each.includes("422")), complaints.join("\n"));
  assert.equal(await page.getByLabel("First cooldown", { exact: true }).inputValue(), "20");
  await dashboard.inspect("settings-refused");

  await dashboard.open("/admin/settings");
  await page.getByRole("button", { name: "Reset Default model" }).click();
  await page.getByText("1 setting was changed").waitFor();
  assert.equal(await page.getByLabel("Default model", { exact: true }).inputValue(), "");
  assert.equal(await page.getByLabel("Request log", { exact: true }).inputValue(), "14");

  await dashboard.open("/admin/app-status");
  const row = page.locator("tr", { has: page.getByText("REQUEST_LOG_DAYS", { exact: true }) });
  assert.match(await row.innerText(), /14/);
  await page.getByRole("rowheader", { name: /Sums of statistics/ }).waitFor();
  await dashboard.inspect("app-status");
  dashboard.assertCalm();
});
