import {
  noCounts,
  USAGE_COUNTS,
  USAGE_DIMENSIONS,
  USAGE_SOURCES,
  type UsageCount,
  type UsageCounts,
  type UsageDimension,
  type UsageDimensions,
} from "../core/usage.ts";
import { integer, text } from "./columns.ts";
import type { Database, Row } from "./database.ts";
import { columnOf, DIMENSION_COLUMNS, KEY_USAGE, NAMED, nameOf, USAGE } from "./usage_family.ts";
import { type UsageRange, usageSource } from "./usage_source.ts";

/** What is asked of the statistics. */
export interface UsageQuestion extends UsageRange {
  /** Dimensions that the sums are held apart by; none gives one sum of all. */
  readonly by: readonly UsageDimension[];
  /** Only what has one of these values in a dimension. */
  readonly only?: UsageFilter;
  /** The counts that are wanted: fewer are summed faster. All of them unless told; the others are 0. */
  readonly counts?: readonly UsageCount[];
  /** The largest first by this count; left out, by time and then by the dimensions. */
  readonly largestBy?: UsageCount;
  readonly limit?: number;
}

/** Values of dimensions: names as text, the status class as its digit, the source by its name. */
export type UsageFilter = { readonly [Dimension in UsageDimension]?: readonly string[] };

/** Sums of one combination of the dimensions that were asked for; the others are left out. */
export interface UsageSum extends Partial<UsageDimensions>, UsageCounts {
  /** Where the interval begins, in milliseconds since the epoch; left out without an interval. */
  readonly startMs?: number;
}

/**
 * Sums of a range, from days, hours and minutes as they fit, to the minute and to the last flush. Nothing counts
 * twice while roll-ups run, because it is one statement. A question about provider keys reads the larger tables.
 */
export async function sumUsage(db: Database, question: UsageQuestion): Promise<UsageSum[]> {
  const { by, only = {}, interval, largestBy, limit = MAX_ROWS } = question;
  const wanted = wantedOf(question);
  const isOfKeys = by.includes("providerKeyId") || only.providerKeyId !== undefined;
  const columns = by.map((dimension) => DIMENSION_COLUMNS[dimension]);
  const counts = wanted.map(columnOf);
  const { sql, args } = usageSource(isOfKeys ? KEY_USAGE : USAGE, question, columns, filtersOf(only), counts);
  const groups = [...(interval === undefined ? [] : ["start"]), ...columns];
  const shown = [
    ...(interval === undefined ? [] : ["start"]),
    ...columns.map((column) => NAMED.has(column) ? `${nameOf(`summed.${column}`)} AS ${column}` : column),
    ...counts,
  ];
  const order = largestBy === undefined ? groups : [`${columnOf(largestBy)} DESC`, ...groups];
  const rows = await db.read(
    `SELECT ${shown.join(", ")} FROM (
       SELECT ${[...groups, ...counts.map((count) => `coalesce(sum(${count}), 0) AS ${count}`)].join(", ")}
       FROM (${sql}) ${groups.length === 0 ? "" : `GROUP BY ${groups.join(", ")}`}
     ) AS summed
     ${order.length === 0 ? "" : `ORDER BY ${order.join(", ")}`} LIMIT ?`,
    [...args, limit],
  );
  return rows.map((row) => sumOf(row, by, wanted, interval !== undefined));
}

/** More rows than a page or a download of one question takes. */
const MAX_ROWS = 100_000;

/** Values of dimensions by column, as they are stored. */
export function filtersOf(only: UsageFilter): ReadonlyMap<string, readonly (string | number)[]> {
  const filters = new Map<string, readonly (string | number)[]>();
  for (const dimension of USAGE_DIMENSIONS) {
    const values: readonly string[] | undefined = only[dimension];
    if (values === undefined) continue;
    const column = DIMENSION_COLUMNS[dimension];
    if (dimension === "statusClass") filters.set(column, values.map(Number));
    else if (dimension === "usageSource") {
      filters.set(column, values.map((value) => USAGE_SOURCES.findIndex((source) => source === value)));
    } else filters.set(column, values);
  }
  return filters;
}

function wantedOf({ counts = USAGE_COUNTS, largestBy }: UsageQuestion): readonly UsageCount[] {
  return largestBy === undefined || counts.includes(largestBy) ? counts : [...counts, largestBy];
}

function sumOf(
  row: Row,
  by: readonly UsageDimension[],
  wanted: readonly UsageCount[],
  hasInterval: boolean,
): UsageSum {
  const counts = noCounts();
  for (const name of wanted) counts[name] = integer(row, columnOf(name));
  const has = (dimension: UsageDimension) => by.includes(dimension);
  return {
    ...(hasInterval && { startMs: integer(row, "start") * 60_000 }),
    ...(has("providerId") && { providerId: text(row, "provider") }),
    ...(has("providerKeyId") && { providerKeyId: text(row, "provider_key") }),
    ...(has("clientKeyId") && { clientKeyId: text(row, "client_key") }),
    ...(has("group") && { group: text(row, "grp") }),
    ...(has("model") && { model: text(row, "model") }),
    ...(has("statusClass") && { statusClass: integer(row, "status_class") }),
    ...(has("usageSource") && { usageSource: USAGE_SOURCES[integer(row, "source")] ?? "none" }),
    ...counts,
  };
}
