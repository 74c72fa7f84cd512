/** Accounts of the dashboard, their sessions, tokens of the admin API, and what was done by whom. */
export const DASHBOARD_MIGRATION: readonly string[] = [
  `CREATE TABLE admin_users (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL COLLATE NOCASE UNIQUE,
    role TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    enabled INTEGER NOT NULL,
    created_at_ms INTEGER NOT NULL,
    last_login_ms INTEGER
  ) STRICT`,
  `CREATE TABLE admin_sessions (
    id TEXT PRIMARY KEY,
    account_id TEXT NOT NULL,
    created_at_ms INTEGER NOT NULL,
    expires_at_ms INTEGER NOT NULL
  ) STRICT`,
  "CREATE INDEX admin_sessions_by_account ON admin_sessions (account_id)",
  `CREATE TABLE admin_tokens (
    id TEXT PRIMARY KEY,
    hash TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    last_four TEXT NOT NULL,
    expires_at_ms INTEGER,
    created_at_ms INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    last_used_ms INTEGER
  ) STRICT`,
  `CREATE TABLE audit_log (
    id TEXT PRIMARY KEY,
    at_ms INTEGER NOT NULL,
    actor TEXT NOT NULL,
    actor_kind TEXT NOT NULL,
    action TEXT NOT NULL,
    target TEXT NOT NULL,
    address TEXT NOT NULL,
    detail TEXT NOT NULL
  ) STRICT, WITHOUT ROWID`,
  "CREATE INDEX audit_log_by_target ON audit_log (target, id)",
];
