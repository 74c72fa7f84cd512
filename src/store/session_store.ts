import { integer, text } from "./columns.ts";
import type { Database } from "./database.ts";

/** A browser that somebody has signed in with. Without its row no token of it is worth anything. */
export interface AdminSession {
  readonly id: string;
  /** Of a user, or `OWNER_ID`. */
  readonly accountId: string;
  readonly createdAtMs: number;
  /** However much it is used. */
  readonly expiresAtMs: number;
}

export async function findSession(db: Database, id: string): Promise<AdminSession | undefined> {
  const [row] = await db.read("SELECT * FROM admin_sessions WHERE id = ?", [id]);
  return row && {
    id: text(row, "id"),
    accountId: text(row, "account_id"),
    createdAtMs: integer(row, "created_at_ms"),
    expiresAtMs: integer(row, "expires_at_ms"),
  };
}

/** Stores a session, and drops those that are over. */
export async function createSession(db: Database, session: AdminSession): Promise<void> {
  const { id, accountId, createdAtMs, expiresAtMs } = session;
  await db.write([
    { sql: "DELETE FROM admin_sessions WHERE expires_at_ms <= ?", args: [createdAtMs] },
    {
      sql: "INSERT INTO admin_sessions (id, account_id, created_at_ms, expires_at_ms) VALUES (?, ?, ?, ?)",
      args: [id, accountId, createdAtMs, expiresAtMs],
    },
  ]);
}

export async function deleteSession(db: Database, id: string): Promise<void> {
  await db.write([{ sql: "DELETE FROM admin_sessions WHERE id = ?", args: [id] }]);
}

/** Signs an account out everywhere. */
export async function deleteSessionsOf(db: Database, accountId: string): Promise<void> {
  await db.write([{ sql: "DELETE FROM admin_sessions WHERE account_id = ?", args: [accountId] }]);
}

/** Signs everybody out. */
export async function deleteAllSessions(db: Database): Promise<void> {
  await db.write([{ sql: "DELETE FROM admin_sessions" }]);
}
