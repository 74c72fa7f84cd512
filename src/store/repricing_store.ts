import { integer, text } from "./columns.ts";
import type { Database, Row } from "./database.ts";
import type { Stamp } from "./stamp.ts";

/** What a re-pricing goes through, one after the other. */
export type RepricingPhase = "requests" | "minutes" | "hours" | "days" | "done";

export const REPRICING_PHASES: readonly RepricingPhase[] = ["requests", "minutes", "hours", "days", "done"];

/** Costs of a time that are counted anew at the prices that hold for it. */
export interface Repricing {
  readonly id: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly phase: RepricingPhase;
  /** Up to where the phase has come: a place in the log, or a number of minutes, hours or days. */
  readonly cursor: number;
  /** How many rows it has looked at. */
  readonly rows: number;
  readonly createdAtMs: number;
  /** `undefined` while it runs. */
  readonly endedMs: number | undefined;
}

/** Asks for one; the background work takes it up. */
export async function addRepricing(
  db: Database,
  range: Pick<Repricing, "fromMs" | "toMs">,
  { newId, nowMs }: Stamp,
): Promise<Repricing> {
  const id = newId();
  await db.write([{
    sql: `INSERT INTO repricings (id, from_ms, to_ms, phase, cursor, rows, created_at_ms)
      VALUES (?, ?, ?, 'requests', 0, 0, ?)`,
    args: [id, range.fromMs, range.toMs, nowMs],
  }]);
  return { id, ...range, phase: "requests", cursor: 0, rows: 0, createdAtMs: nowMs, endedMs: undefined };
}

/** The latest ones, the newest first. */
export async function listRepricings(db: Database, limit: number): Promise<Repricing[]> {
  const rows = await db.read("SELECT * FROM repricings ORDER BY created_at_ms DESC, id DESC LIMIT ?", [
    limit,
  ]);
  return rows.map(repricingOf);
}

/** The oldest that is not done; `undefined` when there is none. */
export async function findNextRepricing(db: Database): Promise<Repricing | undefined> {
  const [row] = await db.read(
    "SELECT * FROM repricings WHERE ended_ms IS NULL ORDER BY created_at_ms, id LIMIT 1",
  );
  return row && repricingOf(row);
}

/** Notes how far it has come. Doing a step again does no harm: the same prices give the same costs. */
export async function setRepricing(
  db: Database,
  { id, phase, cursor, rows, endedMs }: Repricing,
): Promise<void> {
  await db.write([{
    sql: "UPDATE repricings SET phase = ?, cursor = ?, rows = ?, ended_ms = ? WHERE id = ?",
    args: [phase, cursor, rows, endedMs ?? null, id],
  }]);
}

function repricingOf(row: Row): Repricing {
  const phase = text(row, "phase");
  return {
    id: text(row, "id"),
    fromMs: integer(row, "from_ms"),
    toMs: integer(row, "to_ms"),
    phase: REPRICING_PHASES.find((known) => known === phase) ?? "requests",
    cursor: integer(row, "cursor"),
    rows: integer(row, "rows"),
    createdAtMs: integer(row, "created_at_ms"),
    endedMs: row["ended_ms"] === null ? undefined : integer(row, "ended_ms"),
  };
}
