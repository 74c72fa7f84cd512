import { integer, text } from "./columns.ts";
import type { Database } from "./database.ts";

/** What some provider keys were used for. */
export interface KeyUsage {
  readonly requests: number;
  readonly attempts: number;
  /** Attempts that failed. */
  readonly failures: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly costNanoDollars: number;
}

const SUMS = ["requests", "attempts", "failures", "input_tokens", "output_tokens", "cost_nano_dollars"];

/**
 * Use of these keys from the beginning of an hour (in hours since the epoch) up to and without a minute, by id; keys
 * that were not used are not in it. For a day or two: Whole hours come from hours; minutes only since the last roll-up, so that a page of
 * keys is looked up in a millisecond or two.
 */
export async function sumKeyUsage(
  db: Database,
  keyIds: readonly string[],
  fromHour: number,
  toMinute: number,
): Promise<Map<string, KeyUsage>> {
  const [rolled] = await db.read(
    "SELECT at FROM rollups WHERE family = 'key_usage' AND level = 'hours'",
  );
  const fromMinute = Math.max(fromHour * 60, rolled === undefined ? 0 : integer(rolled, "at"));
  const sums = SUMS.map((column) => `sum(${column}) AS ${column}`).join(", ");
  const rows = await db.read(
    `WITH wanted AS (SELECT id, name FROM names WHERE name IN (SELECT value FROM json_each(?)))
     SELECT wanted.name AS id, ${sums} FROM (
       SELECT provider_key, ${SUMS.join(", ")} FROM key_usage_hours
       WHERE at >= ? AND at IN (SELECT value FROM json_each(?)) AND provider_key IN (SELECT id FROM wanted)
       UNION ALL
       SELECT provider_key, ${SUMS.join(", ")} FROM key_usage_minutes
       WHERE at >= ? AND at IN (SELECT value FROM json_each(?)) AND provider_key IN (SELECT id FROM wanted)
         AND (at, provider_key) > (SELECT at, done FROM rollups WHERE family = 'key_usage' AND level = 'hours')
     ) AS used JOIN wanted ON wanted.id = used.provider_key GROUP BY wanted.id`,
    [
      JSON.stringify(keyIds),
      fromHour,
      JSON.stringify(range(fromHour, Math.ceil(toMinute / 60))),
      fromMinute,
      JSON.stringify(range(fromMinute, toMinute)),
    ],
  );
  return new Map(rows.map((row) => [text(row, "id"), {
    requests: integer(row, "requests"),
    attempts: integer(row, "attempts"),
    failures: integer(row, "failures"),
    inputTokens: integer(row, "input_tokens"),
    outputTokens: integer(row, "output_tokens"),
    costNanoDollars: integer(row, "cost_nano_dollars"),
  }]));
}

function range(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from) }, (_, index) => from + index);
}
