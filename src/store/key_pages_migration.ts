/**
 * What the page of provider keys keeps: their history, changes of many at once with what was before, and those that
 * were deleted and may still come back. Never edited (migrations.ts).
 */
export const KEY_PAGES_MIGRATION: readonly string[] = [
  `CREATE TABLE key_history (
    key_id TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    model TEXT NOT NULL,
    event TEXT NOT NULL,
    until_ms INTEGER,
    source TEXT,
    cause TEXT,
    rule TEXT,
    reason TEXT,
    actor TEXT,
    PRIMARY KEY (key_id, at_ms, model, event)
  ) STRICT, WITHOUT ROWID`,
  "CREATE INDEX key_history_by_time ON key_history (at_ms)",
  `CREATE TABLE key_changes (
    id TEXT PRIMARY KEY,
    action TEXT NOT NULL,
    actor TEXT NOT NULL,
    detail TEXT NOT NULL,
    state TEXT NOT NULL,
    total INTEGER NOT NULL,
    done INTEGER NOT NULL,
    changed INTEGER NOT NULL,
    created_at_ms INTEGER NOT NULL,
    updated_at_ms INTEGER NOT NULL
  ) STRICT`,
  `CREATE TABLE key_change_items (
    change_id TEXT NOT NULL REFERENCES key_changes (id) ON DELETE CASCADE,
    key_id TEXT NOT NULL,
    before TEXT NOT NULL,
    PRIMARY KEY (change_id, key_id)
  ) STRICT, WITHOUT ROWID`,
  `CREATE TABLE deleted_provider_keys (
    id TEXT PRIMARY KEY,
    change_id TEXT NOT NULL REFERENCES key_changes (id) ON DELETE CASCADE,
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
    created_at_ms INTEGER NOT NULL
  ) STRICT`,
  "CREATE INDEX deleted_provider_keys_by_change ON deleted_provider_keys (change_id, id)",
  "CREATE INDEX deleted_provider_keys_by_provider ON deleted_provider_keys (provider_id)",
];
