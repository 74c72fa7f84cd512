import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createSecretKey } from "node:crypto";
import { fileUrl } from "../../src/core/file_url.ts";
import { findAdminToken } from "../../src/store/admin_token_store.ts";
import { findAdminUserByName } from "../../src/store/admin_user_store.ts";
import { listAuditEntries } from "../../src/store/audit_store.ts";
import { findClientKey } from "../../src/store/client_key_store.ts";
import { type Database, openDatabase } from "../../src/store/database.ts";
import { createGroup, findGroup } from "../../src/store/group_store.ts";
import { createKeyring } from "../../src/store/keyring.ts";
import { migrate, NEWEST_SCHEMA_VERSION, schemaVersion } from "../../src/store/migrations.ts";
import { findModelAlias } from "../../src/store/model_alias_store.ts";
import { loadProviderKeys } from "../../src/store/provider_key_store.ts";
import { findProvider, listProviders, setProvider } from "../../src/store/provider_store.ts";
import { findSession } from "../../src/store/session_store.ts";
import { findSetting } from "../../src/store/settings_store.ts";
import { sumUsage } from "../../src/store/usage_query.ts";
import { loadSchemaFixture, SCHEMA_FIXTURES } from "../support/schema_fixtures.ts";
import { DEFAULTS, testStamp, withFolder } from "./support.ts";

/** What the secrets of the fixtures are sealed with. */
const MASTER_KEY = createSecretKey(Buffer.from("q83vEjRWeJCrze8SNFZ4kAECAwQFBgcICQoLDA0ODxA=", "base64"));
const VERSIONS = Array.from({ length: NEWEST_SCHEMA_VERSION }, (_, index) => index + 1);

for (const version of VERSIONS) {
  Deno.test(`migrate() brings a database of schema ${version} up to the newest with every row in it`, () =>
    withEmptyDatabase(async (db) => {
      await loadSchemaFixture(db, version);

      await migrate(db);

      assert.equal(await schemaVersion(db), NEWEST_SCHEMA_VERSION);
      assert.deepEqual(await db.read("PRAGMA foreign_key_check"), []);
      await assertFirstVersionsRows(db);
      if (version >= 2) await assertSecondVersionsRows(db);
      const { prices } = await findProvider(db, "p-1", DEFAULTS) ?? {};
      assert.deepEqual(
        prices,
        version >= 3 ? { "gpt-5": { inputNanoPerMillion: 1.25e9, outputNanoPerMillion: 1e10 } } : {},
      );
      if (version >= 6) await assertSixthVersionsRows(db);
      if (version >= 7) {
        assert.deepEqual(await db.read("SELECT id FROM deleted_provider_keys"), [{ id: "k-9" }]);
      }
    }));

  Deno.test(`migrate() makes the schema ${version} that it always made`, () =>
    withEmptyDatabase(async (made) => {
      await migrate(made, version);

      await withEmptyDatabase(async (stored) => {
        await loadSchemaFixture(stored, version);
        assert.deepEqual(await shapeOf(made), await shapeOf(stored), "a released migration is never edited");
      });
    }));
}

Deno.test("migrate() gives every database the same schema, whatever version it began with", () =>
  withEmptyDatabase(async (fresh) => {
    await migrate(fresh);
    const newest = await shapeOf(fresh);

    for (const version of VERSIONS) {
      await withEmptyDatabase(async (db) => {
        await loadSchemaFixture(db, version);
        await migrate(db);
        assert.deepEqual(await shapeOf(db), newest, `from version ${version}`);
      });
    }
  }));

Deno.test("every version of the schema has a fixture, which .ci/write_schema_fixtures.ts writes", () => {
  const names = [...Deno.readDirSync(SCHEMA_FIXTURES)].map(({ name }) => name);

  assert.deepEqual(names.toSorted(), VERSIONS.map((version) => `${version}.sql`).toSorted());
});

async function assertFirstVersionsRows(db: Database): Promise<void> {
  const [openai, svc, ...others] = await listProviders(db, DEFAULTS);
  assert.ok(openai && svc && others.length === 0);
  assert.deepEqual(
    [openai.id, openai.slug, openai.headers, openai.models, openai.strategy, openai.policy.maxAttempts],
    ["p-1", "openai", [["x-team", "it's; blue"]], ["gpt-5"], "weighted", 4],
  );
  assert.deepEqual(
    [svc.isEnabled, svc.allowedMethods, svc.credential],
    [false, ["GET"], { kind: "header", name: "x-key" }],
  );
  assert.equal(await setProvider(db, svc, DEFAULTS), true);
  const keyring = createKeyring(MASTER_KEY);
  const keys = await loadProviderKeys(db);
  assert.deepEqual(
    keys.map(({ key, sealedSecret }) => keyring.open(sealedSecret, key.id).reveal()),
    ["sk-fixture-0001", "sk-fixture-0002"],
  );
  const [first, second] = keys.map(({ key }) => key);
  assert.deepEqual(
    [first?.weight, first?.priority, first?.account, first?.maxRequests, first?.tags, first?.metadata],
    [3, 2, "acct", 100, ["a"], { owner: "ann" }],
  );
  assert.equal(second?.isEnabled, false);
  const client = await findClientKey(db, "c-1");
  assert.deepEqual(
    [client?.hash, client?.clientKey.name, client?.clientKey.expiresAtMs, client?.clientKey.limits],
    ["hash-1", "CI", 1_900_000_000_000, { requestsPerMinute: 60 }],
  );
  assert.equal(await findSetting(db, "admin_password_hash"), "scrypt$2$8$1$salt$hash");
  const group = { slug: "svc", name: "x", isEnabled: true, strategy: "random" as const, members: [] };
  await assert.rejects(
    createGroup(db, group, testStamp()),
    { fault: "taken" },
    "slugs are known to be taken",
  );
  const range = { fromMinute: 28_333_333, toMinute: 28_333_334 };
  for (const by of [[], ["providerKeyId"]] as const) {
    const sums = await sumUsage(db, { ...range, by });
    const total = (count: "requests" | "attempts" | "inputTokens" | "outputTokens") =>
      sums.reduce((sum, each) => sum + each[count], 0);
    assert.deepEqual(
      [sums.length, total("requests"), total("attempts"), total("inputTokens"), total("outputTokens")],
      [by.length === 0 ? 1 : 2, 5, 6, 110, 55],
    );
  }
}

async function assertSecondVersionsRows(db: Database): Promise<void> {
  const group = await findGroup(db, "g-1");
  assert.deepEqual(
    [
      group?.slug,
      group?.strategy,
      group?.members.map(({ providerId, tier, weight }) => [providerId, tier, weight]),
    ],
    ["fast", "priority", [["p-1", 1, 5]]],
  );
  assert.equal((await findModelAlias(db, "quick"))?.target, "openai/gpt-5");
  assert.deepEqual((await findProvider(db, "p-1", DEFAULTS))?.modelMap, { latest: "gpt-5" });
  const { clientKey, previous, lastUsedMs } = await findClientKey(db, "c-1") ?? {};
  assert.deepEqual(
    [clientKey?.targets, clientKey?.models, clientKey?.networks, previous, lastUsedMs],
    [
      ["openai"],
      ["gpt-*"],
      ["10.0.0.0/8"],
      { hash: "hash-0", graceUntilMs: 1_800_000_000_000 },
      1_700_000_000_006,
    ],
  );
}

async function assertSixthVersionsRows(db: Database): Promise<void> {
  assert.equal((await findAdminUserByName(db, "ann"))?.role, "operator");
  assert.equal((await findSession(db, "s-1"))?.accountId, "u-1");
  assert.equal((await findAdminToken(db, "t-1"))?.role, "viewer");
  assert.deepEqual((await listAuditEntries(db, { limit: 9 })).map(({ action }) => action), [
    "provider.create",
  ]);
}

/** Tables, columns, indexes and references, without the order in which columns came. */
async function shapeOf(db: Database): Promise<unknown> {
  const tables = await db.read(
    "SELECT name, wr, strict FROM pragma_table_list WHERE schema = 'main' ORDER BY name",
  );
  const columns = await db.read(
    `SELECT t.name AS "table", c.name, c.type, c."notnull", c.dflt_value, c.pk
     FROM pragma_table_list AS t, pragma_table_xinfo(t.name) AS c WHERE t.schema = 'main' ORDER BY t.name, c.name`,
  );
  const indexes = await db.read(
    `SELECT t.name AS "table", i."unique", i.origin, i.partial, c.seqno, c.name, c.coll
     FROM pragma_table_list AS t, pragma_index_list(t.name) AS i, pragma_index_xinfo(i.name) AS c
     WHERE t.schema = 'main' AND c.key = 1 ORDER BY t.name, i.name, c.seqno`,
  );
  const references = await db.read(
    `SELECT t.name AS "from", r."table", r."from" AS "column", r."to", r.on_delete
     FROM pragma_table_list AS t, pragma_foreign_key_list(t.name) AS r WHERE t.schema = 'main'
     ORDER BY t.name, r.id, r.seq`,
  );
  return JSON.parse(JSON.stringify({ tables, columns, indexes, references }));
}

async function withEmptyDatabase(test: (db: Database) => Promise<void>): Promise<void> {
  await withFolder(async (folder) => {
    const db = await openDatabase({ url: fileUrl(`${folder}/test.db`) });
    try {
      await test(db);
    } finally {
      await db.close();
    }
  });
}
