import assert from "node:assert/strict";
import { Secret } from "../../src/core/secret.ts";
import { startSimulatedProvider } from "../../src/demo/simulated_provider.ts";
import { chat, CHAT_PATH } from "../proxy/asks.ts";
import { ADMIN_KEY } from "../support/keyturn_under_test.ts";
import { startDashboard } from "./dashboard.ts";

// Chromium's own pipes and timers outlive a test by a moment.
const LOOSE = { sanitizeOps: false, sanitizeResources: false };

const MARKUP = "<img src=x onerror=alert(1)>";

Deno.test(
  "a client key: made with limits, shown once, used up to its limit, changed, rotated, deleted",
  LOOSE,
  async () => {
    const provider = startSimulatedProvider({
      dialect: "openai",
      keys: [{ secret: "sk-good-0001", behaviour: "ok" }],
    });
    await using dashboard = await startDashboard({ clientKeys: [] });
    const { page, keyturn } = dashboard;
    await keyturn.enterSimulated("openai", provider);
    await dashboard.setUp(ADMIN_KEY);
    const ask = async (clientKey: string) => {
      const answer = await keyturn.ask(CHAT_PATH, chat("Hello"), { authorization: `Bearer ${clientKey}` });
      return answer.status;
    };

    await dashboard.open("/admin/client-keys");
    await dashboard.inspect("client-keys-empty");
    await page.getByRole("link", { name: "Make client key" }).first().click();
    await page.getByLabel(/^Name/).fill(`Laptop ${MARKUP}`);
    await page.getByLabel("Requests a day").fill("3");
    await page.getByLabel("US dollars a month").fill("12.5");
    await page.getByLabel("Expires (UTC)").fill("2036-01-31T12:00");
    await page.getByLabel("Models").fill("gpt-4o*");
    await page.getByLabel("Networks").fill("nowhere");
    await page.getByRole("checkbox", { name: "openai" }).check();
    await page.getByRole("button", { name: "Make client key" }).click();
    await page.getByText("Nothing was saved").waitFor();
    const complaints = dashboard.takeFaults();
    assert.ok(complaints.every((each) => each.includes("422")), complaints.join("\n"));
    assert.equal(await page.getByLabel("US dollars a month").inputValue(), "12.5");
    assert.ok(await page.getByRole("checkbox", { name: "openai" }).isChecked());
    await dashboard.inspect("client-key-form");
    await page.getByLabel("Networks").fill("127.0.0.0/8");
    await page.getByRole("button", { name: "Make client key" }).click();
    await page.getByText("Shown this once").waitFor();
    const secret = (await page.locator(".once code").innerText()).trim();
    assert.match(secret, /^kt_[\w-]{32}$/);
    assert.match(await page.locator(".snippets pre").first().innerText(), new RegExp(secret));
    await dashboard.inspect("client-key-made");

    assert.deepEqual([await ask(secret), await ask(secret)], [200, 200]);
    await page.getByRole("link", { name: "To this client key" }).click();
    await page.getByText("2 of 3").waitFor();
    assert.ok(!(await page.content()).includes(secret), "it is shown once");
    assert.deepEqual([await ask(secret), await ask(secret)], [200, 429]);
    await page.reload();
    await page.getByText("3 of 3").waitFor();
    assert.equal(await page.locator("main img").count(), 0, "a name is text");
    await dashboard.inspect("client-key");

    await page.getByRole("link", { name: "Edit", exact: true }).click();
    assert.equal(await page.getByLabel("Expires (UTC)").inputValue(), "2036-01-31T12:00");
    await page.getByLabel("Requests a day").fill("");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("was saved").waitFor();
    assert.equal(await ask(secret), 200);

    await page.getByLabel("The old secret is taken").selectOption("3600");
    await page.getByRole("button", { name: "New secret" }).click();
    await page.getByText("The old secret is still taken").waitFor();
    const rotated = (await page.locator(".once code").innerText()).trim();
    assert.notEqual(rotated, secret);
    assert.deepEqual([await ask(secret), await ask(rotated)], [200, 200]);

    await page.getByRole("link", { name: "All client keys" }).click();
    await dashboard.inspect("client-keys");
    await page.getByRole("switch").click();
    await page.locator('[role="switch"][aria-checked="false"]').waitFor();
    assert.equal(await ask(rotated), 401);
    await page.getByRole("link", { name: /^Laptop/ }).click();
    await page.locator("summary", { hasText: "Delete" }).click();
    await page.getByRole("button", { name: "Delete", exact: true }).last().click();
    await page.waitForURL("**/admin/client-keys");
    assert.match(await page.locator("#flash").innerText(), /was deleted/);
    await provider.close();
    dashboard.assertCalm();
  },
);

Deno.test("client keys: one of the environment is shown and cannot be changed", LOOSE, async () => {
  await using dashboard = await startDashboard({ clientKeys: [new Secret("client-key-of-environment")] });
  const { page } = dashboard;
  await dashboard.setUp(ADMIN_KEY);

  await dashboard.open("/admin/client-keys");
  assert.match(await page.locator("tbody").innerText(), /from the environment/);
  await page.locator("tbody a").click();
  await page.getByText("GLOBAL_PROXY_KEYS").waitFor();

  assert.equal(await page.getByRole("link", { name: "Edit", exact: true }).count(), 0);
  assert.equal(await page.getByRole("button", { name: "New secret" }).count(), 0);
  await dashboard.inspect("client-key-environment");
  dashboard.assertCalm();
});
