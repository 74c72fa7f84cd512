import type { Role } from "../core/role.ts";
import { roleColumn } from "./admin_user_store.ts";
import { integer, optional, text } from "./columns.ts";
import type { Database, Row } from "./database.ts";
import type { Stamp } from "./stamp.ts";

/** A token of the admin API, for programs. The token itself is shown once and stored as a hash. */
export interface AdminToken {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  /** Last four characters of the token, for people to tell tokens apart. */
  readonly lastFour: string;
  /** From this moment on it is refused; `undefined` means never. */
  readonly expiresAtMs?: number;
  readonly createdAtMs: number;
  /** Name of who made it. */
  readonly createdBy: string;
  /** To the minute; `undefined` when it was never used. */
  readonly lastUsedMs?: number;
}

/** All of them, oldest first. */
export async function listAdminTokens(db: Database): Promise<AdminToken[]> {
  return (await db.read("SELECT * FROM admin_tokens ORDER BY id")).map(tokenOf);
}

export async function findAdminToken(db: Database, id: string): Promise<AdminToken | undefined> {
  const [row] = await db.read("SELECT * FROM admin_tokens WHERE id = ?", [id]);
  return row && tokenOf(row);
}

export async function findAdminTokenByHash(db: Database, hash: string): Promise<AdminToken | undefined> {
  const [row] = await db.read("SELECT * FROM admin_tokens WHERE hash = ?", [hash]);
  return row && tokenOf(row);
}

export async function createAdminToken(
  db: Database,
  draft: Pick<AdminToken, "name" | "role" | "lastFour" | "expiresAtMs" | "createdBy"> & {
    readonly hash: string;
  },
  stamp: Stamp,
): Promise<AdminToken> {
  const { hash, ...given } = draft;
  const token: AdminToken = { ...given, id: stamp.newId(), createdAtMs: stamp.nowMs };
  await db.write([{
    sql: `INSERT INTO admin_tokens (id, hash, name, role, last_four, expires_at_ms, created_at_ms, created_by)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    args: [
      token.id,
      hash,
      token.name,
      token.role,
      token.lastFour,
      token.expiresAtMs ?? null,
      token.createdAtMs,
      token.createdBy,
    ],
  }]);
  return token;
}

export async function noteTokenUse(db: Database, id: string, nowMs: number): Promise<void> {
  await db.write([{ sql: "UPDATE admin_tokens SET last_used_ms = ? WHERE id = ?", args: [nowMs, id] }]);
}

/** `false` when there is no such token. */
export async function deleteAdminToken(db: Database, id: string): Promise<boolean> {
  const [result] = await db.write([{ sql: "DELETE FROM admin_tokens WHERE id = ?", args: [id] }]);
  return (result?.changedRows ?? 0) > 0;
}

function tokenOf(row: Row): AdminToken {
  return {
    id: text(row, "id"),
    name: text(row, "name"),
    role: roleColumn(row, "role"),
    lastFour: text(row, "last_four"),
    ...optional(row, "expires_at_ms", "expiresAtMs", integer),
    createdAtMs: integer(row, "created_at_ms"),
    createdBy: text(row, "created_by"),
    ...optional(row, "last_used_ms", "lastUsedMs", integer),
  };
}
