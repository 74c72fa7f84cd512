import { integer, text } from "./columns.ts";
import type { Database } from "./database.ts";

/**
 * The numbers that stand for names in rows of usage: ids, slugs, models. A name that is new gets one. They are never
 * taken back, so that what was looked up once is remembered.
 */
export async function nameIds(
  db: Database,
  names: ReadonlySet<string>,
): Promise<ReadonlyMap<string, number>> {
  let known = remembered.get(db);
  if (known === undefined || known.size > MAX_REMEMBERED) remembered.set(db, known = new Map([["", 0]]));
  const unknown = [...names].filter((name) => !known.has(name));
  if (unknown.length === 0) return known;
  const given = JSON.stringify(unknown);
  // In one transaction: a read of its own may be answered by a replica that lags behind.
  const [, found] = await db.write([
    { sql: "INSERT OR IGNORE INTO names (name) SELECT value FROM json_each(?)", args: [given] },
    { sql: "SELECT id, name FROM names WHERE name IN (SELECT value FROM json_each(?))", args: [given] },
  ]);
  for (const row of found?.rows ?? []) known.set(text(row, "name"), integer(row, "id"));
  return known;
}

const MAX_REMEMBERED = 200_000;
const remembered = new WeakMap<Database, Map<string, number>>();

/** The number of a name that `nameIds()` was asked for. */
export function numberOf(ids: ReadonlyMap<string, number>, name: string): number {
  const id = ids.get(name);
  if (id === undefined) throw new Error("Cannot number a name: it was not asked for");
  return id;
}
