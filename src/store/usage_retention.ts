import type { Database } from "./database.ts";

/**
 * Deletes the oldest usage rows before the minute, at most `maxRows`; gives how many went. Small batches, because a
 * local write holds the event loop.
 */
export async function deleteOldestUsage(db: Database, minute: number, maxRows: number): Promise<number> {
  const [result] = await db.write([{ sql: DELETE_OLDEST, args: [minute, maxRows] }]);
  return result?.changedRows ?? 0;
}

const KEY = "minute, provider_id, provider_key_id, client_key_id, model";

const DELETE_OLDEST = `
  DELETE FROM usage_minutes WHERE (${KEY}) IN (
    SELECT ${KEY} FROM usage_minutes WHERE minute < ? ORDER BY minute LIMIT ?
  )`;
