import type { UsageMinute } from "../core/usage.ts";
import { chunksOf } from "./chunks.ts";
import { integer, text } from "./columns.ts";
import type { Database, Row } from "./database.ts";

/** From `fromMinute` up to, and without, `toMinute`. */
export interface MinuteRange {
  readonly fromMinute: number;
  readonly toMinute: number;
}

/** Adds the counts to those already stored, all in one transaction: all are added or none. */
export async function addUsage(db: Database, counted: readonly UsageMinute[]): Promise<void> {
  if (counted.length === 0) return;
  const statements = [...chunksOf(counted, CHUNK_ROWS)].map((chunk) => ({
    sql: ADD_USAGE,
    args: [JSON.stringify(chunk.map(rowOf))],
  }));
  await db.write(statements);
}

/** The stored counts of a time, minute by minute. */
export async function listUsage(db: Database, range: MinuteRange): Promise<UsageMinute[]> {
  const rows = await db.read(
    "SELECT * FROM usage_minutes WHERE minute >= ? AND minute < ? ORDER BY minute",
    [range.fromMinute, range.toMinute],
  );
  return rows.map(usageOf);
}

export type UsageDimension = "minute" | "providerId" | "providerKeyId" | "clientKeyId" | "model";

/** The counts of a time, added up by some of the dimensions; the others are "" (or 0 for the minute). */
export async function sumUsage(
  db: Database,
  range: MinuteRange,
  by: readonly UsageDimension[],
): Promise<UsageMinute[]> {
  const columns = by.map((dimension) => DIMENSIONS[dimension]);
  const absent = Object.values(DIMENSIONS).filter((column) => !columns.includes(column))
    .map((column) => column === "minute" ? "0 AS minute" : `'' AS ${column}`);
  const sums = COUNTS.map((column) => `coalesce(sum(${column}), 0) AS ${column}`);
  const rows = await db.read(
    `SELECT ${[...columns, ...absent, ...sums].join(", ")} FROM usage_minutes
     WHERE minute >= ? AND minute < ? ${columns.length === 0 ? "" : `GROUP BY ${columns.join(", ")}`}`,
    [range.fromMinute, range.toMinute],
  );
  return rows.map(usageOf);
}

/** Deletes what is older than the minute; returns how many rows went. */
export async function deleteUsageBefore(db: Database, minute: number): Promise<number> {
  const [result] = await db.write([{ sql: "DELETE FROM usage_minutes WHERE minute < ?", args: [minute] }]);
  return result?.changedRows ?? 0;
}

const CHUNK_ROWS = 500;

const DIMENSIONS: Readonly<Record<UsageDimension, string>> = {
  minute: "minute",
  providerId: "provider_id",
  providerKeyId: "provider_key_id",
  clientKeyId: "client_key_id",
  model: "model",
};

const COUNTS: readonly string[] = [
  "requests",
  "failures",
  "attempts",
  "input_tokens",
  "output_tokens",
  "cached_tokens",
  "reasoning_tokens",
];

const COLUMNS = [...Object.values(DIMENSIONS), ...COUNTS];

const ADD_USAGE = `
  INSERT INTO usage_minutes (${COLUMNS.join(", ")})
  SELECT ${COLUMNS.map((_, index) => `value ->> ${index}`).join(", ")} FROM json_each(?) WHERE true
  ON CONFLICT (${Object.values(DIMENSIONS).join(", ")}) DO UPDATE SET
    ${COUNTS.map((column) => `${column} = ${column} + excluded.${column}`).join(", ")}`;

/** In the order of `COLUMNS`. */
function rowOf(usage: UsageMinute): (string | number)[] {
  return [
    usage.minute,
    usage.providerId,
    usage.providerKeyId,
    usage.clientKeyId,
    usage.model,
    usage.requests,
    usage.failures,
    usage.attempts,
    usage.inputTokens,
    usage.outputTokens,
    usage.cachedTokens,
    usage.reasoningTokens,
  ];
}

function usageOf(row: Row): UsageMinute {
  return {
    minute: integer(row, "minute"),
    providerId: text(row, "provider_id"),
    providerKeyId: text(row, "provider_key_id"),
    clientKeyId: text(row, "client_key_id"),
    model: text(row, "model"),
    requests: integer(row, "requests"),
    failures: integer(row, "failures"),
    attempts: integer(row, "attempts"),
    inputTokens: integer(row, "input_tokens"),
    outputTokens: integer(row, "output_tokens"),
    cachedTokens: integer(row, "cached_tokens"),
    reasoningTokens: integer(row, "reasoning_tokens"),
  };
}
