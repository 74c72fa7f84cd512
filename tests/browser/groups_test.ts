import assert from "node:assert/strict";
import { ADMIN_KEY } from "../support/keyturn_under_test.ts";
import { startDashboard } from "./dashboard.ts";

// Chromium's own pipes and timers outlive a test by a moment.
const LOOSE = { sanitizeOps: false, sanitizeResources: false };

Deno.test(
  "a group: members are chosen, changed and shown; its switch turns; a delete asks first",
  LOOSE,
  async () => {
    await using dashboard = await startDashboard();
    const { page } = dashboard;
    await dashboard.setUp(ADMIN_KEY);
    for (const preset of ["groq", "openrouter"]) {
      await dashboard.open("/admin/providers/new");
      await page.getByLabel("Known provider").selectOption(preset);
      await page.getByRole("button", { name: "Add", exact: true }).click();
      await page.waitForURL(`**/admin/providers/${preset}`);
    }

    await dashboard.open("/admin/groups");
    await dashboard.inspect("groups-empty");
    await page.getByRole("link", { name: "Add group" }).first().click();
    await page.getByLabel("Slug").fill("fast");
    await page.getByLabel("Name").fill("<b>Fast & cheap</b>");
    await page.locator('[name="members.0.provider"]').selectOption("groq");
    await page.locator('[name="members.1.provider"]').selectOption("groq");
    await page.getByRole("button", { name: "Add", exact: true }).click();
    await page.getByText("Nothing was saved").waitFor();
    const complaints = dashboard.takeFaults();
    assert.ok(complaints.every((each) => each.includes("422")), complaints.join("\n"));
    await dashboard.inspect("group-form");
    await page.locator('[name="members.1.provider"]').selectOption("openrouter");
    await page.locator('[name="members.1.tier"]').fill("1");
    await page.getByRole("button", { name: "Add", exact: true }).click();
    await page.waitForURL("**/admin/groups/fast");
    await dashboard.inspect("group");
    assert.deepEqual(await page.locator("tbody th").allInnerTexts(), ["groq", "openrouter"]);

    await page.getByRole("link", { name: "Edit", exact: true }).click();
    assert.equal(await page.locator('[name="members.1.tier"]').inputValue(), "1");
    await page.locator('[name="members.0.provider"]').selectOption("");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page.waitForURL("**/admin/groups/fast");
    assert.deepEqual(await page.locator("tbody th").allInnerTexts(), ["openrouter"]);

    await dashboard.open("/admin/groups");
    await dashboard.inspect("groups");
    await page.getByRole("switch").click();
    await page.locator('[role="switch"][aria-checked="false"]').waitFor();
    await page.getByRole("link", { name: "<b>Fast & cheap</b>" }).click();
    await page.locator("summary", { hasText: "Delete" }).click();
    await page.getByRole("button", { name: "Delete", exact: true }).last().click();
    await page.waitForURL("**/admin/groups");
    assert.match(await page.locator("#flash").innerText(), /fast was deleted/);
    dashboard.assertCalm();
  },
);

Deno.test("an alias: added, changed and deleted; a name with slashes stays one", LOOSE, async () => {
  await using dashboard = await startDashboard();
  const { page } = dashboard;
  await dashboard.setUp(ADMIN_KEY);

  await dashboard.open("/admin/aliases");
  await dashboard.inspect("aliases-empty");
  await page.getByRole("link", { name: "Add alias" }).first().click();
  await page.getByLabel("Alias").fill("team/fast");
  await page.getByLabel("Stands for").fill("llama-3.3-70b");
  await dashboard.inspect("alias-form");
  await page.getByRole("button", { name: "Add", exact: true }).click();
  await page.waitForURL("**/admin/aliases");
  await page.getByRole("link", { name: "team/fast" }).click();
  await page.getByLabel("For requests that are too long").fill("gemini-2.5-pro");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.waitForURL("**/admin/aliases");
  assert.match(await page.locator("tbody").innerText(), /gemini-2\.5-pro/);
  await dashboard.inspect("aliases");

  await page.getByRole("link", { name: "team/fast" }).click();
  await page.locator("summary", { hasText: "Delete" }).click();
  await page.getByRole("button", { name: "Delete", exact: true }).last().click();
  await page.waitForURL("**/admin/aliases");
  assert.match(await page.locator("#flash").innerText(), /team\/fast was deleted/);
  dashboard.assertCalm();
});
