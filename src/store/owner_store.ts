import { text } from "./columns.ts";
import type { Database } from "./database.ts";

/** Setting: the hash of the owner's password, which is `X-Admin-Key`, too. */
export const OWNER_PASSWORD_SETTING = "admin_password_hash";

/** Setting: when a person chose that password on the first page; absent while it is the one that was printed. */
const SET_UP_SETTING = "owner_set_up_ms";

/** Whether the owner has chosen a password on a page. One that is set in the environment is not told here. */
export async function isOwnerSetUp(db: Database): Promise<boolean> {
  const rows = await db.read("SELECT 1 FROM settings WHERE name = ?", [SET_UP_SETTING]);
  return rows.length > 0;
}

/** The stored hash, or `undefined` before the first start. */
export async function findOwnerPassword(db: Database): Promise<string | undefined> {
  const [row] = await db.read("SELECT value FROM settings WHERE name = ?", [OWNER_PASSWORD_SETTING]);
  return row && text(row, "value");
}

/** Sets the owner's password, notes that a person has chosen it, and ends the owner's sessions; all or nothing. */
export async function setOwnerPassword(
  db: Database,
  ownerId: string,
  passwordHash: string,
  nowMs: number,
): Promise<void> {
  const set =
    "INSERT INTO settings (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value";
  await db.write([
    { sql: set, args: [OWNER_PASSWORD_SETTING, passwordHash] },
    { sql: set, args: [SET_UP_SETTING, String(nowMs)] },
    { sql: "DELETE FROM admin_sessions WHERE account_id = ?", args: [ownerId] },
  ]);
}
