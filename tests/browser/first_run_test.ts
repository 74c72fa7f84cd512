import assert from "node:assert/strict";
import { startSimulatedProvider } from "../../src/demo/simulated_provider.ts";
import { ADMIN_KEY } from "../support/keyturn_under_test.ts";
import { PASSWORD, startDashboard } from "./dashboard.ts";

// Chromium's own pipes and timers outlive a test by a moment.
const LOOSE = { sanitizeOps: false, sanitizeResources: false };

Deno.test("a first run: set the password, add a provider, sign out and in again", LOOSE, async () => {
  await using dashboard = await startDashboard();
  const { page } = dashboard;

  await dashboard.open("/");
  assert.match(page.url(), /\/admin\/setup$/);
  await dashboard.inspect("setup");
  await dashboard.setUp(ADMIN_KEY);
  assert.match(await page.locator("#flash").innerText(), /The password is set/);
  await dashboard.open("/admin/providers");
  await dashboard.inspect("providers-empty");

  await page.getByRole("link", { name: "Add provider" }).first().click();
  await page.getByLabel("Known provider").selectOption("groq");
  await page.getByRole("button", { name: "Add", exact: true }).click();
  await page.waitForURL("**/admin/providers/groq");
  assert.match(await page.locator("#flash").innerText(), /Groq was added/);
  await dashboard.inspect("provider");

  await page.getByRole("button", { name: "Sign out" }).click();
  await page.waitForURL("**/admin/login");
  await dashboard.inspect("login");
  await page.goto(`${dashboard.origin}/admin/providers/groq`);
  assert.match(page.url(), /\/admin\/login\?next=%2Fadmin%2Fproviders%2Fgroq$/);
  await page.getByLabel("Name").fill("admin");
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL("**/admin/providers/groq");

  dashboard.assertCalm();
});

Deno.test(
  "a provider: a wrong form comes back as it was typed, a switch turns, a delete asks first",
  LOOSE,
  async () => {
    await using dashboard = await startDashboard();
    const { page } = dashboard;
    await dashboard.setUp(ADMIN_KEY);
    await dashboard.open("/admin/providers/new");

    await page.getByLabel("Slug").fill("No Slug");
    await page.getByLabel("Base URL").fill("https://api.example.com/v1");
    await page.getByLabel("Models").fill("one\ntwo");
    await page.getByRole("button", { name: "Add", exact: true }).click();
    await page.getByText("Nothing was saved").waitFor();
    const complaints = dashboard.takeFaults();
    assert.ok(complaints.every((each) => each.includes("422")), complaints.join("\n"));
    assert.equal(await page.getByLabel("Slug").inputValue(), "No Slug");
    assert.equal(await page.getByLabel("Models").inputValue(), "one\ntwo");
    await dashboard.inspect("provider-form");
    await page.getByLabel("Slug").fill("mine");
    await page.getByRole("button", { name: "Add", exact: true }).click();
    await page.waitForURL("**/admin/providers/mine");

    await dashboard.open("/admin/providers");
    await page.getByRole("switch").click();
    await page.locator("[role=switch][aria-checked=false]").waitFor();
    assert.match(page.url(), /\/admin\/providers$/, "the page has stayed");
    await dashboard.open("/admin/providers/mine");
    await page.locator("summary", { hasText: "Delete" }).click();
    await page.getByRole("alertdialog", { name: "Delete mine?" }).waitFor();
    await dashboard.inspect("provider-delete");
    await page.getByRole("alertdialog").getByRole("button", { name: "Delete" }).click();
    await page.getByText("mine was deleted").waitFor();

    dashboard.assertCalm();
  },
);

Deno.test("the row of a provider follows its pool without a reload", LOOSE, async () => {
  const provider = startSimulatedProvider({
    dialect: "openai",
    keys: [{ secret: "sk-revoked-0001", behaviour: "revoked" }, { secret: "sk-good-0002", behaviour: "ok" }],
  });
  await using dashboard = await startDashboard();
  const { page, keyturn } = dashboard;
  await keyturn.enterSimulated("openai", provider);
  const isConnected = page.waitForResponse("**/admin/live/providers");
  await dashboard.setUp(ADMIN_KEY);
  await dashboard.open("/admin/providers");
  await isConnected;
  const row = page.locator("#provider-openai");
  assert.match(await row.innerText(), /2 \/ 2 ready/);

  const ask = { model: provider.models[0], messages: [{ role: "user", content: "Hello" }] };
  for (let number = 0; number < 12; number++) await keyturn.ask("/v1/chat/completions", ask);

  await row.getByText("1 / 2 ready").waitFor();
  assert.match(await row.innerText(), /1 rejected/);
  await dashboard.inspect("providers");
  await provider.close();
  dashboard.assertCalm();
});

Deno.test("language, theme and keys of the keyboard", LOOSE, async () => {
  await using dashboard = await startDashboard();
  const { page } = dashboard;
  await dashboard.setUp(ADMIN_KEY);
  await dashboard.open("/admin/providers");

  await page.getByLabel("Language").selectOption("zh");
  await page.getByRole("heading", { level: 1, name: "供应商" }).waitFor();
  await page.getByLabel("主题").selectOption("dark");
  await page.locator("html[data-theme=dark]").waitFor();
  await dashboard.inspect("providers-zh");
  await page.getByLabel("语言").selectOption("en");
  await page.getByRole("heading", { level: 1, name: "Providers" }).waitFor();
  await page.locator("main").focus();
  await page.keyboard.press("g");
  await page.keyboard.press("a");
  await page.waitForURL("**/admin/audit");
  await page.getByRole("heading", { level: 1, name: "Audit" }).waitFor();
  assert.match(await page.locator("tbody").innerText(), /setup\.finish/);
  await dashboard.inspect("audit");
  await page.keyboard.press("/");
  assert.equal(await page.locator(":focus").getAttribute("name"), "actor");

  await dashboard.open("/admin/tokens");
  await page.getByLabel("Name").fill("monitor");
  await page.getByRole("button", { name: "Make token" }).click();
  assert.match(await page.locator(".once code").innerText(), /^kta_/);
  await dashboard.inspect("tokens");
  await dashboard.open("/admin/users");
  await dashboard.inspect("users");

  dashboard.assertCalm();
});
