import assert from "node:assert/strict";
import { fileUrl } from "../../src/core/file_url.ts";
import { openDatabase } from "../../src/store/database.ts";
import { at } from "../support/keyturn_under_test.ts";
import { type Ended, runProgram, withWorkingFolder } from "./program.ts";
import { startServing, statusOf } from "./running.ts";

const PROVIDER = { dialect: "rest", baseUrl: "https://upstream.example", credential: { kind: "bearer" } };

function assertRefused({ code, stdout, stderr }: Ended, pattern: RegExp): void {
  assert.equal(code, 1, stdout + stderr);
  assert.match(stderr, pattern);
  assert.equal(stderr.trimEnd().split("\n").length, 1, stderr);
}

const namesIn = (folder: string) => [...Deno.readDirSync(folder)].map(({ name }) => name).toSorted();

Deno.test("keyturn backup is whole while a server writes, and keyturn restore brings all of it back", () =>
  withWorkingFolder(async (folder) => {
    let clientKey = "";
    {
      await using server = await startServing(folder);
      await server.admin("POST", "/admin/providers", { slug: "kept", ...PROVIDER });
      await server.admin("POST", "/admin/providers/kept/keys", { keys: ["key-0000001", "key-0000002"] });
      clientKey = String(at(await server.admin("POST", "/admin/client-keys", { name: "ci" }), "key"));
      let isOver = false;
      const writing = (async () => {
        for (let count = 0; !isOver; count++) {
          await server.admin("POST", "/admin/providers", { slug: `late-${count}`, ...PROVIDER });
        }
      })();

      const backup = await runProgram(folder, ["backup", "copy.db"]);
      isOver = true;
      await writing;
      const again = await runProgram(folder, ["backup", "copy.db"]);
      const whileItRuns = await runProgram(folder, ["restore", "copy.db"]);

      assert.equal(backup.code, 0, backup.stderr);
      assert.match(backup.stdout, /^copy\.db: \d+ bytes, whole\. It opens only with the master key/);
      assert.equal((Deno.statSync(`${folder}/copy.db`).mode ?? 0) & 0o777, 0o600);
      assertRefused(again, /^keyturn: Cannot write copy\.db: it exists already\n$/);
      assertRefused(whileItRuns, /^keyturn: Cannot open data folder \.\/data: process \d+ uses it\n$/);
      await server.admin("DELETE", "/admin/providers/kept");
    }

    const restored = await runProgram(folder, ["restore", "copy.db"]);

    assert.equal(restored.code, 0, restored.stderr);
    assert.match(restored.stdout, /The database that was there is (\S+) now\./);
    await using server = await startServing(folder);
    const keys = await server.admin("GET", "/admin/providers/kept/keys");
    assert.equal(JSON.stringify(keys).match(/"lastFour"/g)?.length, 2);
    assert.equal(await statusOf(`${server.url}/v1/models`, { authorization: `Bearer ${clientKey}` }), 200);
    assert.deepEqual(namesIn(folder), ["copy.db", "data"], "nothing lies about");
  }));

Deno.test("keyturn restore takes the master key from before a rotation back", () =>
  withWorkingFolder(async (folder) => {
    {
      await using server = await startServing(folder);
      await server.admin("POST", "/admin/providers", { slug: "kept", ...PROVIDER });
      await server.admin("POST", "/admin/providers/kept/keys", { keys: ["key-0000001"] });
    }
    await runProgram(folder, ["backup", "copy.db"]);
    await runProgram(folder, ["rotate-secret"]);

    const restored = await runProgram(folder, ["restore", "copy.db"]);

    assert.equal(restored.code, 0, restored.stderr);
    assert.match(restored.stdout, /sealed with a master key of before: run `keyturn rotate-secret`/);
    const looked = await runProgram(folder, ["doctor"]);
    assert.match(looked.stdout, /fits the database and opens all 1 provider keys/);
  }));

Deno.test("keyturn restore refuses what it cannot use, and leaves the database as it was", () =>
  withWorkingFolder(async (folder) => {
    {
      await using server = await startServing(folder);
      await server.admin("POST", "/admin/providers", { slug: "kept", ...PROVIDER });
    }
    const other = `${folder}/other`;
    await Deno.mkdir(other);
    {
      await using _server = await startServing(other);
    }
    await runProgram(other, ["backup", "../foreign.db"]);
    await runProgram(folder, ["backup", "newer.db"]);
    await write(`${folder}/newer.db`, "INSERT INTO schema_versions (version) VALUES (999)");
    await write(`${folder}/stranger.db`, "CREATE TABLE recipes (id INTEGER)");
    await Deno.writeTextFile(`${folder}/text.db`, "this is no database. ".repeat(100));
    const before = await Deno.readFile(`${folder}/data/keyturn.db`);

    for (
      const [file, pattern] of [
        ["missing.db", /^keyturn: Cannot read missing\.db: there is no such file\n$/],
        [
          "foreign.db",
          /^keyturn: Cannot use the backup: it was written with another master key; put that one back\n$/,
        ],
        [
          "newer.db",
          /^keyturn: Cannot use database: its schema is version 999, this program knows up to \d+\n$/,
        ],
        ["stranger.db", /^keyturn: Cannot use .*: it is no database of Keyturn\n$/],
        ["text.db", /^keyturn: Cannot open database .*: the file is not a database\n$/],
      ] as const
    ) {
      assertRefused(await runProgram(folder, ["restore", file]), pattern);
    }

    assert.deepEqual(await Deno.readFile(`${folder}/data/keyturn.db`), before);
    assert.ok(
      !namesIn(`${folder}/data`).some((name) => name.includes("restored")),
      "no half of it lies about",
    );
  }));

Deno.test("keyturn serve refuses a database of a newer program in one line", () =>
  withWorkingFolder(async (folder) => {
    {
      await using _server = await startServing(folder);
    }
    await write(`${folder}/data/keyturn.db`, "INSERT INTO schema_versions (version) VALUES (999)");

    const ended = await runProgram(folder, []);

    assertRefused(
      ended,
      /^keyturn: Cannot use database: its schema is version 999, this program knows up to \d+\n$/,
    );
  }));

Deno.test("keyturn backup and restore leave a database on a server to its server", () =>
  withWorkingFolder(async (folder) => {
    const variables = { DATABASE_URL: "http://127.0.0.1:9" };

    const [backup, restore] = await Promise.all([
      runProgram(folder, ["backup", "copy.db"], variables),
      runProgram(folder, ["restore", "copy.db"], variables),
    ]);

    assertRefused(
      backup,
      /^keyturn: Cannot back up a database on a server: use what its server has for that\n$/,
    );
    assertRefused(
      restore,
      /^keyturn: Cannot restore a database on a server: use what its server has for that\n$/,
    );
    assert.deepEqual(namesIn(folder), []);
  }));

async function write(path: string, sql: string): Promise<void> {
  const db = await openDatabase({ url: fileUrl(path) });
  await db.write([{ sql }]);
  await db.read("PRAGMA journal_mode = delete");
  await db.close();
}
