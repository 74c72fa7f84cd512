import { z } from "zod";
import { integer, json, text } from "./columns.ts";
import type { Database, Row, Statement } from "./database.ts";

export const KEY_ACTIONS = ["enable", "disable", "release", "check", "tag", "weight", "delete"] as const;

/** What is done to many provider keys at once. */
export type KeyAction = typeof KEY_ACTIONS[number];

export const KEY_CHANGE_STATES = ["running", "done", "stopped", "failed", "undoing", "undone"] as const;

export type KeyChangeState = typeof KEY_CHANGE_STATES[number];

/** One change of many provider keys: how far it has come, and what it was. */
export interface KeyChange {
  readonly id: string;
  readonly action: KeyAction;
  /** Name of whoever asked for it. */
  readonly actor: string;
  /** What it was asked for: the filter, tags, weight; of checks the results. For people. */
  readonly detail: Readonly<Record<string, unknown>>;
  readonly state: KeyChangeState;
  /** Keys that it was begun with. */
  readonly total: number;
  /** Keys that were dealt with. */
  readonly done: number;
  /** Keys that are different now: one that was as wanted before is not. */
  readonly changed: number;
  readonly createdAtMs: number;
  /** When it last got on, or ended. */
  readonly updatedAtMs: number;
}

export async function createKeyChange(db: Database, change: KeyChange): Promise<void> {
  await db.write([{
    sql: `INSERT INTO key_changes (id, action, actor, detail, state, total, done, changed, created_at_ms,
            updated_at_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    args: [
      change.id,
      change.action,
      change.actor,
      JSON.stringify(change.detail),
      change.state,
      change.total,
      change.done,
      change.changed,
      change.createdAtMs,
      change.updatedAtMs,
    ],
  }]);
}

/** Writes how far it has come. */
export async function setKeyChange(db: Database, change: KeyChange): Promise<void> {
  await db.write([keyChangeUpdate(change)]);
}

/** The same, to stand in one transaction with what was done. */
export function keyChangeUpdate(change: KeyChange): Statement {
  const { id, detail, state, done, changed, updatedAtMs } = change;
  return {
    sql:
      "UPDATE key_changes SET detail = ?, state = ?, done = ?, changed = ?, updated_at_ms = ? WHERE id = ?",
    args: [JSON.stringify(detail), state, done, changed, updatedAtMs, id],
  };
}

export async function findKeyChange(db: Database, id: string): Promise<KeyChange | undefined> {
  const [row] = await db.read("SELECT * FROM key_changes WHERE id = ?", [id]);
  return row && changeOf(row);
}

/** The latest, newest first. */
export async function listKeyChanges(db: Database, limit: number): Promise<KeyChange[]> {
  const rows = await db.read("SELECT * FROM key_changes ORDER BY id DESC LIMIT ?", [limit]);
  return rows.map(changeOf);
}

/**
 * Forgets what can no more be undone: changes that ended before `beforeMs` go with their items, and deletions that
 * ended before `deletedBeforeMs` with the keys themselves. Up to `limit` keys; returns how many rows went.
 */
export async function deleteOldKeyChanges(
  db: Database,
  beforeMs: number,
  deletedBeforeMs: number,
  limit: number,
): Promise<number> {
  const isOld = "updated_at_ms < CASE action WHEN 'delete' THEN ? ELSE ? END";
  const old = [deletedBeforeMs, beforeMs];
  const results = await db.write([
    {
      sql: `DELETE FROM deleted_provider_keys WHERE id IN (
              SELECT deleted.id FROM key_changes JOIN deleted_provider_keys AS deleted
                ON deleted.change_id = key_changes.id WHERE ${isOld} LIMIT ?)`,
      args: [...old, limit],
    },
    {
      sql: `DELETE FROM key_change_items WHERE (change_id, key_id) IN (
              SELECT items.change_id, items.key_id FROM key_changes JOIN key_change_items AS items
                ON items.change_id = key_changes.id WHERE ${isOld} LIMIT ?)`,
      args: [...old, limit],
    },
    {
      sql: `DELETE FROM key_changes WHERE ${isOld}
              AND NOT EXISTS (SELECT 1 FROM deleted_provider_keys WHERE change_id = key_changes.id)
              AND NOT EXISTS (SELECT 1 FROM key_change_items WHERE change_id = key_changes.id)`,
      args: old,
    },
  ]);
  return results.slice(0, 2).reduce((sum, { changedRows }) => sum + changedRows, 0);
}

const detailSchema = z.record(z.string(), z.unknown());

function changeOf(row: Row): KeyChange {
  const action = text(row, "action");
  const state = text(row, "state");
  return {
    id: text(row, "id"),
    action: KEY_ACTIONS.find((each) => each === action) ?? "check",
    actor: text(row, "actor"),
    detail: json(row, "detail", detailSchema),
    state: KEY_CHANGE_STATES.find((each) => each === state) ?? "failed",
    total: integer(row, "total"),
    done: integer(row, "done"),
    changed: integer(row, "changed"),
    createdAtMs: integer(row, "created_at_ms"),
    updatedAtMs: integer(row, "updated_at_ms"),
  };
}
