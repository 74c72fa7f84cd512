import assert from "node:assert/strict";
import { startSimulatedProvider } from "../../src/demo/simulated_provider.ts";
import { ADMIN_KEY, type KeyturnUnderTest } from "../support/keyturn_under_test.ts";
import { PASSWORD, startDashboard } from "./dashboard.ts";

// Chromium's own pipes and timers outlive a test by a moment.
const LOOSE = { sanitizeOps: false, sanitizeResources: false };
const INERT = "<img src=x onerror=alert(1)>";

async function enterMany(keyturn: KeyturnUnderTest, count: number): Promise<void> {
  const fields = { baseUrl: "http://127.0.0.1:9/v1", models: ["m"] };
  await keyturn.admin("POST", "/admin/providers", { slug: "openrouter", ...fields });
  const keys = Array.from({ length: count }, (_, index) => `sk-or-v1-${String(index).padStart(20, "0")}`);
  const more = { tags: ["free", INERT], account: INERT };
  await keyturn.admin("POST", "/admin/providers/openrouter/keys", { keys, ...more });
}

Deno.test(
  "a key that is limited by traffic changes its row without a reload, and a chosen box stays",
  LOOSE,
  async () => {
    const provider = startSimulatedProvider({
      dialect: "openai",
      keys: [
        { secret: "sk-good-key-0001", behaviour: "ok" },
        { secret: "sk-revoked-key-0002", behaviour: "revoked" },
        { secret: "sk-limited-key-0003", behaviour: { limitedPerDay: 2, perModel: true } },
        { secret: "sk-empty-key-0004", behaviour: "out_of_credit" },
      ],
    });
    await using dashboard = await startDashboard();
    const { page, keyturn } = dashboard;
    const [, revoked, limited] = await keyturn.enterSimulated("openai", provider);
    await dashboard.setUp(ADMIN_KEY);
    const isConnected = page.waitForResponse("**/admin/live/keys**");
    await dashboard.open("/admin/keys?provider=openai");
    await isConnected;
    const row = page.locator(`#key-${revoked}`);
    await row.getByText("untested").waitFor();
    await row.getByRole("checkbox").check();

    const ask = { model: provider.models[0], messages: [{ role: "user", content: "Hello" }] };
    for (let number = 0; number < 16; number++) await keyturn.ask("/v1/chat/completions", ask);

    await row.getByText("rejected").waitFor();
    await row.getByText(/Incorrect API key/).waitFor();
    await page.locator(`#key-${limited} .chip.wait`).waitFor();
    assert.ok(await row.getByRole("checkbox").isChecked(), "the choice outlives the new row");
    await dashboard.open("/admin/keys?provider=openai&sort=failed");
    await dashboard.inspect("keys");

    await page.locator(`#key-${revoked} th a`).first().click();
    const drawer = page.getByRole("dialog", { name: /Key …/ });
    await drawer.getByText("What happened to it").waitFor();
    await drawer.getByText("refused by the provider").first().waitFor();
    await dashboard.inspect("keys-drawer");
    await drawer.getByText("Edit", { exact: true }).click();
    await drawer.getByLabel("Note").fill(INERT);
    await drawer.getByRole("button", { name: "Save" }).click();
    await drawer.getByText("The key was saved").waitFor();
    await drawer.getByText("Reveal", { exact: true }).first().click();
    await drawer.getByLabel("Your password").fill(PASSWORD);
    await drawer.getByRole("button", { name: "Reveal" }).click();
    await drawer.getByText("sk-revoked-key-0002").waitFor();
    await page.keyboard.press("Escape");
    await drawer.waitFor({ state: "hidden" });
    assert.equal(await page.getByText("sk-revoked-key-0002").count(), 0, "nothing of it stays");

    await dashboard.open(`/admin/keys/${limited}`);
    await dashboard.inspect("key");
    await provider.close();
    dashboard.assertCalm();
  },
);

Deno.test(
  "1,204 keys are disabled by filter, with their count first and progress, and enabled by undo",
  LOOSE,
  async () => {
    await using dashboard = await startDashboard();
    const { page, keyturn } = dashboard;
    await enterMany(keyturn, 1204);
    await dashboard.setUp(ADMIN_KEY);
    await dashboard.open("/admin/keys");

    await page.locator("select[name=tag]").selectOption("free");
    await page.waitForURL("**/admin/keys?tag=free");
    await dashboard.inspect("keys-many");
    await page.getByLabel("Action").selectOption("disable");
    await page.getByRole("button", { name: "All 1,204 that match" }).click();
    await page.getByText("This disables 1,204 keys of openrouter.").waitFor();
    await dashboard.inspect("keys-bulk");
    await page.getByRole("button", { name: "Disable 1,204 keys of openrouter" }).click();
    const change = page.locator(".key-change");
    await change.getByText("1,204 keys of openrouter disabled").waitFor();
    await dashboard.open(page.url().replace(dashboard.origin, ""));
    assert.match(await page.locator(".state-tabs").innerText(), /Disabled\s*1,204/);
    await dashboard.inspect("keys-changed");
    await change.getByRole("button", { name: "Undo" }).click();
    await change.getByText("undone", { exact: true }).waitFor();
    await dashboard.open("/admin/keys?state=disabled");
    await page.getByText("No key matches this filter").waitFor();

    await dashboard.open("/admin/keys");
    await page.getByLabel("Choose all on this page").check();
    await page.getByLabel("Action").selectOption("delete");
    await page.getByRole("button", { name: "Chosen keys" }).click();
    await page.getByRole("button", { name: "Delete 50 keys of openrouter" }).click();
    await change.getByText("50 keys of openrouter deleted").waitFor();
    await page.getByText("1,154 keys match").waitFor();
    await page.getByRole("link", { name: "Recent changes" }).click();
    await dashboard.inspect("keys-changes");
    await page.getByRole("button", { name: "Bring back" }).click();
    await page.getByText("1,204 keys match").waitFor();

    await page.getByRole("link", { name: "Heat map" }).click();
    await page.locator(".cells i").nth(1203).waitFor();
    await dashboard.inspect("keys-map");
    await page.locator(".cells i").nth(7).click();
    await page.waitForURL(/\/admin\/keys\/[0-9a-f-]{36}$/);
    await page.getByRole("heading", { level: 1, name: /0007$/ }).waitFor();

    dashboard.assertCalm();
  },
);

Deno.test(
  "a whole key is found without standing in an address; keyboard, 中文, nothing yet",
  LOOSE,
  async () => {
    await using dashboard = await startDashboard();
    const { page, keyturn } = dashboard;
    await keyturn.enter("one", { baseUrl: "http://127.0.0.1:9/v1" });
    await keyturn.enter("two", { baseUrl: "http://127.0.0.1:9/v1" }, ["sk-a-whole-key-to-look-for-0001"]);
    const addresses: string[] = [];
    page.on("request", (request) => addresses.push(request.url()));
    await dashboard.setUp(ADMIN_KEY);
    await page.locator("main").focus();
    await page.keyboard.press("g");
    await page.keyboard.press("k");
    await page.waitForURL("**/admin/keys");

    await page.keyboard.press("/");
    await page.keyboard.type("sk-a-whole-key-to-look-for-0001");
    await page.keyboard.press("Enter");
    await page.waitForURL("**/admin/keys?fingerprint=*");
    await page.getByText("1 key matches").waitFor();
    assert.ok(!addresses.some((address) => address.includes("whole-key")), addresses.join("\n"));

    await page.keyboard.press("/");
    await page.keyboard.type("none such");
    await page.keyboard.press("Enter");
    await page.getByText("No key matches this filter").waitFor();
    await dashboard.inspect("keys-none");
    await page.getByLabel("Language").selectOption("zh");
    await page.getByRole("heading", { level: 1, name: "密钥" }).waitFor();
    await dashboard.open("/admin/keys");
    await dashboard.inspect("keys-zh");

    dashboard.assertCalm();
  },
);
