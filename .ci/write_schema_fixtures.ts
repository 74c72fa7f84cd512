import { fileUrl } from "../src/core/file_url.ts";
import { type Database, openDatabase, type Row, type SqlValue } from "../src/store/database.ts";
import { migrate, NEWEST_SCHEMA_VERSION } from "../src/store/migrations.ts";
import { loadSchemaFixture, runScript, SCHEMA_FIXTURES } from "../tests/support/schema_fixtures.ts";

/**
 * Writes what a database of each version of the schema looks like, with rows in it, as SQL text under
 * tests/fixtures/schemas: the tests bring each up to the newest version. A file is made from the one before it by
 * that version's migration and, by hand, rows for what is new. A version that was released is never written again.
 *
 *     deno run --allow-all .ci/write_schema_fixtures.ts          the versions that have no file yet
 *     deno run --allow-all .ci/write_schema_fixtures.ts 5        version 5 and later, before they are released
 */
async function writeFixtures(from: number): Promise<void> {
  for (let version = 1; version <= NEWEST_SCHEMA_VERSION; version++) {
    const path = new URL(`${version}.sql`, SCHEMA_FIXTURES);
    if (version < from && await Deno.stat(path).then(() => true, () => false)) continue;
    await withEmptyDatabase(async (db) => {
      if (version > 1) await loadSchemaFixture(db, version - 1);
      await migrate(db, version);
      await runScript(db, NEW_ROWS[version] ?? "");
      await Deno.writeTextFile(path, await dump(db));
    });
  }
}

/** What each version adds that only it can hold. Secrets are sealed with the master key of tests/store/upgrade_test.ts. */
const NEW_ROWS: Readonly<Record<number, string>> = {
  1: `
INSERT INTO providers VALUES ('p-1', 'openai', 'OpenAI', 'openai', 'openai', 'https://api.openai.com/v1', '{"kind":"bearer"}', '[["x-team","it''s; blue"]]', 'weighted', 1, 10, '["gpt-5"]', '{"maxAttempts":4}', '[]', 1700000000000);
INSERT INTO providers VALUES ('p-2', 'svc', 'A service', 'rest', 'other', 'https://svc.example', '{"kind":"header","name":"x-key"}', '[]', 'round_robin', 0, 20, '[]', '{}', '["GET"]', 1700000000001);
INSERT INTO provider_keys VALUES ('k-1', 'p-1', 'v1.aa8b40ea.uJFbE3voe4r07O_YP2KJ6eZck7xGDut81WdA-2IQwiRs5jD9IKcgPHXezA', 'qocJZ-pbYS_KiiotYiLPHL5F-wBkIVrowsniGs4qPW4', '0001', 1, 3, 2, 'acct', 100, '["a"]', '{"owner":"ann"}', 1700000000002);
INSERT INTO provider_keys VALUES ('k-2', 'p-1', 'v1.aa8b40ea.4TQUt4A-WujREiiPgRGPcPJ3XCi25hLxpK9rQiPJa8CkAmRE93xnhfdLjQ', 'gh1qyxvbZiul5bx8jK2Kg1owbhOZi_kguxvSlGSe8p0', '0002', 0, 1, 0, NULL, NULL, '[]', '{}', 1700000000003);
INSERT INTO client_keys VALUES ('c-1', 'hash-1', 'CI', 'abcd', 1, 1900000000000, '{"requestsPerMinute":60}', 1700000000004);
INSERT INTO settings VALUES ('admin_password_hash', 'scrypt$2$8$1$salt$hash');
INSERT INTO usage_minutes VALUES (28333333, 'p-1', 'k-1', 'c-1', 'gpt-5', 3, 1, 4, 100, 50, 20, 10);
INSERT INTO usage_minutes VALUES (28333333, 'p-1', 'k-2', 'c-1', 'gpt-5', 2, 0, 2, 10, 5, 0, 0);
`,
  2: `
INSERT INTO groups VALUES ('g-1', 'fast', 'Fast ones', 1, 'priority', 1700000000005);
INSERT INTO slugs VALUES ('fast', 'g-1');
INSERT INTO group_members VALUES ('g-1', 'p-1', 0, 1, 5, 1);
INSERT INTO model_aliases VALUES ('quick', 'openai/gpt-5', NULL);
UPDATE providers SET model_map = '{"latest":"gpt-5"}' WHERE id = 'p-1';
UPDATE client_keys SET targets = '["openai"]', models = '["gpt-*"]', networks = '["10.0.0.0/8"]', previous_hash = 'hash-0', grace_until_ms = 1800000000000, last_used_ms = 1700000000006;
`,
  3: `UPDATE providers SET prices = '{"gpt-5":{"inputNanoDollars":1250,"outputNanoDollars":10000}}' WHERE id = 'p-1';`,
  6: `
INSERT INTO admin_users VALUES ('u-1', 'Ann', 'operator', 'scrypt$2$8$1$salt$hash', 1, 1700000000007, NULL);
INSERT INTO admin_sessions VALUES ('s-1', 'u-1', 1700000000008, 1900000000000);
INSERT INTO admin_tokens VALUES ('t-1', 'hash-t', 'deploy', 'viewer', 'wxyz', NULL, 1700000000009, 'Ann', NULL);
INSERT INTO audit_log VALUES ('a-1', 1700000000010, 'Ann', 'session', 'provider.create', 'openai', '', '{"fields":["slug"]}');
`,
  7: `
INSERT INTO key_changes VALUES ('kc-1', 'delete', 'Ann', '{}', 'done', 1, 1, 1, 1700000000011, 1700000000012);
INSERT INTO deleted_provider_keys VALUES ('k-9', 'kc-1', 'p-1', 'sealed', 'print', '0009', 1, 1, 0, NULL, NULL, '[]', '{}', 1700000000013);
`,
};

/** Schema and rows; tables in the order of their making, so that rows refer to what is there. */
async function dump(db: Database): Promise<string> {
  const objects = await db.read(
    "SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid",
  );
  const lines = objects.map(({ sql }) => `${sql};`);
  for (const { name } of objects.filter(({ type }) => type === "table")) {
    for (const row of await db.read(`SELECT * FROM "${name}"`)) lines.push(insertOf(String(name), row));
  }
  return lines.join("\n") + "\n";
}

function insertOf(table: string, row: Row): string {
  const columns = Object.keys(row);
  const values = columns.map((column) => literal(row[column] ?? null));
  return `INSERT INTO "${table}" (${columns.join(", ")}) VALUES (${values.join(", ")});`;
}

function literal(value: SqlValue): string {
  if (value === null) return "NULL";
  return typeof value === "string" ? `'${value.replaceAll("'", "''")}'` : String(value);
}

async function withEmptyDatabase(use: (db: Database) => Promise<void>): Promise<void> {
  const place = await Deno.makeTempDir({ prefix: "keyturn-schema-" });
  const db = await openDatabase({ url: fileUrl(`${place}/fixture.db`) });
  try {
    await use(db);
  } finally {
    await db.close();
    await Deno.remove(place, { recursive: true });
  }
}

if (import.meta.main) {
  await Deno.mkdir(SCHEMA_FIXTURES, { recursive: true });
  await writeFixtures(Number(Deno.args[0] ?? NEWEST_SCHEMA_VERSION + 1));
}
