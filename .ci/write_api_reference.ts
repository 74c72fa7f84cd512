import { at, startKeyturn } from "../tests/support/keyturn_under_test.ts";

/** Begin and end of what is written; what stands around it in docs/api.md is written by hand. */
const BEGIN = "<!-- routes: begin (deno task api) -->";
const END = "<!-- routes: end -->";

/** Headings, and the OpenAPI tags whose routes stand under them; a tag that is in none comes last. */
const SECTIONS: readonly (readonly [heading: string, tags: readonly string[]])[] = [
  ["The process", ["health", "app", "openapi", "overview", "running", "start"]],
  ["Providers", ["preset", "provider"]],
  ["Provider keys", ["key", "key_change", "status", "quota"]],
  ["Groups and aliases", ["group", "alias"]],
  ["Client keys", ["client_key"]],
  ["Import and export", ["import", "export"]],
  ["Statistics, requests, prices", ["usage", "request", "price", "repricing"]],
  ["Trying out", ["playground", "route", "rules"]],
  ["People, settings, audit", [
    "setup",
    "session",
    "preferences",
    "password",
    "user",
    "token",
    "settings",
    "audit",
  ]],
];

/** One line of a table. */
interface RouteLine {
  readonly methods: readonly string[];
  readonly path: string;
  readonly tag: string;
  readonly takes: string;
  readonly role: string;
  readonly does: string;
}

/** The routes of an OpenAPI document as Markdown tables, one for each section that has any. */
export function describeRoutes(document: unknown): string {
  const lines = routeLines(document);
  const known = new Set(SECTIONS.flatMap(([, tags]) => tags));
  const others = [...new Set(lines.map(({ tag }) => tag))].filter((tag) => !known.has(tag));
  return [...SECTIONS, ["Others", others] as const].flatMap(([heading, tags]) => {
    const rows = lines.filter(({ tag }) => tags.includes(tag));
    if (rows.length === 0) return [];
    return [
      `### ${heading}\n`,
      "| route | takes | who | does |",
      "| --- | --- | --- | --- |",
      ...rows.map(({ methods, path, takes, role, does }) =>
        `| \`${methods.join(", ")} ${path}\` | ${takes} | ${role} | ${does} |`
      ),
      "",
    ];
  }).join("\n");
}

/** What stands between the marks is replaced. @throws {Error} when they are not there. */
export function putBetweenMarks(text: string, written: string): string {
  const [before, rest] = text.split(BEGIN);
  const after = rest?.split(END)[1];
  if (after === undefined) throw new Error(`Cannot write the routes: ${BEGIN} and ${END} are not both there`);
  return `${before}${BEGIN}\n\n${written}\n${END}${after}`;
}

/** `PUT` and `PATCH` of one path that do the same are one line. */
function routeLines(document: unknown): RouteLine[] {
  const lines: RouteLine[] = [];
  for (const [path, operations] of Object.entries(Object(at(document, "paths")))) {
    for (const [method, operation] of Object.entries(Object(operations))) {
      const line = routeLine(method.toUpperCase(), path, operation);
      const same = lines.findIndex((each) =>
        each.path === path && each.does === line.does && each.takes === line.takes
      );
      const found = lines[same];
      if (found === undefined) lines.push(line);
      else lines[same] = { ...found, methods: [...found.methods, ...line.methods] };
    }
  }
  return lines;
}

function routeLine(method: string, path: string, operation: unknown): RouteLine {
  const role = /role (\w+)/.exec(textAt(operation, "description"))?.[1] ?? "anyone";
  const parameters = at(operation, "parameters");
  const query = (Array.isArray(parameters) ? parameters : [])
    .filter((each) => at(each, "in") === "query")
    .map((each) => textAt(each, "name"));
  const schema = at(operation, "requestBody", "content", "application/json", "schema");
  const required = at(schema, "required");
  const body = Object.keys(Object(at(schema, "properties")))
    .map((name) => Array.isArray(required) && required.includes(name) ? `**${name}**` : name);
  return {
    methods: [method],
    path,
    tag: textAt(operation, "tags", 0),
    takes: [query.length > 0 ? `?${query.join(", ")}` : "", body.join(", ")].filter(Boolean).join("; "),
    role,
    does: textAt(operation, "summary") + answersBeside(operation),
  };
}

/** What is not JSON (or a page, which all have that a person looks at). */
function answersBeside(operation: unknown): string {
  const types = Object.values(Object(at(operation, "responses")))
    .flatMap((response) => Object.keys(Object(at(response, "content"))));
  const named = { "text/event-stream": "events", "text/csv": "CSV", "application/x-ndjson": "NDJSON" };
  const beside = Object.entries(named).filter(([type]) => types.includes(type)).map(([, name]) => name);
  return beside.length === 0 ? "" : ` (${beside.join(", ")})`;
}

function textAt(value: unknown, ...path: (string | number)[]): string {
  return String(at(value, ...path) ?? "");
}

async function readDocument(): Promise<unknown> {
  await using keyturn = await startKeyturn();
  return await keyturn.admin("GET", "/admin/openapi.json");
}

/** As `deno fmt` writes it, so that both can be checked. */
async function formatted(markdown: string): Promise<string> {
  const command = new Deno.Command(Deno.execPath(), {
    args: ["fmt", "--ext", "md", "-"],
    stdin: "piped",
    stdout: "piped",
  });
  const child = command.spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(markdown));
  await writer.close();
  const { success, stdout } = await child.output();
  if (!success) throw new Error("Cannot format docs/api.md: deno fmt failed");
  return new TextDecoder().decode(stdout);
}

/**
 * Writes the tables of routes in docs/api.md from the OpenAPI document of a Keyturn that is started for it. With
 * `--check` it only looks, and ends with status 1 when the file is not what would be written.
 */
if (import.meta.main) {
  const file = new URL("../docs/api.md", import.meta.url);
  const text = await Deno.readTextFile(file);
  const written = await formatted(putBetweenMarks(text, describeRoutes(await readDocument())));
  if (!Deno.args.includes("--check")) await Deno.writeTextFile(file, written);
  else if (written !== text) {
    Deno.stderr.writeSync(new TextEncoder().encode("docs/api.md is old: run deno task api\n"));
    Deno.exit(1);
  }
}
