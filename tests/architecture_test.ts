import assert from "node:assert/strict";

/**
 * The house as docs and design have it: imports point inward only. A folder may import itself and the ranks
 * below its own, so that two folders of one rank know nothing of each other.
 */
const RANKS: readonly (readonly string[])[] = [
  ["src/core"],
  // What every folder may use, and core does not need.
  ["src/errors.ts", "src/log.ts"],
  [
    "src/access",
    "src/dialect",
    "src/imports",
    "src/pool",
    "src/store",
    "src/transport",
    "src/translate",
    "src/usage",
    "src/ticker.ts",
    "src/environment_kinds.ts",
    "views",
  ],
  ["src/proxy", "src/admin", "src/upkeep", "src/demo", "src/environment.ts"],
  ["src/app.ts", "src/config.ts", "src/front"],
  ["src/start"],
  ["src/keyturn.ts"],
  ["src/cli"],
  ["main.ts"],
];

/** What of the platform may be touched where. Everything is text, so a comment that names it counts, too. */
const PLATFORM: readonly { readonly what: RegExp; readonly where: readonly string[] }[] = [
  { what: /\bDeno\.(?:env|exit|addSignalListener|removeSignalListener|args)\b/, where: ["main.ts"] },
  { what: /\bprocess\.(?:env|exit|on)\b|\bfrom "node:process"/, where: [] },
  // The simulated providers are servers of their own, behind a gate that can break connections.
  {
    what: /\bDeno\.serve\(/,
    where: ["main.ts", "src/demo/simulated_server.ts", "src/front/inner_server.ts"],
  },
  { what: /\bDeno\.openKv\(/, where: ["src/store/kv.ts"] },
  { what: /"@libsql\/client/, where: ["src/store/database.ts", "src/store/data_folder.ts"] },
  {
    what: /\bDeno\.(?:connect|connectTls)\(/,
    where: ["src/transport/dial.ts", "src/demo/simulated_gate.ts", "src/front/inner_server.ts"],
  },
  { what: /^export default\b/m, where: [] },
];

/** Core knows no I/O, no clock, no randomness. */
const IMPURE =
  /\bDeno\.(?!customInspect)|\bfetch\(|\bDate\.now\(|\bMath\.random\(|\bset(?:Timeout|Interval)\(/;

const MAX_LINES = 400;
const LONG_LINES = 250;

interface Source {
  readonly path: string;
  readonly text: string;
}

const root = new URL("../", import.meta.url);

Deno.test("imports point inward only", async () => {
  const sources = await readSources();

  const wrong = sources.flatMap(({ path, text }) =>
    importsOf(path, text).filter((target) => !mayImport(path, target)).map((target) => `${path} -> ${target}`)
  );

  assert.deepEqual(wrong, []);
  assert.ok(sources.length > 100 && sources.some(({ path }) => path === "main.ts"), "the sources are read");
});

Deno.test("every source file has its place in the house", async () => {
  const homeless = (await readSources()).filter(({ path }) => rankOf(path) === undefined);

  assert.deepEqual(homeless.map(({ path }) => path), []);
});

Deno.test("mayImport() refuses an arrow that runs outward or sideways", () => {
  assert.ok(mayImport("src/proxy/relay.ts", "src/pool/key_pool.ts"));
  assert.ok(mayImport("src/pool/lanes.ts", "src/pool/key_pool.ts"));
  assert.ok(!mayImport("src/core/health.ts", "src/errors.ts"));
  assert.ok(!mayImport("src/pool/lanes.ts", "src/proxy/relay.ts"));
  assert.ok(!mayImport("src/usage/recorder.ts", "src/store/usage_store.ts"));
  assert.ok(!mayImport("src/admin/routes.ts", "src/upkeep/health_keeper.ts"));
  assert.ok(!mayImport("src/log.ts", "src/errors.ts"));
});

Deno.test("importsOf() sees static, dynamic, type and export-from imports", () => {
  const text = [
    `import { a } from "./a.ts";`,
    `import type { B } from "../core/b.ts";`,
    `export { c } from "./c.ts";`,
    `import "./d.ts";`,
    `const e = await import("./e.ts");`,
    `import { z } from "zod";`,
  ].join("\n");

  assert.deepEqual(importsOf("src/pool/x.ts", text), [
    "src/pool/a.ts",
    "src/core/b.ts",
    "src/pool/c.ts",
    "src/pool/d.ts",
    "src/pool/e.ts",
  ]);
});

Deno.test("the platform is touched only where it belongs", async () => {
  const wrong = (await readSources()).flatMap(({ path, text }) =>
    PLATFORM.filter(({ what, where }) => what.test(text) && !where.includes(path))
      .map(({ what }) => `${path} has ${what.source}`)
  );

  assert.deepEqual(wrong, []);
});

Deno.test("core is pure", async () => {
  const impure = (await readSources()).filter(({ path, text }) =>
    path.startsWith("src/core/") && IMPURE.test(withoutComments(text))
  );

  assert.deepEqual(impure.map(({ path }) => path), []);
});

Deno.test("no source file is longer than 400 lines", async () => {
  const lengths = (await readSources()).map(({ path, text }) => ({
    path,
    lines: text.split("\n").length - 1,
  }));

  const long = lengths.filter(({ lines }) => lines > LONG_LINES);

  if (long.length > 0) {
    const listed = long.map(({ path, lines }) => `  ${lines} ${path}\n`).join("");
    Deno.stdout.writeSync(new TextEncoder().encode(`\nlonger than ${LONG_LINES} lines:\n${listed}`));
  }
  assert.deepEqual(long.filter(({ lines }) => lines > MAX_LINES), []);
});

Deno.test("no file has a name that says nothing", async () => {
  const vague = (await readSources()).filter(({ path }) =>
    /[/_](?:manager|service|helpers?|utils?|common|handlers?|misc)(?:_|\.)|\/(?:index|mod)\.tsx?$/.test(path)
  );

  assert.deepEqual(vague.map(({ path }) => path), []);
});

function mayImport(from: string, to: string): boolean {
  const own = placeOf(from);
  const other = placeOf(to);
  if (own === undefined || other === undefined) return false;
  return own === other || (rankOf(from) ?? -1) > (rankOf(to) ?? Infinity);
}

/** The relative imports of a file, as paths from the root; packages and data files are left out. */
function importsOf(path: string, text: string): string[] {
  const specifiers = text.matchAll(/(?:\bfrom\s+|\bimport\s*\(?\s*)"(\.[^"]+\.tsx?)"/g);
  return [...specifiers].map(([, specifier = ""]) =>
    new URL(specifier, new URL(path, root)).href.slice(root.href.length)
  );
}

function placeOf(path: string): string | undefined {
  return RANKS.flat().find((place) => path === place || path.startsWith(`${place}/`));
}

function rankOf(path: string): number | undefined {
  const place = placeOf(path);
  return place === undefined ? undefined : RANKS.findIndex((places) => places.includes(place));
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
}

async function readSources(): Promise<Source[]> {
  const paths = ["main.ts", ...await listFiles("src"), ...await listFiles("views")];
  return await Promise.all(
    paths.map(async (path) => ({ path, text: await Deno.readTextFile(new URL(path, root)) })),
  );
}

async function listFiles(folder: string): Promise<string[]> {
  const found: string[] = [];
  try {
    for await (const { name, isDirectory } of Deno.readDir(new URL(folder, root))) {
      const path = `${folder}/${name}`;
      if (isDirectory) found.push(...await listFiles(path));
      else if (/\.tsx?$/.test(name)) found.push(path);
    }
  } catch (error) {
    // A folder of the design that is not built yet.
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return found.sort();
}
