import type { Statement } from "./database.ts";
import { type Family, type Level, NAMED, tableOf } from "./usage_family.ts";

/** From `fromMinute` up to, and without, `toMinute` (minutes since the epoch). */
export interface UsageRange {
  readonly fromMinute: number;
  readonly toMinute: number;
  /** Sums are held apart by this; days are those of UTC. */
  readonly interval?: "minute" | "hour" | "day";
  /**
   * Since when there are minutes and hours: of what is older, the hours (or days) at the edges of the range are
   * counted whole. Left out, they are there for ever.
   */
  readonly kept?: UsageKept;
}

export interface UsageKept {
  readonly minutesFrom: number;
  readonly hoursFrom: number;
}

type Filters = ReadonlyMap<string, readonly (string | number)[]>;

/**
 * A SELECT of the columns and sums of a family, already summed for each table that it reads; with an interval also
 * `start`, its first minute. Whole days come from days, the hours at the edges from hours, the minutes from minutes;
 * and what is not rolled up yet from where it still is.
 */
export function usageSource(
  family: Family,
  range: UsageRange,
  columns: readonly string[],
  filters: Filters,
  sums: readonly string[] = family.sums,
): { readonly sql: string; readonly args: NonNullable<Statement["args"]> } {
  const parts: string[] = [];
  const args: (string | number)[] = [];
  for (const piece of piecesOf(range)) {
    const { level, from, to, isRest } = piece;
    if (from >= to) continue;
    const conditions = placeCondition(family, piece, filters, args);
    if (isRest) {
      const [first] = family.dimensions;
      const next = level === "minutes" ? "hours" : "days";
      conditions.push(
        `(at, ${first}) > (SELECT at, done FROM rollups WHERE family = '${family.name}' AND level = '${next}')`,
      );
    }
    for (const [column, values] of filters) {
      const given = "SELECT value FROM json_each(?)";
      conditions.push(
        `${column} IN (${NAMED.has(column) ? `SELECT id FROM names WHERE name IN (${given})` : given})`,
      );
      args.push(JSON.stringify(values));
    }
    const start = startOf(level, range.interval);
    const groups = [...(start === undefined ? [] : ["start"]), ...columns];
    const shown = [
      ...(start === undefined ? [] : [`${start} AS start`]),
      ...columns,
      ...sums.map((sum) => `sum(${sum}) AS ${sum}`),
    ];
    parts.push(
      `SELECT ${shown.join(", ")} FROM ${tableOf(family, level)} WHERE ${conditions.join(" AND ")}` +
        (groups.length === 0 ? "" : ` GROUP BY ${groups.join(", ")}`),
    );
  }
  if (parts.length > 0) return { sql: parts.join(" UNION ALL "), args };
  const none = [
    ...(range.interval === undefined ? [] : ["0 AS start"]),
    ...columns.map((column) => `0 AS ${column}`),
  ];
  return {
    sql: `SELECT ${[...none, ...sums.map((sum) => `0 AS ${sum}`)].join(", ")} WHERE false`,
    args,
  };
}

/** A part of the range that is read from one table. */
interface Piece {
  readonly level: Level;
  /** In the level's unit. */
  readonly from: number;
  readonly to: number;
  /** Only what the next level does not have yet. */
  readonly isRest: boolean;
}

function piecesOf({ fromMinute, toMinute, interval, kept }: UsageRange): Piece[] {
  if (interval === "minute") return [whole("minutes", fromMinute, toMinute)];
  const minutes = edges(fromMinute, toMinute, 60, kept?.minutesFrom ?? 0);
  const hours = { from: minutes.from / 60, to: minutes.to / 60 };
  const ofMinutes = [
    whole("minutes", fromMinute, minutes.from),
    { level: "minutes", from: minutes.from, to: minutes.to, isRest: true },
    whole("minutes", Math.max(minutes.from, minutes.to), toMinute),
  ] as const;
  if (interval === "hour") return [...ofMinutes, whole("hours", hours.from, hours.to)];
  const inHours = edges(hours.from, hours.to, 24, kept?.hoursFrom ?? 0);
  return [
    ...ofMinutes,
    whole("hours", hours.from, inHours.from),
    { level: "hours", from: inHours.from, to: inHours.to, isRest: true },
    whole("hours", Math.max(inHours.from, inHours.to), hours.to),
    whole("days", inHours.from / 24, inHours.to / 24),
  ];
}

const whole = (level: Level, from: number, to: number): Piece => ({ level, from, to, isRest: false });

/** The part of the range that whole units cover; wider than the range where the smaller units are gone. */
function edges(from: number, to: number, unit: number, keptFrom: number): { from: number; to: number } {
  const first = (from < keptFrom ? Math.floor : Math.ceil)(from / unit) * unit;
  const last = (to < keptFrom ? Math.ceil : Math.floor)(to / unit) * unit;
  // A range inside one unit is all edge.
  return last <= first ? { from: to, to } : { from: first, to: last };
}

/** Rows of few provider keys are looked up time by time: `at` is first in the primary key. */
function placeCondition(
  family: Family,
  { from, to }: Piece,
  filters: Filters,
  args: (string | number)[],
): string[] {
  args.push(from, to);
  const [first = ""] = family.dimensions;
  if (!filters.has(first) || to - from > MAX_LOOKUPS) return ["at >= ? AND at < ?"];
  args.push(JSON.stringify(Array.from({ length: to - from }, (_, index) => from + index)));
  return ["at >= ? AND at < ? AND at IN (SELECT value FROM json_each(?))"];
}

const MAX_LOOKUPS = 5000;

const MINUTES: Readonly<Record<Level, number>> = { minutes: 1, hours: 60, days: 1440 };
const INTERVAL_MINUTES = { minute: 1, hour: 60, day: 1440 } as const;

function startOf(level: Level, interval: UsageRange["interval"]): string | undefined {
  if (interval === undefined) return undefined;
  const minutes = INTERVAL_MINUTES[interval];
  return MINUTES[level] === minutes ? `at * ${minutes}` : `at * ${MINUTES[level]} / ${minutes} * ${minutes}`;
}
