import assert from "node:assert/strict";
import { readArguments } from "../../src/cli/arguments.ts";
import { at, listAt } from "../support/admin_under_test.ts";
import { type Ended, runProgram, withWorkingFolder } from "./program.ts";
import { startServing } from "./running.ts";

const FIXTURES = new URL("../fixtures/imports/", import.meta.url).pathname;

function assertRefused({ code, stderr }: Ended, pattern: RegExp): void {
  assert.notEqual(code, 0);
  assert.match(stderr, pattern);
  assert.equal(stderr.trimEnd().split("\n").length, 1, stderr);
}

Deno.test("keyturn import takes another product over while a server runs, and keyturn export takes it on", () =>
  withWorkingFolder(async (folder) => {
    await using server = await startServing(folder);
    const file = `${FIXTURES}gpt_load.json`;

    const dry = await runProgram(folder, ["import", file, "--dry-run"]);
    const before = listAt(await server.admin("GET", "/admin/providers"), "providers");
    const imported = await runProgram(folder, ["import", file, "--tag", "moved", "--client-keys"]);
    const again = await runProgram(folder, ["import", file]);
    const exported = await runProgram(folder, ["export", "out.json", "--plain"]);
    const twice = await runProgram(folder, ["export", "out.json", "--plain"]);

    assert.equal(dry.code, 0, dry.stderr);
    assert.match(
      dry.stdout,
      /^Recognised as: gpt-load\n {2}gemini-free: 2 keys into a new provider gemini-free/,
    );
    assert.match(dry.stdout, /Nothing is changed: this was a dry run\.\n$/);
    assert.deepEqual(before, []);
    assert.equal(imported.code, 0, imported.stderr);
    assert.match(imported.stdout, /gemini-free \(new\): 2 added, 0 there already/);
    assert.match(imported.stdout, /Also added: 1 group, 1 client key\./);
    assert.match(imported.stdout, /groups\[0\]\.upstreams \(mirror\.example\): A provider has one base URL/);
    assert.match(again.stdout, /gemini-free: 0 added, 2 there already/);
    const keys = listAt(await server.admin("GET", "/admin/providers/gemini-free/keys"), "keys");
    assert.deepEqual(keys.map((key) => at(key, "tags")), [["moved"], ["moved"]], "the server knows of them");
    assert.equal((Deno.statSync(`${folder}/out.json`).mode ?? 0) & 0o777, 0o600);
    assert.match(exported.stdout, /^out\.json: 3 provider keys of 2 providers, in clear\n$/);
    assertRefused(twice, /^keyturn: Cannot write out\.json: it exists already\n$/);
    const audit = listAt(await server.admin("GET", "/admin/audit?action=import.run"), "entries");
    assert.deepEqual(audit.map((entry) => at(entry, "actorKind")), ["command", "command"]);
    for (const { stdout } of [dry, imported, again, exported]) assert.ok(!stdout.includes("Fixture"), stdout);
  }));

Deno.test("keyturn import tells in one line what it cannot read", () =>
  withWorkingFolder(async (folder) => {
    await using _server = await startServing(folder);
    await Deno.writeTextFile(`${folder}/broken.json`, '{"key": "planted-0001"}\n{oops');
    await Deno.writeTextFile(`${folder}/nothing.txt`, "house-key-0001\n");

    const missing = await runProgram(folder, ["import", "nowhere.txt"]);
    const broken = await runProgram(folder, ["import", "broken.json"]);
    const stranger = await runProgram(folder, ["import", "nothing.txt", "--provider", "nobody"]);
    const untold = await runProgram(folder, ["import", "nothing.txt"]);
    const sealed = await runProgram(folder, ["export", "sealed.json"]);

    assertRefused(missing, /^keyturn: Cannot import nowhere\.txt: there is no such file\n$/);
    assertRefused(broken, /^keyturn: Cannot read the import: it is not valid JSON \(line 2\)\n$/);
    assertRefused(stranger, /"nobody" is no provider's slug, and no known provider's/);
    assert.equal(untold.code, 1);
    assert.match(untold.stdout, /say whose they are with --provider SLUG/);
    assertRefused(sealed, /no terminal/);
    for (const { stdout, stderr } of [broken, stranger, untold]) {
      assert.ok(!`${stdout}${stderr}`.includes("0001"));
    }
  }));

Deno.test("keyturn import makes no database where there is none", () =>
  withWorkingFolder(async (folder) => {
    const ended = await runProgram(folder, ["import", `${FIXTURES}text.txt`]);

    assertRefused(ended, /there is none yet/);
  }));

Deno.test("readArguments() reads the words of import and export", () => {
  const cases: [args: readonly string[], options: Record<string, unknown> | string][] = [
    [["import", "a.txt"], { file: "a.txt", tags: [], isDryRun: false, withClientKeys: false }],
    [["import", "--tag=a", "-", "--tag", "b", "--dry-run", "--client-keys", "--provider", "groq"], {
      file: "-",
      provider: "groq",
      tags: ["a", "b"],
      isDryRun: true,
      withClientKeys: true,
    }],
    [["import"], "import takes the path of one file"],
    [["import", "a", "b"], "import takes the path of one file"],
    [["import", "a", "--force"], "import has no option --force"],
    [["import", "a", "--tag"], "import --tag takes a value"],
    [["import", "-", "--password-stdin"], "import cannot read both from standard input"],
    [["export", "a.json", "--plain", "--tag", "x"], { file: "a.json", tag: "x", isPlain: true }],
    [["export"], "export takes the path of one file"],
  ];

  for (const [args, expected] of cases) {
    const command = readArguments(args);

    if (typeof expected === "string") {
      assert.equal(command, expected);
      continue;
    }
    const options = Object(at(command, "options"));
    assert.deepEqual({ ...options, ...expected }, options, args.join(" "));
  }
});
