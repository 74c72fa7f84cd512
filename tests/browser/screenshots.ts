import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { NAVIGATION } from "../../views/navigation.ts";
import { startProgram } from "../cli/program.ts";
import { at, parsed } from "../support/keyturn_under_test.ts";
import { closeChromium, openChromium } from "./chromium.ts";

/** The few that the README shows; their names are its links. */
const SHOWN: readonly string[] = [
  "overview-light",
  "overview-dark",
  "overview-phone",
  "overview-zh",
  "keys-light",
  "keys-zh",
  "request-zh",
  "request-light",
  "usage-light",
];

const LOOKS = [
  { look: "light", colorScheme: "light", locale: "en-US", width: 1280, height: 860 },
  { look: "dark", colorScheme: "dark", locale: "en-US", width: 1280, height: 860 },
  { look: "phone", colorScheme: "light", locale: "en-US", width: 375, height: 812 },
  { look: "zh", colorScheme: "light", locale: "zh-CN", width: 1280, height: 860 },
] as const;

/** What fills the figures beside the demo's own load. */
const PROMPT = [{ role: "user", content: "Please say 40 words about turning keys" }];

/** A demo that runs, as its terminal tells of it. */
interface Demo {
  /** By the name that cookies are allowed under without https. */
  readonly origin: string;
  readonly password: string;
  readonly clientKey: string;
}

/**
 * Pictures of the dashboard in use: `deno task screenshots` lets the demo run for some minutes and writes those of the
 * README into docs/images/pages; `--all FOLDER` writes every page of the navigation, light, dark, on a phone and in
 * Chinese, into a folder. `--seconds N` lets it run for another time.
 */
async function main(): Promise<void> {
  const all = optionOf("--all");
  const seconds = Number(optionOf("--seconds") ?? 300);
  const folder = all ?? new URL("../../docs/images/pages", import.meta.url).pathname;
  const working = await Deno.makeTempDir({ prefix: "keyturn-screenshots-" });
  try {
    await Deno.mkdir(folder, { recursive: true });
    await using program = startProgram(working, ["demo"]);
    const [, url = ""] = await program.printed(/(http:\/\/\S+?)\/admin\b/);
    const [password] = await program.printed(/\bdemo-[0-9a-f-]{36}/);
    const [, clientKey = ""] = await program.printed(/Client key\s+(\S+)/);
    const demo = { origin: url.replace("127.0.0.1", "localhost"), password, clientKey };
    await furnish(demo);
    await useForAWhile(demo, seconds * 1000);
    await takePictures(demo, folder, all === undefined ? SHOWN : undefined);
  } finally {
    await closeChromium();
    await Deno.remove(working, { recursive: true });
  }
}

/** What an operator would have set up, so that no page of the pictures is empty. */
async function furnish({ origin, password }: Demo): Promise<void> {
  const made: readonly (readonly [path: string, body: unknown])[] = [
    ["groups", {
      slug: "chat",
      name: "Chat",
      members: [{ provider: "openai", weight: 3 }, { provider: "anthropic", tier: 1 }],
    }],
    ["aliases", { name: "fast", target: "openai/gpt-4o-mini" }],
    ["client-keys", {
      name: "Support desk",
      targets: ["openai", "chat"],
      limits: { requestsPerMinute: 60, tokensPerDay: 2_000_000 },
    }],
    ["client-keys", { name: "Nightly reports", limits: { nanoDollarsPerMonth: 25_000_000_000 } }],
  ];
  for (const [path, body] of made) {
    const response = await fetch(`${origin}/admin/${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", "x-admin-key": password },
      body: JSON.stringify(body),
    });
    const text = await response.text();
    assert.ok(response.ok, `POST /admin/${path} answered ${response.status} ${text}`);
  }
}

/** Some requests beside the demo's own, among them such that are translated. */
async function useForAWhile({ origin, clientKey }: Demo, forMs: number): Promise<void> {
  const endMs = performance.now() + forMs;
  const models = ["anthropic/claude-sonnet-4-5", "fast", "gemini/gemini-2.5-flash", "chat/gpt-4o-mini"];
  for (let turn = 0; performance.now() < endMs; turn++) {
    const response = await fetch(`${origin}/v1/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${clientKey}` },
      body: JSON.stringify({ model: models[turn % models.length], messages: PROMPT, max_tokens: 200 }),
    });
    await response.body?.cancel();
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}

/** Goes through the pages in every look; a page that fails is told, and the others are still shot. */
async function takePictures(
  demo: Demo,
  folder: string,
  wanted: readonly string[] | undefined,
): Promise<void> {
  const pages = [...navigationPages(), ...await pagesOfOne(demo)];
  const browser = await openChromium();
  for (const { look, width, height, ...locale } of LOOKS) {
    const shots = pages.filter(({ name }) => wanted?.includes(`${name}-${look}`) ?? true);
    if (shots.length === 0) continue;
    const context = await browser.newContext({ viewport: { width, height }, ...locale });
    try {
      const page = await context.newPage();
      page.setDefaultTimeout(15_000);
      await signIn(page, demo);
      for (const { name, path } of shots) {
        await shoot(page, demo.origin + path, `${folder}/${name}-${look}.png`);
      }
    } finally {
      await context.close();
    }
  }
}

async function shoot(page: Page, url: string, file: string): Promise<void> {
  const answer = await page.goto(url);
  if (answer === null || answer.status() >= 400) return say(`left out: ${url} answered ${answer?.status()}`);
  // Live parts and charts come once the page stands.
  await new Promise((resolve) => setTimeout(resolve, 700));
  const bytes = await page.screenshot({ path: file, animations: "disabled" });
  say(`${file}  ${Math.round(bytes.length / 1024)} KB`);
}

async function signIn(page: Page, { origin, password }: Demo): Promise<void> {
  await page.goto(`${origin}/admin/login`);
  await page.locator("input[type=text], input[name=name]").first().fill("admin");
  await page.locator("input[type=password]").first().fill(password);
  await page.locator("main button[type=submit], form[action^='/admin/login'] button").first().click();
  await page.waitForURL((url) => !url.pathname.startsWith("/admin/login"));
}

/** What of a page shows some minutes best. */
const QUERIES: Readonly<Record<string, string>> = { "/admin": "?range=1h", "/admin/usage": "?last=15m" };

function navigationPages(): { name: string; path: string }[] {
  return NAVIGATION.flatMap(({ links }) => links).map(({ path }) => ({
    name: path === "/admin" ? "overview" : path.slice("/admin/".length),
    path: path + (QUERIES[path] ?? ""),
  }));
}

/** Of one provider, one key and one request: the last one that took more than one attempt. */
async function pagesOfOne({ origin, password }: Demo): Promise<{ name: string; path: string }[]> {
  const get = async (path: string): Promise<unknown> => {
    const response = await fetch(origin + path, {
      headers: { accept: "application/json", "x-admin-key": password },
    });
    return parsed(await response.text());
  };
  const requests = at(await get("/admin/requests?limit=100"), "requests");
  const tried = Array.isArray(requests)
    ? requests.find((each) => {
      const attempts = at(each, "attempts");
      return Array.isArray(attempts) && attempts.length > 1;
    })
    : undefined;
  const keyId = at(await get("/admin/providers/openai/keys?limit=10"), "keys", 3, "id");
  return [
    { name: "provider", path: "/admin/providers/openai" },
    ...(typeof keyId === "string" ? [{ name: "key", path: `/admin/keys/${keyId}` }] : []),
    ...(tried === undefined ? [] : [{ name: "request", path: `/admin/requests/${at(tried, "id")}` }]),
  ];
}

function optionOf(name: string): string | undefined {
  const place = Deno.args.indexOf(name);
  return place === -1 ? undefined : Deno.args[place + 1];
}

function say(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(line + "\n"));
}

if (import.meta.main) await main();
