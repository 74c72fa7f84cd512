import { type Database, isConflict, type Statement } from "./database.ts";
import { integer } from "./columns.ts";
import { DASHBOARD_MIGRATION } from "./dashboard_migration.ts";
import { KEY_PAGES_MIGRATION } from "./key_pages_migration.ts";
import { StoreError } from "./store_error.ts";
import { USAGE_MIGRATION } from "./usage_migration.ts";

/**
 * Brings the schema up to the newest version this program knows. Several instances may do so at once. Tests of
 * upgrades stop at an older `target`.
 *
 * @throws {StoreError} `newer_schema` when a newer program has been here; nothing is changed then.
 */
export async function migrate(db: Database, target = NEWEST_SCHEMA_VERSION): Promise<void> {
  await db.write([{
    sql: "CREATE TABLE IF NOT EXISTS schema_versions (version INTEGER PRIMARY KEY) STRICT",
  }]);
  let version = await knownSchemaVersion(db);
  for (const statements of MIGRATIONS.slice(version, target)) {
    version += 1;
    await step(db, version, statements);
  }
}

/**
 * The version of a schema that this program may use, be it older than its own.
 *
 * @throws {StoreError} `newer_schema`.
 */
export async function knownSchemaVersion(db: Database): Promise<number> {
  const version = await schemaVersion(db);
  if (version <= NEWEST_SCHEMA_VERSION) return version;
  throw new StoreError(
    "newer_schema",
    `Cannot use database: its schema is version ${version}, this program knows up to ${NEWEST_SCHEMA_VERSION}`,
  );
}

/** The version of the newest migration that was applied; 0 for none. */
export async function schemaVersion(db: Database): Promise<number> {
  const [row] = await db.read("SELECT coalesce(max(version), 0) AS version FROM schema_versions");
  return row === undefined ? 0 : integer(row, "version");
}

async function step(db: Database, version: number, statements: readonly string[]): Promise<void> {
  const mark: Statement = { sql: "INSERT INTO schema_versions (version) VALUES (?)", args: [version] };
  try {
    // The mark comes first: when another instance was faster, its row stops the whole transaction.
    await db.write([mark, ...statements.map((sql) => ({ sql }))]);
  } catch (error) {
    if (!isConflict(error)) throw error;
  }
}

/** Append-only: a migration that was released is never edited. JSON columns are documented at their stores. */
const MIGRATIONS: readonly (readonly string[])[] = [
  [
    `CREATE TABLE providers (
      id TEXT PRIMARY KEY,
      slug TEXT NOT NULL UNIQUE,
      name TEXT NOT NULL,
      dialect TEXT NOT NULL,
      vendor TEXT NOT NULL,
      base_url TEXT NOT NULL,
      credential TEXT NOT NULL,
      headers TEXT NOT NULL,
      strategy TEXT NOT NULL,
      enabled INTEGER NOT NULL,
      priority INTEGER NOT NULL,
      models TEXT NOT NULL,
      policy TEXT NOT NULL,
      allowed_methods TEXT NOT NULL,
      created_at_ms INTEGER NOT NULL
    ) STRICT`,
    `CREATE TABLE provider_keys (
      id TEXT PRIMARY KEY,
      provider_id TEXT NOT NULL REFERENCES providers (id) ON DELETE CASCADE,
      sealed_secret TEXT NOT NULL,
      fingerprint TEXT NOT NULL,
      last_four TEXT NOT NULL,
      enabled INTEGER NOT NULL,
      weight INTEGER NOT NULL,
      priority INTEGER NOT NULL,
      account TEXT,
      max_requests INTEGER,
      tags TEXT NOT NULL,
      metadata TEXT NOT NULL,
      created_at_ms INTEGER NOT NULL,
      UNIQUE (provider_id, fingerprint)
    ) STRICT`,
    "CREATE INDEX provider_keys_by_provider ON provider_keys (provider_id, id)",
    `CREATE TABLE client_keys (
      id TEXT PRIMARY KEY,
      hash TEXT NOT NULL UNIQUE,
      name TEXT NOT NULL,
      last_four TEXT NOT NULL,
      enabled INTEGER NOT NULL,
      expires_at_ms INTEGER,
      limits TEXT NOT NULL DEFAULT '{}',
      created_at_ms INTEGER NOT NULL
    ) STRICT`,
    `CREATE TABLE settings (
      name TEXT PRIMARY KEY,
      value TEXT NOT NULL
    ) STRICT`,
    // No NULL among the dimensions: SQLite holds NULLs apart, so that counts would never meet.
    `CREATE TABLE usage_minutes (
      minute INTEGER NOT NULL,
      provider_id TEXT NOT NULL,
      provider_key_id TEXT NOT NULL,
      client_key_id TEXT NOT NULL,
      model TEXT NOT NULL,
      requests INTEGER NOT NULL,
      failures INTEGER NOT NULL,
      attempts INTEGER NOT NULL,
      input_tokens INTEGER NOT NULL,
      output_tokens INTEGER NOT NULL,
      cached_tokens INTEGER NOT NULL,
      reasoning_tokens INTEGER NOT NULL,
      PRIMARY KEY (minute, provider_id, provider_key_id, client_key_id, model)
    ) STRICT, WITHOUT ROWID`,
  ],
  [
    // One namespace: a path names a provider or a group by its slug.
    `CREATE TABLE slugs (
      slug TEXT PRIMARY KEY,
      owner_id TEXT NOT NULL UNIQUE
    ) STRICT`,
    "INSERT INTO slugs (slug, owner_id) SELECT slug, id FROM providers",
    "ALTER TABLE providers ADD COLUMN model_map TEXT NOT NULL DEFAULT '{}'",
    `CREATE TABLE groups (
      id TEXT PRIMARY KEY,
      slug TEXT NOT NULL UNIQUE,
      name TEXT NOT NULL,
      enabled INTEGER NOT NULL,
      strategy TEXT NOT NULL,
      created_at_ms INTEGER NOT NULL
    ) STRICT`,
    `CREATE TABLE group_members (
      group_id TEXT NOT NULL REFERENCES groups (id) ON DELETE CASCADE,
      provider_id TEXT NOT NULL REFERENCES providers (id) ON DELETE CASCADE,
      position INTEGER NOT NULL,
      tier INTEGER NOT NULL,
      weight INTEGER NOT NULL,
      enabled INTEGER NOT NULL,
      PRIMARY KEY (group_id, provider_id)
    ) STRICT, WITHOUT ROWID`,
    "CREATE INDEX group_members_by_provider ON group_members (provider_id)",
    `CREATE TABLE model_aliases (
      name TEXT PRIMARY KEY,
      target TEXT NOT NULL,
      context_fallback TEXT
    ) STRICT`,
    "ALTER TABLE client_keys ADD COLUMN targets TEXT NOT NULL DEFAULT '[]'",
    "ALTER TABLE client_keys ADD COLUMN models TEXT NOT NULL DEFAULT '[]'",
    "ALTER TABLE client_keys ADD COLUMN networks TEXT NOT NULL DEFAULT '[]'",
    "ALTER TABLE client_keys ADD COLUMN previous_hash TEXT",
    "ALTER TABLE client_keys ADD COLUMN grace_until_ms INTEGER",
    "ALTER TABLE client_keys ADD COLUMN last_used_ms INTEGER",
  ],
  ["ALTER TABLE providers ADD COLUMN prices TEXT NOT NULL DEFAULT '{}'"],
  ["ALTER TABLE providers ADD COLUMN translate TEXT NOT NULL DEFAULT 'native'"],
  USAGE_MIGRATION,
  DASHBOARD_MIGRATION,
  KEY_PAGES_MIGRATION,
];

/** The version of the schema that this program makes. */
export const NEWEST_SCHEMA_VERSION = MIGRATIONS.length;
