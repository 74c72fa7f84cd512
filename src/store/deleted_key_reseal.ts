import { letOthersRun } from "./chunks.ts";
import { text } from "./columns.ts";
import type { Database } from "./database.ts";
import { type Keyring, SealError } from "./keyring.ts";

/**
 * Seals anew what a previous master key has sealed of the keys that were deleted and may still come back; gives how
 * many. One that no master key opens is left: it could not be used anyway.
 */
export async function resealDeletedKeys(db: Database, keyring: Keyring): Promise<number> {
  let count = 0;
  for (let afterId = "";;) {
    const rows = await db.read(
      "SELECT id, sealed_secret FROM deleted_provider_keys WHERE id > ? ORDER BY id LIMIT ?",
      [afterId, PAGE_ROWS],
    );
    for (const row of rows) {
      const id = text(row, "id");
      const sealed = text(row, "sealed_secret");
      if (!keyring.isCurrent(sealed) && await reseal(db, keyring, id, sealed)) count++;
    }
    const last = rows.at(-1);
    if (rows.length < PAGE_ROWS || last === undefined) return count;
    afterId = text(last, "id");
    await letOthersRun();
  }
}

const PAGE_ROWS = 50;

async function reseal(db: Database, keyring: Keyring, id: string, sealed: string): Promise<boolean> {
  try {
    const secret = keyring.open(sealed, id);
    const [result] = await db.write([{
      sql:
        "UPDATE deleted_provider_keys SET sealed_secret = ?, fingerprint = ? WHERE id = ? AND sealed_secret = ?",
      args: [keyring.seal(secret, id), keyring.fingerprint(secret), id, sealed],
    }]);
    return (result?.changedRows ?? 0) > 0;
  } catch (error) {
    if (error instanceof SealError) return false;
    throw error;
  }
}
