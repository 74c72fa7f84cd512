import { integer, text } from "./columns.ts";
import type { Database, Statement } from "./database.ts";
import { historyOf } from "./key_change_items.ts";
import { type KeyChange, keyChangeUpdate } from "./key_change_store.ts";

/** How long deleted provider keys can be brought back. */
export const DELETED_KEPT_MS = 7 * 24 * 3_600_000;

const COLUMNS =
  "id, provider_id, sealed_secret, fingerprint, last_four, enabled, weight, priority, account, " +
  "max_requests, tags, metadata, created_at_ms";

/** Takes these keys out of use, in one transaction; they wait in the change for `restoreKeys()`. */
export async function deleteKeysFor(
  db: Database,
  change: KeyChange,
  keyIds: readonly string[],
): Promise<number> {
  const ids = JSON.stringify(keyIds);
  const results = await db.write([
    {
      sql: `INSERT OR REPLACE INTO deleted_provider_keys (change_id, ${COLUMNS})
            SELECT ?, ${COLUMNS} FROM provider_keys WHERE id IN (SELECT value FROM json_each(?))`,
      args: [change.id, ids],
    },
    { sql: "DELETE FROM provider_keys WHERE id IN (SELECT value FROM json_each(?))", args: [ids] },
    event(keyIds, "deleted", change),
    keyChangeUpdate(change),
  ]);
  return results[1]?.changedRows ?? 0;
}

/** The next keys that a change has deleted and that are still there to be brought back. */
export async function listDeletedKeys(db: Database, changeId: string, limit: number): Promise<string[]> {
  const rows = await db.read(
    "SELECT id FROM deleted_provider_keys WHERE change_id = ? ORDER BY id LIMIT ?",
    [changeId, limit],
  );
  return rows.map((row) => text(row, "id"));
}

/** How many keys each of these changes still holds. */
export async function countDeletedKeys(
  db: Database,
  changeIds: readonly string[],
): Promise<Map<string, number>> {
  const rows = await db.read(
    `SELECT change_id, count(*) AS keys FROM deleted_provider_keys
     WHERE change_id IN (SELECT value FROM json_each(?)) GROUP BY change_id`,
    [JSON.stringify(changeIds)],
  );
  return new Map(rows.map((row) => [text(row, "change_id"), integer(row, "keys")]));
}

/**
 * Brings keys back as they were. One whose secret its provider has got again meanwhile stays away; gives the ids of
 * those that came.
 */
export async function restoreKeys(
  db: Database,
  change: KeyChange,
  keyIds: readonly string[],
): Promise<string[]> {
  const ids = JSON.stringify(keyIds);
  const [restored] = await db.write([
    {
      sql: `INSERT INTO provider_keys (${COLUMNS})
            SELECT ${COLUMNS} FROM deleted_provider_keys WHERE id IN (SELECT value FROM json_each(?))
            ON CONFLICT DO NOTHING RETURNING id`,
      args: [ids],
    },
    { sql: "DELETE FROM deleted_provider_keys WHERE id IN (SELECT value FROM json_each(?))", args: [ids] },
    event(keyIds, "restored", change),
    keyChangeUpdate(change),
  ]);
  return (restored?.rows ?? []).map((row) => text(row, "id"));
}

function event(keyIds: readonly string[], kind: "deleted" | "restored", change: KeyChange): Statement {
  const rows = JSON.stringify(keyIds.map((id) => [id, kind]));
  return historyOf(rows, 1, change.updatedAtMs, change.actor);
}
