import assert from "node:assert/strict";
import axe from "axe-core";
import type { Browser, BrowserContext, Page } from "playwright-core";
import type { Config } from "../../src/config.ts";
import { type KeyturnUnderTest, startKeyturn } from "../support/keyturn_under_test.ts";
import { closeChromium, openChromium } from "./chromium.ts";

/** What is chosen in the pages of the tests. */
export const PASSWORD = "correct horse battery";

/** Where screenshots go when `KEYTURN_SCREENSHOTS` names a folder; otherwise none is made. */
const SCREENSHOTS = Deno.env.get("KEYTURN_SCREENSHOTS");

/** A browser on a Keyturn of its own, and everything that went wrong in it. `await using` ends both. */
export class Dashboard {
  readonly keyturn: KeyturnUnderTest;
  readonly page: Page;
  readonly #browser: Browser;
  readonly #context: BrowserContext;
  readonly #faults: string[] = [];

  constructor(keyturn: KeyturnUnderTest, browser: Browser, context: BrowserContext, page: Page) {
    this.keyturn = keyturn;
    this.page = page;
    this.#browser = browser;
    this.#context = context;
    // A violation of the content security policy is an error of the console, too.
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") {
        this.#faults.push(`${page.url()}: ${message.text()}`);
      }
    });
    page.on("pageerror", (error) => this.#faults.push(`${page.url()}: ${error.message}`));
  }

  /** The same port by the name that cookies and clipboard are allowed under without https. */
  get origin(): string {
    return this.keyturn.url.replace("127.0.0.1", "localhost");
  }

  /** Opens a path; fails unless it answers below 400. */
  async open(path: string): Promise<void> {
    const answer = await this.page.goto(this.origin + path);
    assert.ok(answer !== null && answer.status() < 400, `${path} answered ${answer?.status()}`);
  }

  /** Finishes the first page with the printed key: afterwards the owner is signed in. */
  async setUp(adminKey: string): Promise<void> {
    // Another fragment of the page that is open would not be loaded again.
    await this.page.goto("about:blank");
    await this.open(`/admin/setup#${adminKey}`);
    await this.page.getByLabel(/^New password/).fill(PASSWORD);
    await this.page.getByLabel(/^The same again/).fill(PASSWORD);
    await this.page.getByRole("button", { name: "Set password and sign in" }).click();
    await this.page.waitForURL("**/admin/start");
  }

  /** Signs in with the password of `setUp`. */
  async signIn(name = "admin", password = PASSWORD): Promise<void> {
    await this.open("/admin/login");
    await this.page.getByLabel("Name").fill(name);
    await this.page.getByLabel("Password").fill(password);
    await this.page.getByRole("button", { name: "Sign in" }).click();
  }

  /**
   * Looks at the page as people do: light, dark, and on a phone. In each nothing serious is found by axe, and nothing
   * reaches beyond the sides; a screenshot of each is kept where one is wanted.
   */
  async inspect(name: string): Promise<void> {
    for (const { look, width, height, scheme } of LOOKS) {
      await this.page.setViewportSize({ width, height });
      await this.page.emulateMedia({ colorScheme: scheme });
      await this.#assertAccessible(`${name} ${look}`);
      const overflow = await this.#evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth",
      );
      assert.equal(overflow, 0, `${name} ${look} reaches beyond the side of the screen`);
      if (SCREENSHOTS !== undefined) {
        await this.page.screenshot({ path: `${SCREENSHOTS}/${name}-${look}.png`, fullPage: true });
      }
    }
    await this.page.setViewportSize(DESKTOP);
    await this.page.emulateMedia({ colorScheme: "light" });
  }

  /** Fails the test when the console has told of an error, or of something that the policy has refused. */
  assertCalm(): void {
    assert.deepEqual(this.#faults, []);
  }

  /** For a step that must make the browser complain, e.g. of a status of 422: forgets what it has said. */
  takeFaults(): string[] {
    return this.#faults.splice(0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#context.close();
    await closeChromium();
    await this.keyturn[Symbol.asyncDispose]();
    assert.ok(!this.#browser.isConnected());
  }

  async #assertAccessible(what: string): Promise<void> {
    await this.#evaluate(`${axe.source}; undefined`);
    const found = await this.#evaluate(
      `axe.run(document, { resultTypes: ["violations"] }).then(({ violations }) => violations
        .filter(({ impact }) => impact === "serious" || impact === "critical")
        .map(({ id, nodes }) => id + ": " + nodes.map(({ target }) => target.join(" ")).join(", ")))`,
    );
    assert.deepEqual(found, [], what);
  }

  /** Through the debugger, which the page's policy does not bind. */
  async #evaluate(expression: string): Promise<unknown> {
    const session = await this.#context.newCDPSession(this.page);
    try {
      const { result, exceptionDetails } = await session.send("Runtime.evaluate", {
        expression,
        awaitPromise: true,
        returnByValue: true,
      });
      assert.equal(exceptionDetails, undefined);
      return result.value;
    } finally {
      await session.detach();
    }
  }
}

const DESKTOP = { width: 1280, height: 800 };

const LOOKS = [
  { look: "light", scheme: "light", ...DESKTOP },
  { look: "dark", scheme: "dark", ...DESKTOP },
  { look: "phone", scheme: "light", width: 375, height: 720 },
] as const;

/** Starts a Keyturn and opens a browser on it, in English. Nothing is set up but its admin key, `ADMIN_KEY`. */
export async function startDashboard(changes: Partial<Config> = {}): Promise<Dashboard> {
  const keyturn = await startKeyturn(changes);
  try {
    const browser = await openChromium();
    const context = await browser.newContext({ locale: "en-US", viewport: DESKTOP, colorScheme: "light" });
    const page = await context.newPage();
    page.setDefaultTimeout(10_000);
    return new Dashboard(keyturn, browser, context, page);
  } catch (error) {
    await closeChromium();
    await keyturn[Symbol.asyncDispose]();
    throw error;
  }
}
