import assert from "node:assert/strict";

const ROOT = new URL("../", import.meta.url);
const DOCUMENTS = [
  "README.md",
  ...markdownIn("docs"),
  ...markdownIn("docs/decisions"),
  ...markdownIn(".github"),
];

Deno.test("every link of a document leads to a file, and to a heading of it", () => {
  const broken = DOCUMENTS.flatMap((document) =>
    linksOf(document).filter((link) => !leadsSomewhere(document, link)).map((link) => `${document}: ${link}`)
  );

  assert.deepEqual(broken, []);
});

Deno.test("every test that a document names is there", () => {
  const tests = [...filesIn("tests")].filter((path) => path.endsWith("_test.ts"));

  const missing = DOCUMENTS.flatMap((document) =>
    [...read(document).matchAll(/`([\w/]*\w+_test\.ts)`/g)]
      .map(([, name = ""]) => name)
      .filter((name) => !tests.some((path) => path.endsWith(`/${name}`) || path === name))
      .map((name) => `${document}: ${name}`)
  );

  assert.deepEqual(missing, []);
});

Deno.test("docs/security.md has each promise from E1 to E16, with tests", () => {
  const text = read("docs/security.md");

  const sections = text.split(/^## /m).slice(1);
  const numbers = sections.flatMap((section) =>
    [...(section.split("\n")[0] ?? "").matchAll(/\bE(\d+)\b/g)].map(([, number]) => Number(number))
  );
  const untested = sections.filter((section) => /^E\d/.test(section) && !/_test\.ts`/.test(section));

  assert.deepEqual(numbers, Array.from({ length: 16 }, (_, index) => index + 1));
  assert.deepEqual(untested, []);
});

Deno.test("docs/operate.md has every event that is logged, and every setting that it names exists", () => {
  const operate = read("docs/operate.md");
  const example = read(".env.example");

  const logged = [...filesIn("src")].flatMap((path) =>
    [...read(path).matchAll(/\blog\.(?:error|warn|info)\(\s*"([\w.]+)"/g)].map(([, event = ""]) => event)
  );
  const told = (event: string) =>
    operate.includes(`\`${event}\``) || operate.includes(`\`${event.split(".")[0]}.…\``);
  const settings = [...operate.matchAll(/`([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)(?:=[^`]*)?`/g)].map((
    [, name = ""],
  ) => name);

  assert.ok(logged.length > 20, "the pattern finds what is logged");
  assert.deepEqual([...new Set(logged)].filter((event) => !told(event)), []);
  assert.deepEqual(settings.filter((name) => !example.includes(name) && !OF_OTHERS.includes(name)), []);
});

/** Variables that are not read by Keyturn itself. */
const OF_OTHERS: readonly string[] = [
  "OTEL_EXPORTER_OTLP_ENDPOINT",
  "DENO_KV_ACCESS_TOKEN",
  "DENO_DEPLOY",
  "LIBSQL_JS_DEV",
];

function read(path: string): string {
  return Deno.readTextFileSync(new URL(path, ROOT));
}

function markdownIn(folder: string): string[] {
  return [...Deno.readDirSync(new URL(folder, ROOT))]
    .filter(({ name }) => name.endsWith(".md"))
    .map(({ name }) => `${folder}/${name}`)
    .sort();
}

function* filesIn(folder: string): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(new URL(folder, ROOT))) {
    if (isDirectory) yield* filesIn(`${folder}/${name}`);
    else yield `${folder}/${name}`;
  }
}

/** Targets of links, pictures and HTML's own, without those on other hosts; what stands in code is none. */
function linksOf(document: string): string[] {
  const prose = read(document).replace(/```[\s\S]*?```/g, "").replace(/`[^`\n]*`/g, "");
  return [
    ...prose.matchAll(/\]\(([^)\s]+)\)/g),
    ...prose.matchAll(/\b(?:src|srcset|href)="([^"]+)"/g),
    ...prose.matchAll(/^\[[^\]]+\]: (\S+)$/gm),
  ].map(([, target = ""]) => target).filter((target) => !/^[a-z]+:/.test(target));
}

function leadsSomewhere(document: string, link: string): boolean {
  const [path = "", anchor] = link.split("#");
  const target = path === "" ? new URL(document, ROOT) : new URL(path, new URL(document, ROOT));
  try {
    const { isDirectory } = Deno.statSync(target);
    return anchor === undefined || (!isDirectory && anchorsOf(Deno.readTextFileSync(target)).has(anchor));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** As GitHub makes them: lower case, punctuation gone, spaces to hyphens. */
function anchorsOf(markdown: string): Set<string> {
  const headings = markdown.replace(/```[\s\S]*?```/g, "").matchAll(/^#+ (.+)$/gm);
  return new Set(
    [...headings].map(([, heading = ""]) =>
      heading.toLowerCase().replace(/[^\p{L}\p{N}\s_-]/gu, "").replaceAll(" ", "-")
    ),
  );
}
