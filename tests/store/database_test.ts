import assert from "node:assert/strict";
import { createClient } from "@libsql/client";
import { openDatabase } from "../../src/store/database.ts";
import { fileUrl } from "../../src/core/file_url.ts";
import { migrate } from "../../src/store/migrations.ts";
import { listSettings, setSettings } from "../../src/store/settings_store.ts";
import { readUntilKilled, startProgram, withDatabase, withFolder } from "./support.ts";

Deno.test("openDatabase() gives WAL, normal synchronisation and foreign keys", () =>
  withDatabase(async (db) => {
    const pragmas = await Promise.all(
      ["journal_mode", "synchronous", "foreign_keys"].map((name) => db.read(`PRAGMA ${name}`)),
    );

    assert.deepEqual(pragmas.map(([row]) => row && Object.values(row)[0]), ["wal", 1, 1]);
  }));

Deno.test("openDatabase() refuses a URL of unknown scheme, and :memory:", async () => {
  for (const url of ["mysql://host/db", "data/keyturn.db", "", "file::memory:", ":memory:"]) {
    await assert.rejects(openDatabase({ url }), { name: "StoreError", fault: "bad_url" });
  }
});

Deno.test("openDatabase() says that a file is no database", () =>
  withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/notes.txt`, "buy milk\n".repeat(200));

    await assert.rejects(openDatabase({ url: fileUrl(`${folder}/notes.txt`) }), {
      fault: "not_a_database",
      message: /notes\.txt: the file is not a database$/,
    });
  }));

Deno.test("openDatabase() says that the folder is missing or not writable", () =>
  withFolder(async (folder) => {
    for (const path of [`${folder}/none/keyturn.db`, "/proc/keyturn.db"]) {
      await assert.rejects(openDatabase({ url: fileUrl(path) }), {
        fault: "unavailable",
        message: /writable$/,
      });
    }
  }));

Deno.test("openDatabase() hides the credentials of a server's URL in its error", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();

  const opened = openDatabase({ url: `http://127.0.0.1:${port}/?authToken=hunter2`, authToken: "hunter3" });

  await assert.rejects(opened, (error: Error) => {
    assert.match(
      error.message,
      /^Cannot open database http:\/\/127\.0\.0\.1:\d+\/: the server does not answer/,
    );
    assert.doesNotMatch(error.message, /hunter/);
    return true;
  });
});

Deno.test("write() commits all statements or none", () =>
  withDatabase(async (db) => {
    const insert = "INSERT INTO settings (name, value) VALUES (?, 'v')";

    const written = db.write([{ sql: insert, args: ["a"] }, { sql: insert, args: ["a"] }]);

    await assert.rejects(written, { code: "SQLITE_CONSTRAINT" });
    assert.equal((await listSettings(db)).size, 0);
  }));

Deno.test("write() keeps the order of writes that are not awaited, and goes on after one that fails", () =>
  withDatabase(async (db) => {
    const writes = ["1", "2", "3"].map((value) => setSettings(db, { last: value }));
    const failed = db.write([{ sql: "INSERT INTO nowhere VALUES (1)" }]);
    const after = setSettings(db, { last: "4" });

    await assert.rejects(failed);
    await Promise.all([...writes, after]);

    assert.equal((await listSettings(db)).get("last"), "4");
  }));

Deno.test("a libSQL connection that met SQLITE_BUSY loses writes it has acknowledged (the fact openDatabase works around)", () =>
  withFolder(async (folder) => {
    const url = fileUrl(`${folder}/test.db`);
    const client = createClient({ url, timeout: 0, concurrency: 1 });
    const other = createClient({ url, timeout: 0, concurrency: 1 });
    await client.execute("PRAGMA journal_mode = wal");
    await client.execute("CREATE TABLE t (x)");
    const transaction = await other.transaction("write");
    await assert.rejects(client.execute("INSERT INTO t VALUES (1)"), { code: "SQLITE_BUSY" });
    await transaction.commit();

    const acknowledged = await client.execute("INSERT INTO t VALUES (2)");

    assert.equal(acknowledged.rowsAffected, 1);
    client.close();
    assert.equal((await other.execute("SELECT * FROM t")).rows.length, 0);
    other.close();
  }));

Deno.test("write() and read() work again, and nothing is lost, after another process kept the database busy", () =>
  withFolder(async (folder) => {
    const url = fileUrl(`${folder}/test.db`);
    const db = await openDatabase({ url, busyTimeoutMs: 10, patienceMs: 20 });
    await migrate(db);
    const other = createClient({ url, timeout: 0, concurrency: 1 });
    const transaction = await other.transaction("write");
    const refused = [setSettings(db, { a: "1" }), setSettings(db, { b: "1" })];
    const read = db.read("SELECT 1 AS one");
    const outcomes = await Promise.allSettled(refused);
    await transaction.commit();

    await setSettings(db, { c: "1" });

    assert.deepEqual(outcomes.map(({ status }) => status), ["rejected", "rejected"]);
    assert.equal((await read).length, 1);
    assert.deepEqual([...await listSettings(db)], [["c", "1"]]);
    const seen = await other.execute("SELECT name FROM settings");
    assert.deepEqual(seen.rows.map((row) => row.name), ["c"]);
    other.close();
    await db.close();
  }));

Deno.test("close() waits for the writes under way, and may be called twice", () =>
  withFolder(async (folder) => {
    const url = fileUrl(`${folder}/test.db`);
    const db = await openDatabase({ url });
    await migrate(db);
    const writes = ["a", "b", "c"].map((name) => setSettings(db, { [name]: "1" }));

    await db.close();
    await db.close();

    await Promise.all(writes);
    await assert.rejects(setSettings(db, { d: "1" }));
    const again = await openDatabase({ url });
    assert.equal((await listSettings(again)).size, 3);
    await again.close();
  }));

Deno.test("write() loses nothing it has acknowledged when the process is killed", () =>
  withFolder(async (folder) => {
    const url = fileUrl(`${folder}/test.db`);
    const first = await openDatabase({ url });
    await migrate(first);
    await first.close();

    const acknowledged = await readUntilKilled(
      startProgram("program_writes.ts", url),
      (lines) => lines.length >= 300,
    );

    const db = await openDatabase({ url });
    const stored = await listSettings(db);
    await db.close();
    assert.ok(acknowledged.length >= 300);
    assert.deepEqual(acknowledged.filter((name) => !stored.has(name)), []);
  }));
