import assert from "node:assert/strict";
import { openDatabase } from "../../src/store/database.ts";
import { fileUrl } from "../../src/core/file_url.ts";
import { migrate, schemaVersion } from "../../src/store/migrations.ts";
import { listSettings, setSettings } from "../../src/store/settings_store.ts";
import { withDatabase, withFolder } from "./support.ts";

Deno.test("migrate() changes nothing the second time", () =>
  withDatabase(async (db) => {
    await setSettings(db, { language: "en" });
    const version = await schemaVersion(db);

    await migrate(db);

    assert.ok(version >= 1);
    assert.equal(await schemaVersion(db), version);
    assert.equal((await listSettings(db)).get("language"), "en");
  }));

Deno.test("migrate() refuses a schema that a newer program has made", () =>
  withDatabase(async (db) => {
    await db.write([{ sql: "INSERT INTO schema_versions (version) VALUES (999)" }]);

    await assert.rejects(migrate(db), {
      fault: "newer_schema",
      message: /^Cannot use database: its schema is version 999, this program knows up to \d+$/,
    });
  }));

Deno.test("migrate() may run in several instances at once", () =>
  withFolder(async (folder) => {
    const url = fileUrl(`${folder}/test.db`);
    const instances = [await openDatabase({ url }), await openDatabase({ url }), await openDatabase({ url })];

    await Promise.all(instances.map(migrate));

    for (const db of instances) {
      assert.equal((await listSettings(db)).size, 0);
      await db.close();
    }
  }));
