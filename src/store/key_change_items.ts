import { z } from "zod";
import type { ProviderKey } from "../core/provider_key.ts";
import { json, text } from "./columns.ts";
import type { Database, Statement } from "./database.ts";
import { type KeyChange, keyChangeUpdate } from "./key_change_store.ts";
import type { KeyEvent } from "./key_history_store.ts";

/** What an operator may change of many keys at once; what is left out stays. */
export type KeyFields = Partial<Pick<ProviderKey, "isEnabled" | "weight" | "priority" | "tags">>;

/** One key of a change: what it gets, and what the same fields were before. */
export interface KeyChangeItem {
  readonly keyId: string;
  readonly event: KeyEvent;
  readonly after: KeyFields;
  readonly before: KeyFields;
}

/**
 * Writes one batch in one transaction: the keys, what they were before, their history, and how far the change has come.
 * With `isUndo` nothing is kept of before.
 */
export async function writeKeyChanges(
  db: Database,
  change: KeyChange,
  items: readonly KeyChangeItem[],
  actor: string,
  isUndo = false,
): Promise<void> {
  const rows = items.map(({ keyId, after: { isEnabled, weight, priority, tags }, before, event }) => [
    keyId,
    isEnabled === undefined ? null : Number(isEnabled),
    weight ?? null,
    priority ?? null,
    tags === undefined ? null : JSON.stringify(tags),
    JSON.stringify(before),
    event,
  ]);
  const given = JSON.stringify(rows);
  await db.write([
    {
      sql: `UPDATE provider_keys SET enabled = coalesce(given.value ->> 1, enabled),
              weight = coalesce(given.value ->> 2, weight), priority = coalesce(given.value ->> 3, priority),
              tags = coalesce(given.value ->> 4, tags)
            FROM json_each(?) AS given WHERE provider_keys.id = given.value ->> 0`,
      args: [given],
    },
    ...(isUndo ? [] : [{
      sql: `INSERT OR IGNORE INTO key_change_items (change_id, key_id, before)
            SELECT ?, value ->> 0, value ->> 5 FROM json_each(?)`,
      args: [change.id, given],
    }]),
    historyOf(given, 6, change.updatedAtMs, actor),
    keyChangeUpdate(change),
  ]);
}

/** The next keys of a change, in the order of their ids, with what they were before. */
export async function listKeyChangeItems(
  db: Database,
  changeId: string,
  afterKeyId: string,
  limit: number,
): Promise<{ readonly keyId: string; readonly before: KeyFields }[]> {
  const rows = await db.read(
    "SELECT key_id, before FROM key_change_items WHERE change_id = ? AND key_id > ? ORDER BY key_id LIMIT ?",
    [changeId, afterKeyId, limit],
  );
  return rows.map((row) => ({ keyId: text(row, "key_id"), before: json(row, "before", beforeSchema) }));
}

/** An event of each key that stands first in the rows of a JSON list; the event stands at `place`. */
export function historyOf(rows: string, place: number, atMs: number, actor: string): Statement {
  return {
    sql: `INSERT OR IGNORE INTO key_history (key_id, at_ms, model, event, actor)
          SELECT value ->> 0, ?, '', value ->> ${place}, ? FROM json_each(?)`,
    args: [atMs, actor, rows],
  };
}

const beforeSchema = z.object({
  isEnabled: z.boolean().exactOptional(),
  weight: z.number().exactOptional(),
  priority: z.number().exactOptional(),
  tags: z.array(z.string()).exactOptional(),
});
