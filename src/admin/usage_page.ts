import { quantileMs } from "../core/histogram.ts";
import { noCounts, USAGE_COUNTS, type UsageCounts } from "../core/usage.ts";
import { sumLatencies } from "../store/latency_query.ts";
import { sumUsage, type UsageQuestion } from "../store/usage_query.ts";
import type { Markup } from "../../views/markup.ts";
import { type QuantilesShown, UsagePage } from "../../views/usage.tsx";
import type { UsageRowShown } from "../../views/usage_table.tsx";
import type { View } from "../../views/view.ts";
import type { UsageDeps } from "./usage_deps.ts";
import { dimensionLabel } from "./usage_labels.ts";
import { latencyFilter } from "./usage_latency.ts";
import { GROUPINGS, groupingsOf, questionOf, type UsageQuery } from "./usage_question.ts";
import type { UsageRow } from "./usage_report.ts";
import { chartsOf } from "./usage_series.ts";

/** Rows that a page shows; the download has all. */
export const PAGE_ROWS = 100;

/** The query as the page asks it: grouped by something, without an interval (which is for its charts). */
export function pageQuery(query: UsageQuery): UsageQuery {
  const { interval: _interval, ...whole } = query;
  const groupBy = query.groupBy.length === 0 ? ["model" as const] : query.groupBy;
  return { ...whole, groupBy, orderBy: query.orderBy ?? "requests", limit: PAGE_ROWS + 1 };
}

/** The page of `GET /admin/usage`, with the rows that its JSON face gives for `pageQuery()`. */
export async function usagePage(
  deps: UsageDeps,
  view: View,
  query: UsageQuery,
  rows: readonly UsageRow[],
): Promise<Markup> {
  const asked = pageQuery(query);
  const question = questionOf(asked, deps);
  const metric = query.metric ?? "requests";
  const groupBy = groupingsOf(asked);
  const [total, charts] = await Promise.all([
    totalOf(deps, question),
    chartsOf(deps, question, metric, query.interval),
  ]);
  return UsagePage({
    view,
    total,
    charts,
    metric,
    groupBy,
    rows: rows.slice(0, PAGE_ROWS).map((row) => shownRow(row, groupBy, deps)),
    isCut: rows.length > PAGE_ROWS,
    hasAny: total.counts.attempts > 0 || await hasAny(deps),
    choices: {
      providers: deps.live.list().map(({ provider }) => provider.slug),
      groups: deps.groups.list().map(({ slug }) => slug),
      models: deps.models.list([], () => true).slice(0, MAX_CHOICES).map(({ id }) => id),
      clientKeys: deps.clientKeys.list().slice(0, MAX_CHOICES).map(({ id, name }) => ({ id, name })),
    },
  });
}

const MAX_CHOICES = 200;

async function totalOf({ db }: UsageDeps, question: UsageQuestion) {
  const { by: _by, largestBy: _order, limit: _limit, interval: _interval, only = {}, ...range } = question;
  const latencies = latencyFilter(question);
  const [sums, sources, buckets] = await Promise.all([
    sumUsage(db, { ...range, only, by: [] }),
    sumUsage(db, { ...range, only, by: ["usageSource"], counts: ["metered"] }),
    latencies === undefined ? [] : sumLatencies(db, { ...range, by: [], only: latencies }),
  ]);
  const [counts = noCounts()] = sums;
  const of = (measure: string) => quantilesOf(buckets.find((sum) => sum.measure === measure)?.buckets ?? []);
  return {
    counts,
    estimated: sources.find(({ usageSource }) => usageSource === "estimated")?.metered ?? 0,
    duration: of("duration"),
    firstToken: of("first_token"),
  };
}

function quantilesOf(buckets: readonly number[]): QuantilesShown | undefined {
  const count = buckets.reduce((all, each) => all + each, 0);
  if (count === 0) return undefined;
  const at = (part: number) => quantileMs(buckets, part) ?? 0;
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99), count };
}

async function hasAny({ db, ticker }: UsageDeps): Promise<boolean> {
  const toMinute = Math.ceil(ticker.now() / 60_000);
  const [sum] = await sumUsage(db, { fromMinute: 0, toMinute, by: [], counts: ["requests"] });
  return (sum?.requests ?? 0) > 0;
}

function shownRow(
  row: UsageRow,
  groupBy: readonly (keyof typeof GROUPINGS)[],
  deps: UsageDeps,
): UsageRowShown {
  return {
    parts: groupBy.map((grouping) => {
      const dimension = GROUPINGS[grouping];
      const value = String(row[dimension] ?? "");
      const label = dimensionLabel(dimension, value, deps);
      return { grouping, value: grouping === "provider" ? label : value, label };
    }),
    counts: countsOf(row),
    duration: row.durationMsQuantiles ?? undefined,
  };
}

function countsOf(row: UsageRow): UsageCounts {
  const counts = noCounts();
  for (const name of USAGE_COUNTS) {
    const count = row[name];
    if (typeof count === "number") counts[name] = count;
  }
  return counts;
}
