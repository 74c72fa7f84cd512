import { quantileMs } from "../core/histogram.ts";
import type { UsageCount } from "../core/usage.ts";
import { sumLatencies } from "../store/latency_query.ts";
import { sumUsage, type UsageQuestion, type UsageSum } from "../store/usage_query.ts";
import type { ChartMetric, UsageCharts } from "../../views/usage_charts.tsx";
import { latencyFilter } from "./usage_latency.ts";
import { dimensionLabel } from "./usage_labels.ts";
import type { UsageDeps } from "./usage_deps.ts";

type Interval = NonNullable<UsageQuestion["interval"]>;

const MINUTES: Readonly<Record<Interval, number>> = { minute: 1, hour: 60, day: 1440 };

/** Columns of a chart at the most: more are no wider than a pixel. */
const MAX_POINTS = 750;

/** Parts of a chart that have a colour of their own; the rest is one. */
const MAX_LINES = 5;

/** What each chart adds up. */
const METRIC_COUNTS: Readonly<Record<ChartMetric, readonly UsageCount[]>> = {
  requests: ["requests"],
  tokens: ["inputTokens", "outputTokens"],
  cost: ["costNanoDollars"],
  failures: ["failures"],
};

/** Counts of the causes that attempts fail for. */
export const CAUSES = [
  "keyLimited",
  "keyExhausted",
  "keyDead",
  "modelDenied",
  "requestTooBig",
  "requestBad",
  "providerDown",
  "callerLeft",
] as const satisfies readonly UsageCount[];

/** The interval that gives a chart of some twenty to four hundred columns. */
export function fittingInterval(
  { fromMinute, toMinute }: Pick<UsageQuestion, "fromMinute" | "toMinute">,
): Interval {
  const minutes = toMinute - fromMinute;
  return minutes <= 361 ? "minute" : minutes <= 8 * 1440 + 1 ? "hour" : "day";
}

/** The charts of a question: a metric by its first dimension, causes of failures, and latencies, over time. */
export async function chartsOf(
  deps: UsageDeps,
  question: UsageQuestion,
  metric: ChartMetric,
  wanted: Interval | undefined,
): Promise<UsageCharts> {
  const { db } = deps;
  const { by: [dimension], only = {}, largestBy: _order, limit: _limit, ...range } = question;
  const interval = bounded(question, wanted ?? fittingInterval(question));
  const counts = METRIC_COUNTS[metric];
  const [largestBy = "requests"] = counts;
  const over = { ...range, interval, only };
  const [totals, largest, latencies] = await Promise.all([
    sumUsage(db, { ...over, by: [], counts: [...new Set<UsageCount>([...counts, ...CAUSES])] }),
    dimension === undefined
      ? []
      : sumUsage(db, { ...range, only, by: [dimension], counts, largestBy, limit: MAX_LINES }),
    latenciesOver(deps, question, interval),
  ]);
  const starts = startsOf(question, interval);
  const valueOf = (sum: UsageSum) => counts.reduce((all, count) => all + sum[count], 0);
  const totalLine = lineOf(starts, totals, valueOf);
  const values = dimension === undefined ? [] : largest.map((sum) => String(sum[dimension]));
  const parts = dimension === undefined || values.length === 0
    ? []
    : await sumUsage(db, { ...over, by: [dimension], counts, only: { ...only, [dimension]: values } });
  const lines = values.map((value) => ({
    name: dimension === undefined ? "" : dimensionLabel(dimension, value, deps),
    values: lineOf(
      starts,
      parts.filter((sum) => dimension !== undefined && String(sum[dimension]) === value),
      valueOf,
    ),
  }));
  const others = totalLine.map((total, point) =>
    Math.max(0, total - lines.reduce((all, line) => all + (line.values[point] ?? 0), 0))
  );
  return {
    interval,
    startsMs: starts,
    lines,
    others: others.some((value) => value > 0) ? others : undefined,
    causes: CAUSES.map((cause) => ({ cause, values: lineOf(starts, totals, (sum) => sum[cause]) }))
      .filter(({ values }) => values.some((value) => value > 0)),
    latencies,
  };
}

/** A short interval over a long time would give more columns than can be seen. */
function bounded(range: Pick<UsageQuestion, "fromMinute" | "toMinute">, interval: Interval): Interval {
  const minutes = range.toMinute - range.fromMinute;
  if (minutes / MINUTES[interval] <= MAX_POINTS) return interval;
  return minutes / MINUTES.hour <= MAX_POINTS ? "hour" : "day";
}

function startsOf({ fromMinute, toMinute }: UsageQuestion, interval: Interval): number[] {
  const size = MINUTES[interval];
  const first = Math.floor(fromMinute / size) * size;
  const count = Math.min(MAX_POINTS, Math.ceil((toMinute - first) / size));
  return Array.from({ length: count }, (_, index) => (first + index * size) * 60_000);
}

function lineOf(
  starts: readonly number[],
  sums: readonly UsageSum[],
  valueOf: (sum: UsageSum) => number,
): number[] {
  const byStart = new Map(sums.map((sum) => [sum.startMs, valueOf(sum)]));
  return starts.map((startMs) => byStart.get(startMs) ?? 0);
}

async function latenciesOver(
  { db }: UsageDeps,
  question: UsageQuestion,
  interval: Interval,
): Promise<UsageCharts["latencies"]> {
  const only = latencyFilter(question);
  if (only === undefined) return undefined;
  const { by: _by, only: _only, largestBy: _order, limit: _limit, ...range } = question;
  const sums = await sumLatencies(db, { ...range, interval, by: [], only });
  const of = (measure: string) => {
    const byStart = new Map(
      sums.filter((sum) => sum.measure === measure).map((
        sum,
      ) => [sum.startMs, quantileMs(sum.buckets, 0.95)]),
    );
    return startsOf(question, interval).map((startMs) => byStart.get(startMs));
  };
  return { duration: of("duration"), firstToken: of("first_token") };
}
