import { integer } from "./columns.ts";
import type { Database } from "./database.ts";
import { addOnConflict, type Family, tableOf } from "./usage_family.ts";

/** What a roll-up makes of what: hours of minutes, days of hours. */
export type RollupLevel = "hours" | "days";

/** How far a roll-up is. */
export interface RollupState {
  /** The first minute (or hour) that is not, or not wholly, in the next level. */
  readonly at: number;
  /** Of that one all rows are whose first dimension is not above this; -1 for none. */
  readonly done: number;
}

/** @throws {StoreError} `bad_row` */
export async function findRollupState(
  db: Database,
  family: Family,
  level: RollupLevel,
): Promise<RollupState> {
  const [row] = await db.read("SELECT at, done FROM rollups WHERE family = ? AND level = ?", [
    family.name,
    level,
  ]);
  return row === undefined ? { at: 0, done: -1 } : { at: integer(row, "at"), done: integer(row, "done") };
}

/**
 * Adds about `maxRows` of the oldest rows that are not there yet to the next level, and none of `untilAt` or later;
 * gives whether more is to be done. The rows and how far it is are written in one transaction, which does nothing
 * where another instance was faster: each row is added once, whoever is killed when.
 */
export async function rollUp(
  db: Database,
  family: Family,
  level: RollupLevel,
  untilAt: number,
  maxRows: number,
): Promise<boolean> {
  const { at: stateAt, done } = await findRollupState(db, family, level);
  if (stateAt >= untilAt) return false;
  const from = tableOf(family, level === "hours" ? "minutes" : "hours");
  const [piece] = family.dimensions;
  const [oldest] = await db.read(`SELECT min(at) AS at FROM ${from} WHERE at >= ? AND at < ?`, [
    stateAt,
    untilAt,
  ]);
  const foundAt = oldest === undefined || oldest["at"] === null ? undefined : integer(oldest, "at");
  // Rows may have come since the look: what is stepped over must still be empty when it is.
  const guard = `family = ? AND level = ? AND at = ? AND done = ?
    AND NOT EXISTS (SELECT 1 FROM ${from} WHERE at >= ? AND at < ?)`;
  const advance = `UPDATE rollups SET at = ?, done = ?, open_at = max(open_at, ?) WHERE ${guard}`;
  const guardArgs = [family.name, level, stateAt, done, done < 0 ? stateAt : stateAt + 1, foundAt ?? untilAt];
  if (foundAt === undefined) {
    await db.write([{ sql: advance, args: [untilAt, -1, untilAt, ...guardArgs] }]);
    return false;
  }
  const after = foundAt === stateAt ? done : -1;
  const [last] = await db.read(
    `SELECT ${piece} AS piece FROM ${from} WHERE at = ? AND ${piece} > ? ORDER BY ${piece} LIMIT 1 OFFSET ?`,
    [foundAt, after, maxRows - 1],
  );
  const upTo = last === undefined ? undefined : integer(last, "piece");
  const columns = [...family.dimensions, ...family.sums].join(", ");
  const next = upTo === undefined ? [foundAt + 1, -1] : [foundAt, upTo];
  await db.write([
    {
      sql: `INSERT INTO ${tableOf(family, level)} (at, ${columns})
        SELECT at / ${level === "hours" ? 60 : 24}, ${columns} FROM ${from}
        WHERE at = ? AND ${piece} > ? AND ${piece} <= ? AND EXISTS (SELECT 1 FROM rollups WHERE ${guard})
        ${addOnConflict(family)}`,
      args: [foundAt, after, upTo ?? Number.MAX_SAFE_INTEGER, ...guardArgs],
    },
    // What comes for this minute from now on belongs to the next one.
    { sql: advance, args: [...next, foundAt + 1, ...guardArgs] },
  ]);
  return true;
}
