import assert from "node:assert/strict";
import { type Ended, runProgram, startProgram, withWorkingFolder } from "./program.ts";

const LISTENS = /Keyturn listens on (http:\/\/\S+)/;

/** One line for the operator, and no stack. */
function assertOneLine({ stderr }: Ended, pattern: RegExp): void {
  assert.match(stderr, pattern);
  assert.equal(stderr.trimEnd().split("\n").length, 1, stderr);
}

async function names(folder: string): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name).toSorted();
}

Deno.test("main.ts tells help and version with 0, and an unknown command with 2 and the usage", () =>
  withWorkingFolder(async (folder) => {
    const [help, version, unknown] = await Promise.all([
      runProgram(folder, ["--help"]),
      runProgram(folder, ["--version"]),
      runProgram(folder, ["nonsense"]),
    ]);

    assert.deepEqual([help.code, version.code, unknown.code], [0, 0, 2]);
    assert.match(help.stdout, /keyturn demo/);
    assert.match(version.stdout, /^keyturn \d+\.\d+\.\d+\n$/);
    assert.match(unknown.stderr, /^keyturn: unknown command "nonsense"\n\n.*keyturn \[serve\]/s);
    assert.equal(unknown.stdout, "");
    assert.deepEqual(await names(folder), [], "none of them makes anything");
  }));

Deno.test("main.ts ends with 78 and one line a fault when the configuration is wrong", () =>
  withWorkingFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/.env`, "LOG_LEVEL=loud\n");

    const ended = await runProgram(folder, [], {
      BACKEND_PORT: "sk-planted-0123456789",
      PORT: "",
      JWT_SECRET: "planted-secret",
    });

    assert.equal(ended.code, 78);
    const [head, ...faults] = ended.stderr.trimEnd().split("\n");
    assert.equal(head, "keyturn: Cannot read the configuration: 3 wrong values");
    assert.deepEqual(faults.map((fault) => fault.trim().split(":")[0]), [
      "BACKEND_PORT",
      "LOG_LEVEL",
      "JWT_SECRET",
    ]);
    assert.ok(!ended.stderr.includes("planted"), "not even a secret in the wrong place");
    assert.deepEqual(await names(folder), [".env"]);
  }));

Deno.test("main.ts ends with 78 when .env is no file", () =>
  withWorkingFolder(async (folder) => {
    await Deno.mkdir(`${folder}/.env`);

    const ended = await runProgram(folder, []);

    assert.equal(ended.code, 78);
    assert.match(ended.stderr, /\.env: cannot be read/);
  }));

Deno.test("main.ts prints the admin key at its first start only, and ends with 0 on SIGTERM", () =>
  withWorkingFolder(async (folder) => {
    await using first = startProgram(folder, []);
    const url = (await first.printed(LISTENS))[1] ?? "";
    const key = (await first.printed(/Admin key, shown this once: (\S+)/))[1] ?? "";
    const answer = await fetch(`${url}/admin/status`, { headers: { "x-admin-key": key } });
    await answer.body?.cancel();
    const firstEnd = await first.stop();

    await using second = startProgram(folder, ["serve"]);
    await second.printed(LISTENS);
    const secondEnd = await second.stop();

    assert.equal(answer.status, 200);
    assert.deepEqual([firstEnd.code, secondEnd.code], [0, 0]);
    assert.match(firstEnd.stdout, /The proxy is closed/);
    assert.equal(firstEnd.stdout.split(key).length - 1, 2, "in a line of its own, and in the link");
    assert.ok(!secondEnd.stdout.includes("Admin key") && !secondEnd.stdout.includes(key));
    assert.ok((await names(`${folder}/data`)).includes("keyturn.db"));
  }));

Deno.test("main.ts reads .env, which overrides nothing that is set", () =>
  withWorkingFolder(async (folder) => {
    const ofFile = ["DATA_DIR=./from-file", "PORT=1", "GLOBAL_PROXY_KEYS='client-key-of-file'"];
    await Deno.writeTextFile(`${folder}/.env`, ofFile.join("\n"));

    await using program = startProgram(folder, [], { PORT: "0" });
    await program.printed(LISTENS);
    const ended = await program.stop();

    assert.equal(ended.code, 0, ended.stderr);
    assert.ok(!ended.stdout.includes("The proxy is closed"), "the client key of the file is used");
    assert.deepEqual(await names(folder), [".env", "from-file"]);
  }));

Deno.test("main.ts ends with 1 and one line when its port is taken, and has made nothing", () =>
  withWorkingFolder(async (folder) => {
    using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });

    const ended = await runProgram(folder, [], { PORT: String(taken.addr.port) });

    assert.equal(ended.code, 1);
    assertOneLine(ended, /^keyturn: Cannot listen on 127\.0\.0\.1:\d+: something else listens there/);
    // A password that was made here would never have been shown.
    assert.deepEqual(await names(folder), []);
  }));

Deno.test("main.ts ends with 1 and one line for an address that this machine does not have", () =>
  withWorkingFolder(async (folder) => {
    const ended = await runProgram(folder, [], { HOST: "192.0.2.1" });

    assert.equal(ended.code, 1);
    assertOneLine(ended, /^keyturn: Cannot listen on 192\.0\.2\.1:0: this machine has no such address/);
  }));

Deno.test("main.ts ends with 1 and one line when another process owns the data folder", () =>
  withWorkingFolder(async (folder) => {
    await using owner = startProgram(folder, []);
    await owner.printed(LISTENS);

    const ended = await runProgram(folder, []);

    assert.equal(ended.code, 1);
    assertOneLine(ended, /^keyturn: Cannot open data folder \.\/data: process \d+ uses it\n$/);
  }));

Deno.test("main.ts ends with 1 and one line for stores that it cannot open", () =>
  withWorkingFolder(async (folder) => {
    await Deno.writeTextFile(
      `${folder}/garbage`,
      "this is no database, and long enough to be seen as none. ".repeat(20),
    );
    await Deno.writeTextFile(`${folder}/plain`, "");
    const cases: [variables: Record<string, string>, pattern: RegExp][] = [
      [
        { DATABASE_PATH: "garbage" },
        /^keyturn: Cannot open database file:garbage: the file is not a database/,
      ],
      [{ DATABASE_PATH: "nowhere/x.db" }, /^keyturn: Cannot open database file:nowhere\/x\.db: its folder/],
      [{ KV_URL: "garbage" }, /^keyturn: Cannot open Deno KV garbage: it is not writable or no KV database/],
      [{ DATA_DIR: "plain" }, /^keyturn: Cannot open data folder plain: it cannot be made or is no folder/],
      [
        { MASTER_KEY: "00".repeat(32) },
        /^keyturn: Cannot use master key from the environment: it is a default/,
      ],
      [
        { MASTER_KEY_FILE: "garbage" },
        /^keyturn: Cannot use master key in garbage: it must be 32 random bytes/,
      ],
      [{ MASTER_KEY_FILE: "." }, /^keyturn: Cannot read master key/],
    ];

    for (const [variables, pattern] of cases) {
      const ended = await runProgram(folder, [], variables);

      assert.equal(ended.code, 1, ended.stderr);
      assertOneLine(ended, pattern);
    }
  }));
