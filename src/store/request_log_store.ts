import type { RequestRecord } from "../core/request_record.ts";
import { integer } from "./columns.ts";
import type { Database, Statement } from "./database.ts";
import { nameIds, numberOf } from "./name_store.ts";
import { LOG_COLUMNS, namesOf, rowOf } from "./request_log_row.ts";
import { valuesList } from "./values_list.ts";

/** Places in the log for each millisecond; what comes faster runs ahead of the clock. */
const PLACES_PER_MS = 2048;

/** The first place of the log that a row written at this moment can have. */
export function placeAt(ms: number): number {
  return Math.floor(ms) * PLACES_PER_MS;
}

/** About when a row was written, in milliseconds since the epoch. */
export function timeOfPlace(seq: number): number {
  return Math.floor(seq / PLACES_PER_MS);
}

/** Appends requests to the log, all of them or none; `nowMs` is the moment of writing. */
export async function addRequests(
  db: Database,
  requests: readonly RequestRecord[],
  nowMs: number,
): Promise<void> {
  if (requests.length === 0) return;
  const tries = requests.flatMap(({ attempts }, index) =>
    [...new Set(attempts.slice(0, -1).map(({ providerKeyId }) => providerKeyId))].map((id) =>
      [index, id] as const
    )
  );
  const names = new Set(tries.map(([, providerKeyId]) => providerKeyId));
  for (const request of requests) for (const name of namesOf(request)) names.add(name);
  const ids = await nameIds(db, names);
  const rows = valuesList(requests.map((request, index) => [index, ...rowOf(request, ids)]));
  const statements: Statement[] = [{
    sql: `INSERT INTO request_log (seq, ${LOG_COLUMNS.join(", ")})
      SELECT base.seq + column1, ${LOG_COLUMNS.map((_, index) => `column${index + 2}`).join(", ")}
      FROM (SELECT max(${
      placeAt(nowMs)
    }, coalesce(max(seq), 0) + 1) AS seq FROM request_log) AS base, (${rows.sql})`,
    args: rows.args,
  }];
  if (tries.length > 0) {
    const { sql } = valuesList(
      tries.map(([index, id]) => [index - (requests.length - 1), numberOf(ids, id)]),
    );
    statements.push({
      // After the rows: the last place of the log is that of the last of them.
      sql: `INSERT OR IGNORE INTO request_log_tries (seq, provider_key)
        SELECT (SELECT max(seq) FROM request_log) + column1, column2 FROM (${sql})`,
    });
  }
  statements.push({ sql: "UPDATE request_log_size SET rows = rows + ?", args: [requests.length] });
  await db.write(statements);
}

/** How many requests the log holds. */
export async function countRequests(db: Database): Promise<number> {
  const [row] = await db.read("SELECT rows FROM request_log_size");
  return row === undefined ? 0 : integer(row, "rows");
}

/**
 * Deletes the oldest requests that were written before the moment, at most `maxRows`; gives how many went. Small
 * batches, because a local write holds the event loop.
 */
export async function deleteOldestRequests(db: Database, beforeMs: number, maxRows: number): Promise<number> {
  const [last] = await db.read(
    `SELECT max(seq) AS seq FROM (SELECT seq FROM request_log WHERE seq < ? ORDER BY seq LIMIT ?)`,
    [beforeMs === Infinity ? Number.MAX_SAFE_INTEGER : placeAt(beforeMs), maxRows],
  );
  if (last === undefined || last["seq"] === null) return 0;
  const seq = integer(last, "seq");
  const [, , counted] = await db.write([
    { sql: "DELETE FROM request_log_tries WHERE seq <= ?", args: [seq] },
    { sql: "DELETE FROM request_log WHERE seq <= ?", args: [seq] },
    { sql: "UPDATE request_log_size SET rows = rows - changes() RETURNING changes() AS deleted" },
  ]);
  const [row] = counted?.rows ?? [];
  return row === undefined ? 0 : integer(row, "deleted");
}
