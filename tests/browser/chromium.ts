import { type Browser, chromium } from "playwright-core";

/** Where a Chromium is found, the first that is there: told, of the system, of Playwright's cache. */
async function findChromium(): Promise<string | undefined> {
  const home = Deno.env.get("HOME") ?? "";
  const places = [
    Deno.env.get("CHROME_PATH"),
    "/usr/bin/chromium",
    "/usr/bin/chromium-browser",
    "/usr/bin/google-chrome",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    ...await playwrightCache(`${home}/.cache/ms-playwright`),
  ];
  for (const place of places) {
    if (place !== undefined && await isFile(place)) return place;
  }
  return undefined;
}

/** The package holds a whole Chromium, packed: no rights and no system packages are needed. Its name is no literal, so that only who needs it fetches it. */
const PACKED_CHROMIUM = "npm:@sparticuz/chromium@153.0.0";

async function unpackChromium(): Promise<string> {
  const { default: packed }: { default: { executablePath(): Promise<string> } } = await import(
    PACKED_CHROMIUM
  );
  return await packed.executablePath();
}

/** What it takes to run as root in a container, and to ask nobody anything. */
const ARGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

let launched: Promise<Browser> | undefined;

/** One Chromium for all tests of a file: started by the first, closed by `closeChromium()`. */
export function openChromium(): Promise<Browser> {
  launched ??= launch();
  return launched;
}

export async function closeChromium(): Promise<void> {
  const browser = await launched;
  launched = undefined;
  await browser?.close();
}

async function launch(): Promise<Browser> {
  const executablePath = await findChromium() ?? await unpackChromium();
  return await chromium.launch({ executablePath, args: ARGS });
}

async function playwrightCache(folder: string): Promise<string[]> {
  const found: string[] = [];
  try {
    for await (const { name } of Deno.readDir(folder)) {
      if (!name.startsWith("chromium")) continue;
      found.push(`${folder}/${name}/chrome-linux/chrome`, `${folder}/${name}/chrome-linux/headless_shell`);
    }
  } catch (error) {
    // Most machines have no such cache.
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return found.sort().reverse();
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch {
    return false;
  }
}
