import { z } from "zod";
import { integer, json, text } from "./columns.ts";
import type { Database, Row } from "./database.ts";
import type { Stamp } from "./stamp.ts";

/** What somebody has done: appended, never changed. Holds no secret. */
export interface AuditEntry {
  /** Sorts by time. */
  readonly id: string;
  readonly atMs: number;
  /** Name of the account or of the token. */
  readonly actor: string;
  /** How he was known: `session`, `password` or `token`. */
  readonly actorKind: string;
  /** Id of the route: `provider.create`. */
  readonly action: string;
  /** What it was done to: a slug or an id; "" for nothing in particular. */
  readonly target: string;
  /** "" when it is not known. */
  readonly address: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** Which entries, newest first. */
export interface AuditPage {
  readonly limit: number;
  /** Id of the last entry of the page before. */
  readonly beforeId?: string;
  readonly actor?: string;
  /** An id of a route, or its beginning: `provider.`. */
  readonly action?: string;
  readonly target?: string;
}

export async function addAuditEntry(
  db: Database,
  entry: Omit<AuditEntry, "id" | "atMs">,
  stamp: Stamp,
): Promise<void> {
  const { actor, actorKind, action, target, address, detail } = entry;
  await db.write([{
    sql: `INSERT INTO audit_log (id, at_ms, actor, actor_kind, action, target, address, detail)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    args: [stamp.newId(), stamp.nowMs, actor, actorKind, action, target, address, JSON.stringify(detail)],
  }]);
}

/** One page, newest first. */
export async function listAuditEntries(db: Database, page: AuditPage): Promise<AuditEntry[]> {
  const { limit, beforeId, actor, action, target } = page;
  const filters: [sql: string, value: string][] = [];
  if (beforeId !== undefined) filters.push(["id < ?", beforeId]);
  if (actor !== undefined) filters.push(["actor = ?", actor]);
  if (action !== undefined) filters.push(["substr(action, 1, length(?)) = ?", action]);
  if (target !== undefined) filters.push(["target = ?", target]);
  const where = filters.length === 0 ? "" : `WHERE ${filters.map(([sql]) => sql).join(" AND ")}`;
  const args = filters.flatMap(([sql, value]) => sql.split("?").slice(1).map(() => value));
  const rows = await db.read(`SELECT * FROM audit_log ${where} ORDER BY id DESC LIMIT ?`, [...args, limit]);
  return rows.map(entryOf);
}

const detailSchema = z.record(z.string(), z.unknown());

function entryOf(row: Row): AuditEntry {
  return {
    id: text(row, "id"),
    atMs: integer(row, "at_ms"),
    actor: text(row, "actor"),
    actorKind: text(row, "actor_kind"),
    action: text(row, "action"),
    target: text(row, "target"),
    address: text(row, "address"),
    detail: json(row, "detail", detailSchema),
  };
}
