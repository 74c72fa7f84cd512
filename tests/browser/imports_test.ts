import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { startSimulatedProvider } from "../../src/demo/simulated_provider.ts";
import { ADMIN_KEY } from "../support/keyturn_under_test.ts";
import { PASSWORD, startDashboard } from "./dashboard.ts";

// Chromium's own pipes and timers outlive a test by a moment.
const LOOSE = { sanitizeOps: false, sanitizeResources: false };

function fileOf(name: string, text: string) {
  return { name, mimeType: "text/plain", buffer: Buffer.from(text) };
}

const MARKUP = "<img src=x onerror=alert(1)>";

Deno.test("an import of 10,000 keys: preview, choice, progress, reload, report", LOOSE, async () => {
  await using dashboard = await startDashboard();
  const { page } = dashboard;
  await dashboard.setUp(ADMIN_KEY);
  await dashboard.open("/admin/imports");
  await dashboard.inspect("imports-empty");
  const lines = Array.from({ length: 10_000 }, (_, index) => `sk-or-v1-fixture-${index}`);
  const text = [...lines, "two words", "sk-house-00000001", "sk-or-v1-fixture-7", `${MARKUP},x`].join("\n");

  await page.getByLabel("Or drop a file here").setInputFiles(fileOf("keys.txt", text));
  await page.getByRole("button", { name: "Show what would happen" }).click();
  await page.getByRole("heading", { level: 1, name: "Import: Lines of keys" }).waitFor();
  await page.getByText("10,000").first().waitFor();
  await dashboard.inspect("import-preview");
  await page.getByLabel("Tags").fill("bulk");
  await page.getByLabel("Where the keys of Unknown provider go").selectOption("preset:deepseek");
  await page.waitForURL(/into\.1=preset%3Adeepseek/);
  await page.getByRole("button", { name: "Import 10,002 keys" }).waitFor();
  assert.equal(await page.getByLabel("Tags").inputValue(), "bulk", "the options keep what was typed");

  await page.getByRole("button", { name: "Import 10,002 keys" }).click();
  await page.locator("#import-progress progress").waitFor();
  await dashboard.page.reload();
  await page.getByText("10,002 keys added, none there before.").waitFor({ timeout: 60_000 });
  await dashboard.inspect("import-done");
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("link", { name: "Download the report (CSV)" }).click(),
  ]);
  const report = await Deno.readTextFile(await download.path());
  assert.match(report, /10001,key_characters,/);
  assert.ok(!report.includes("fixture"), "the report repeats no key");
  await dashboard.open("/admin/imports");
  await dashboard.inspect("imports");
  dashboard.assertCalm();
});

Deno.test(
  "an import of another product: names are inert, keys are checked, the form tells what is wrong",
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
    await keyturn.enter("/admin/providers", {
      slug: "house",
      name: `House ${MARKUP}`,
      baseUrl: provider.baseUrl,
      policy: { allowPrivateNetwork: true },
    });
    await dashboard.setUp(ADMIN_KEY);
    await dashboard.open("/admin/imports");

    await page.getByRole("button", { name: "Show what would happen" }).click();
    await page.getByText("Paste something, or choose a file", { exact: true }).waitFor();
    await dashboard.inspect("imports-fault");
    assert.ok(dashboard.takeFaults().every((each) => each.includes("422")));
    const group = (name: string, url: string, keys: string[]) => ({
      group: {
        name,
        display_name: `${name} ${MARKUP}`,
        channel_type: "openai",
        upstreams: [{ url, weight: 1 }],
        proxy_keys: "fixture-client-key-000001",
      },
      keys: keys.map((key_value) => ({ key_value, status: "active" })),
    });
    const file = JSON.stringify({
      groups: [
        group("house", provider.baseUrl, ["sk-revoked-0001", "sk-good-0002"]),
        group("inside", "http://169.254.169.254/v1", ["sk-inside-0003"]),
      ],
    });
    await page.getByLabel("Or drop a file here").setInputFiles(fileOf("gpt-load.json", file));
    await page.getByRole("button", { name: "Show what would happen" }).click();
    await page.getByRole("heading", { level: 1, name: "Import: gpt-load" }).waitFor();
    await page.getByText("169.254.169.254 is the address of a metadata service").waitFor();
    await page.getByLabel("Check the keys afterwards").check();
    await page.getByLabel("Take over 1 client key").check();
    await dashboard.inspect("import-product");
    await page.getByRole("button", { name: "Import 2 keys" }).click();
    await page.getByText("Checked: 1 accepted, 1 rejected").waitFor();
    await dashboard.inspect("import-checked");
    assert.equal(await page.locator("main img").count(), 0, "names of a file are text");

    await page.getByLabel("Language").selectOption("zh");
    await page.getByRole("heading", { level: 1, name: "导入：gpt-load" }).waitFor();
    await dashboard.inspect("import-checked-zh");
    await dashboard.open("/admin/imports");
    await dashboard.inspect("imports-zh");
    await provider.close();
    dashboard.assertCalm();
  },
);

Deno.test("an export: asks for the password again, and opens again as an import", LOOSE, async () => {
  await using dashboard = await startDashboard();
  const { page, keyturn } = dashboard;
  await keyturn.enter("groq", { preset: "groq" }, ["gsk_fixture_0001", "gsk_fixture_0002"]);
  await dashboard.setUp(ADMIN_KEY);
  await dashboard.open("/admin/export");

  await page.getByLabel("Passphrase", { exact: true }).fill("a long passphrase");
  await page.getByLabel("Your password again").fill("not the password");
  await page.getByRole("button", { name: "Download" }).click();
  await page.getByText("This is not your password", { exact: true }).waitFor();
  await dashboard.inspect("export-fault");
  assert.ok(dashboard.takeFaults().every((each) => each.includes("422")));
  await page.getByLabel("Passphrase", { exact: true }).fill("a long passphrase");
  await page.getByLabel("Your password again").fill(PASSWORD);
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Download" }).click(),
  ]);
  const path = await download.path();
  const text = await Deno.readTextFile(path);
  assert.ok(!text.includes("gsk_fixture"), "it is sealed");

  await dashboard.open("/admin/imports");
  await page.getByLabel("Or drop a file here").setInputFiles(path);
  await page.getByLabel("Passphrase", { exact: true }).fill("a long passphrase");
  await page.getByRole("button", { name: "Show what would happen" }).click();
  await page.getByRole("heading", { level: 1, name: "Import: Keyturn export" }).waitFor();
  assert.match(await page.locator(".stat", { hasText: "Already here" }).innerText(), /2/);
  await dashboard.inspect("import-again");
  dashboard.assertCalm();
});
