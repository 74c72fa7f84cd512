import assert from "node:assert/strict";
import { Secret } from "../../src/core/secret.ts";
import { createClientKey, findClientKey } from "../../src/store/client_key_store.ts";
import { type Database, openDatabase } from "../../src/store/database.ts";
import { fileUrl } from "../../src/core/file_url.ts";
import { createGroup } from "../../src/store/group_store.ts";
import { migrate, schemaVersion } from "../../src/store/migrations.ts";
import { createProvider, findProvider, listProviders, setProvider } from "../../src/store/provider_store.ts";
import { listSettings, setSettings } from "../../src/store/settings_store.ts";
import { DEFAULTS, DRAFT, testStamp, withDatabase, withFolder } from "./support.ts";

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

Deno.test("migrate() takes a database of the first version over with all that is in it", () =>
  withDatabase(async (db) => {
    const stamp = testStamp();
    const provider = await createProvider(db, { ...DRAFT, modelMap: {}, prices: {} }, DEFAULTS, stamp);
    const { clientKey } = await createClientKey(
      db,
      String,
      { name: "CI", secret: new Secret("kt-old") },
      stamp,
    );
    await undoSecondMigration(db);

    await migrate(db);

    assert.deepEqual(await findProvider(db, provider.id, DEFAULTS), provider);
    assert.deepEqual(await findClientKey(db, clientKey.id), { clientKey, hash: "kt-old" });
    const group = {
      slug: provider.slug,
      name: "x",
      isEnabled: true,
      strategy: "random" as const,
      members: [],
    };
    await assert.rejects(createGroup(db, group, stamp), { fault: "taken" }, "its slug is known to be taken");
  }));

Deno.test("migrate() takes providers of the second version over, without prices", () =>
  withDatabase(async (db) => {
    const stamp = testStamp();
    const provider = await createProvider(db, DRAFT, DEFAULTS, stamp);
    const other = await createProvider(db, { ...DRAFT, slug: "other", priority: 11 }, DEFAULTS, stamp);
    await undoThirdMigration(db);

    await migrate(db);

    assert.deepEqual(
      await listProviders(db, DEFAULTS),
      [provider, other].map((each) => ({ ...each, prices: {} })),
    );
    assert.equal(await setProvider(db, provider, DEFAULTS), true);
    assert.deepEqual(await findProvider(db, provider.id, DEFAULTS), provider);
  }));

/** The schema as the second version had it. */
async function undoThirdMigration(db: Database): Promise<void> {
  await db.write([
    { sql: "ALTER TABLE providers DROP COLUMN prices" },
    { sql: "DELETE FROM schema_versions WHERE version >= 3" },
  ]);
}

/** The schema as the first version had it. */
async function undoSecondMigration(db: Database): Promise<void> {
  await undoThirdMigration(db);
  const dropped = ["targets", "models", "networks", "previous_hash", "grace_until_ms", "last_used_ms"];
  await db.write([
    ...["group_members", "groups", "slugs", "model_aliases"].map((table) => ({ sql: `DROP TABLE ${table}` })),
    { sql: "ALTER TABLE providers DROP COLUMN model_map" },
    ...dropped.map((column) => ({ sql: `ALTER TABLE client_keys DROP COLUMN ${column}` })),
    { sql: "DELETE FROM schema_versions WHERE version >= 2" },
  ]);
}
