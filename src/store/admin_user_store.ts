import { z } from "zod";
import { type Role, ROLES } from "../core/role.ts";
import { flag, integer, optional, text } from "./columns.ts";
import { type Database, isConflict, type Row } from "./database.ts";
import type { Stamp } from "./stamp.ts";
import { StoreError } from "./store_error.ts";

/** A person who may sign in, beside the owner who is always there. */
export interface AdminUser {
  readonly id: string;
  /** Unique, whatever its case. */
  readonly name: string;
  readonly role: Role;
  readonly isEnabled: boolean;
  readonly createdAtMs: number;
  /** `undefined` when he never signed in. */
  readonly lastLoginMs?: number;
}

/** With the hash that `hashPassword` of access/admin_password.ts makes. */
export interface StoredAdminUser extends AdminUser {
  readonly passwordHash: string;
}

/** All of them, by name. */
export async function listAdminUsers(db: Database): Promise<AdminUser[]> {
  const rows = await db.read(`SELECT ${COLUMNS} FROM admin_users ORDER BY name COLLATE NOCASE`);
  return rows.map(userOf);
}

export async function findAdminUser(db: Database, id: string): Promise<AdminUser | undefined> {
  const [row] = await db.read(`SELECT ${COLUMNS} FROM admin_users WHERE id = ?`, [id]);
  return row && userOf(row);
}

/** For a sign-in: by name, whatever its case. */
export async function findAdminUserByName(db: Database, name: string): Promise<StoredAdminUser | undefined> {
  const [row] = await db.read(
    `SELECT ${COLUMNS}, password_hash FROM admin_users WHERE name = ? COLLATE NOCASE`,
    [name],
  );
  return row && { ...userOf(row), passwordHash: text(row, "password_hash") };
}

/** @throws {StoreError} `taken` when the name is. */
export async function createAdminUser(
  db: Database,
  draft: Pick<StoredAdminUser, "name" | "role" | "passwordHash">,
  stamp: Stamp,
): Promise<AdminUser> {
  const { passwordHash, ...given } = draft;
  const user: AdminUser = { ...given, id: stamp.newId(), isEnabled: true, createdAtMs: stamp.nowMs };
  try {
    await db.write([{
      sql:
        "INSERT INTO admin_users (id, name, role, password_hash, enabled, created_at_ms) VALUES (?, ?, ?, ?, 1, ?)",
      args: [user.id, user.name, user.role, passwordHash, user.createdAtMs],
    }]);
  } catch (error) {
    if (!isConflict(error)) throw error;
    throw new StoreError(
      "taken",
      `Cannot add the user: the name ${JSON.stringify(user.name)} is taken`,
      error,
    );
  }
  return user;
}

/** Sets role and whether he may sign in; `false` when there is no such user. */
export async function setAdminUser(
  db: Database,
  { id, role, isEnabled }: Pick<AdminUser, "id" | "role" | "isEnabled">,
): Promise<boolean> {
  const [result] = await db.write([{
    sql: "UPDATE admin_users SET role = ?, enabled = ? WHERE id = ?",
    args: [role, isEnabled ? 1 : 0, id],
  }]);
  return (result?.changedRows ?? 0) > 0;
}

/** Sets the password and ends every session of the account in one transaction; `false` when there is no such user. */
export async function setAdminUserPassword(
  db: Database,
  id: string,
  passwordHash: string,
): Promise<boolean> {
  const [result] = await db.write([
    { sql: "UPDATE admin_users SET password_hash = ? WHERE id = ?", args: [passwordHash, id] },
    { sql: "DELETE FROM admin_sessions WHERE account_id = ?", args: [id] },
  ]);
  return (result?.changedRows ?? 0) > 0;
}

export async function noteLogin(db: Database, id: string, nowMs: number): Promise<void> {
  await db.write([{ sql: "UPDATE admin_users SET last_login_ms = ? WHERE id = ?", args: [nowMs, id] }]);
}

/** Deletes the user and his sessions; `false` when there is no such user. */
export async function deleteAdminUser(db: Database, id: string): Promise<boolean> {
  const [result] = await db.write([
    { sql: "DELETE FROM admin_users WHERE id = ?", args: [id] },
    { sql: "DELETE FROM admin_sessions WHERE account_id = ?", args: [id] },
  ]);
  return (result?.changedRows ?? 0) > 0;
}

const COLUMNS = "id, name, role, enabled, created_at_ms, last_login_ms";
const roleSchema = z.enum(ROLES);

/** @throws {StoreError} `bad_row` for a role that this version does not know: it must not be taken for another. */
export function roleColumn(row: Row, column: string): Role {
  const parsed = roleSchema.safeParse(text(row, column));
  if (parsed.success) return parsed.data;
  throw new StoreError("bad_row", `Cannot read stored row: column ${column} has a value of the wrong kind`);
}

function userOf(row: Row): AdminUser {
  return {
    id: text(row, "id"),
    name: text(row, "name"),
    role: roleColumn(row, "role"),
    isEnabled: flag(row, "enabled"),
    createdAtMs: integer(row, "created_at_ms"),
    ...optional(row, "last_login_ms", "lastLoginMs", integer),
  };
}
