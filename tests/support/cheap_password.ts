import { randomBytes, scryptSync } from "node:crypto";
import { openDatabase } from "../../src/store/database.ts";
import { migrate } from "../../src/store/migrations.ts";
import { createSetting } from "../../src/store/settings_store.ts";

/** A stored hash names its own cost: a low one saves each test half a second of scrypt. */
export function hashCheaply(password: string): string {
  const salt = randomBytes(16);
  const hash = scryptSync(password, salt, 32, { N: 2, r: 8, p: 1 });
  return ["scrypt", 2, 8, 1, salt.toString("base64url"), hash.toString("base64url")].join("$");
}

/** Stores the admin password, unless there is one. */
export async function storeCheapPassword(databaseUrl: string, password: string): Promise<void> {
  const db = await openDatabase({ url: databaseUrl });
  await migrate(db);
  await createSetting(db, "admin_password_hash", hashCheaply(password));
  await db.close();
}
