import type { KeyState } from "../core/health.ts";
import type { KeyTransition } from "../core/key_transition.ts";
import { chunksOf, letOthersRun } from "./chunks.ts";
import { integer, optional, text } from "./columns.ts";
import type { Database, Row } from "./database.ts";

/** What happened to a provider key: its state changed, or a person changed it among many. */
export type KeyEvent = KeyState | "enabled" | "disabled" | "changed" | "deleted" | "restored";

export interface KeyHistoryEntry extends Partial<Pick<KeyTransition, "untilMs" | "rule" | "reason">> {
  readonly atMs: number;
  readonly event: KeyEvent;
  /** "" for the key as a whole. */
  readonly model: string;
  readonly source?: string;
  readonly cause?: string;
  /** Name of whoever did it; left out for what was observed. */
  readonly actor?: string;
}

/** Entries of one key that are kept at least; the oldest beyond go now and then. */
export const KEPT_ENTRIES = 100;

/** Writes down what was observed. The same observation of another instance counts once. */
export async function addKeyHistory(
  db: Database,
  observed: readonly { readonly keyId: string; readonly transition: KeyTransition }[],
): Promise<void> {
  for (const chunk of chunksOf(observed, CHUNK_ROWS)) {
    const rows = chunk.map(({ keyId, transition: each }) => [
      keyId,
      each.atMs,
      each.model,
      each.state,
      each.untilMs ?? null,
      each.source ?? null,
      each.cause ?? null,
      each.rule ?? null,
      each.reason ?? null,
    ]);
    await db.write([{
      sql:
        `INSERT OR IGNORE INTO key_history (key_id, at_ms, model, event, until_ms, source, cause, rule, reason)
         SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6,
           value ->> 7, value ->> 8 FROM json_each(?)`,
      args: [JSON.stringify(rows)],
    }]);
    await letOthersRun();
  }
}

/** The latest entries of a key, newest first. */
export async function listKeyHistory(db: Database, keyId: string, limit: number): Promise<KeyHistoryEntry[]> {
  const rows = await db.read(
    "SELECT * FROM key_history WHERE key_id = ? ORDER BY at_ms DESC, model, event LIMIT ?",
    [keyId, limit],
  );
  return rows.map(entryOf);
}

/** The latest entry with a cause of each of these keys: what went wrong last, though it may be over. */
export async function findLastFaults(
  db: Database,
  keyIds: readonly string[],
): Promise<Map<string, KeyHistoryEntry>> {
  const rows = await db.read(
    `SELECT history.* FROM json_each(?) AS wanted CROSS JOIN key_history AS history
     WHERE history.key_id = wanted.value AND history.cause IS NOT NULL AND history.at_ms = (
       SELECT at_ms FROM key_history WHERE key_id = wanted.value AND cause IS NOT NULL ORDER BY at_ms DESC LIMIT 1
     )`,
    [JSON.stringify(keyIds)],
  );
  return new Map(rows.map((row) => [text(row, "key_id"), entryOf(row)]));
}

/** Leaves each of these keys the latest `KEPT_ENTRIES` entries. */
export async function trimKeyHistory(db: Database, keyIds: readonly string[]): Promise<void> {
  for (const chunk of chunksOf(keyIds, CHUNK_KEYS)) {
    await db.write([{
      sql: `DELETE FROM key_history WHERE (key_id, at_ms, model, event) IN (
              SELECT key_id, at_ms, model, event FROM (
                SELECT key_id, at_ms, model, event,
                  row_number() OVER (PARTITION BY key_id ORDER BY at_ms DESC) AS place
                FROM key_history WHERE key_id IN (SELECT value FROM json_each(?))
              ) WHERE place > ?)`,
      args: [JSON.stringify(chunk), KEPT_ENTRIES],
    }]);
    await letOthersRun();
  }
}

/** Deletes up to `limit` entries that are older; returns how many. */
export async function deleteOldKeyHistory(db: Database, beforeMs: number, limit: number): Promise<number> {
  const [result] = await db.write([{
    sql: `DELETE FROM key_history WHERE (key_id, at_ms, model, event) IN (
            SELECT key_id, at_ms, model, event FROM key_history WHERE at_ms < ? LIMIT ?)`,
    args: [beforeMs, limit],
  }]);
  return result?.changedRows ?? 0;
}

/** Some 2 ms on a local file. */
const CHUNK_ROWS = 100;
const CHUNK_KEYS = 10;

const EVENTS: readonly KeyEvent[] = [
  "ready",
  "cooling",
  "exhausted",
  "rejected",
  "enabled",
  "disabled",
  "changed",
  "deleted",
  "restored",
];

function entryOf(row: Row): KeyHistoryEntry {
  const event = text(row, "event");
  return {
    atMs: integer(row, "at_ms"),
    event: EVENTS.find((each) => each === event) ?? "changed",
    model: text(row, "model"),
    ...optional(row, "until_ms", "untilMs", integer),
    ...optional(row, "source", "source", text),
    ...optional(row, "cause", "cause", text),
    ...optional(row, "rule", "rule", text),
    ...optional(row, "reason", "reason", text),
    ...optional(row, "actor", "actor", text),
  };
}
