import { LATENCY_MEASURES, type LatencyMeasure, type LatencyMinute } from "../core/usage.ts";
import { integer, text } from "./columns.ts";
import type { Database } from "./database.ts";
import { DIMENSION_COLUMNS, LATENCY, NAMED, nameOf } from "./usage_family.ts";
import { filtersOf, type UsageFilter } from "./usage_query.ts";
import { type UsageRange, usageSource } from "./usage_source.ts";

/** By what histograms are held apart. */
export type LatencyDimension = "providerId" | "clientKeyId" | "group" | "model";

export const LATENCY_DIMENSIONS: readonly LatencyDimension[] = [
  "providerId",
  "clientKeyId",
  "group",
  "model",
];

export interface LatencyQuestion extends UsageRange {
  readonly by: readonly LatencyDimension[];
  readonly only?: Pick<UsageFilter, LatencyDimension>;
}

/** A merged histogram; `quantileMs()` of core/histogram.ts reads it. */
export interface LatencySum extends Partial<Pick<LatencyMinute, LatencyDimension>> {
  readonly startMs?: number;
  readonly measure: LatencyMeasure;
  readonly buckets: readonly number[];
}

/** Histograms of requests that succeeded, of all instances and times of the range merged. */
export async function sumLatencies(db: Database, question: LatencyQuestion): Promise<LatencySum[]> {
  const { by, only = {}, interval } = question;
  const columns = [...by.map((dimension) => DIMENSION_COLUMNS[dimension]), "measure"];
  const { sql, args } = usageSource(LATENCY, question, columns, filtersOf(only));
  const groups = [...(interval === undefined ? [] : ["start"]), ...columns];
  const shown = groups.map((column) =>
    NAMED.has(column) ? `${nameOf(`summed.${column}`)} AS ${column}` : column
  );
  const sums = LATENCY.sums.map((bucket) => `sum(${bucket}) AS ${bucket}`);
  const rows = await db.read(
    `SELECT ${[...shown, ...LATENCY.sums].join(", ")} FROM (
       SELECT ${[...groups, ...sums].join(", ")} FROM (${sql}) GROUP BY ${groups.join(", ")}
     ) AS summed ORDER BY ${groups.join(", ")}`,
    args,
  );
  return rows.map((row) => ({
    ...(interval !== undefined && { startMs: integer(row, "start") * 60_000 }),
    ...(by.includes("providerId") && { providerId: text(row, "provider") }),
    ...(by.includes("clientKeyId") && { clientKeyId: text(row, "client_key") }),
    ...(by.includes("group") && { group: text(row, "grp") }),
    ...(by.includes("model") && { model: text(row, "model") }),
    measure: LATENCY_MEASURES[integer(row, "measure")] ?? "duration",
    buckets: LATENCY.sums.map((bucket) => integer(row, bucket)),
  }));
}
