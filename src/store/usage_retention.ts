import type { Database } from "./database.ts";
import { type Family, type Level, tableOf } from "./usage_family.ts";

/**
 * Deletes the oldest rows before `at` (in the level's unit), about `maxRows`, and none that is not rolled up; gives
 * how many went. Small batches, because a local write holds the event loop.
 */
export async function deleteOldestUsage(
  db: Database,
  family: Family,
  level: Level,
  at: number,
  maxRows: number,
): Promise<number> {
  const table = tableOf(family, level);
  const key = ["at", ...family.dimensions].join(", ");
  const next = level === "minutes" ? "hours" : "days";
  const rolledUp = level === "days"
    ? ""
    : `AND at < (SELECT at FROM rollups WHERE family = '${family.name}' AND level = '${next}')`;
  const [result] = await db.write([{
    sql: `DELETE FROM ${table} WHERE (${key}) IN (
      SELECT ${key} FROM ${table} WHERE at < ? ${rolledUp} ORDER BY ${key} LIMIT ?
    )`,
    args: [at, maxRows],
  }]);
  return result?.changedRows ?? 0;
}
