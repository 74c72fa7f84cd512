import { z } from "zod";
import { quantileMs } from "../core/histogram.ts";
import type { LatencyMeasure, UsageDimension } from "../core/usage.ts";
import {
  LATENCY_DIMENSIONS,
  type LatencyDimension,
  type LatencySum,
  sumLatencies,
} from "../store/latency_query.ts";
import { sumUsage, type UsageQuestion, type UsageSum } from "../store/usage_query.ts";
import { action } from "./action.ts";
import { wantsHtml } from "./face.ts";
import { csvOf } from "./usage_csv.ts";
import type { UsageDeps } from "./usage_deps.ts";
import { latencyFilter } from "./usage_latency.ts";
import { pageQuery, usagePage } from "./usage_page.ts";
import { groupingsOf, questionOf, usageQuery } from "./usage_question.ts";

const quantiles = z.object({ p50: z.number(), p95: z.number(), p99: z.number(), count: z.number() })
  .nullable();

/** With every count of `USAGE_COUNTS` besides. */
const usageRowAnswer = z.looseObject({
  start: z.string().exactOptional(),
  provider: z.string().nullable().exactOptional(),
  providerId: z.string().exactOptional(),
  providerKeyId: z.string().exactOptional(),
  clientKeyId: z.string().exactOptional(),
  clientKey: z.string().nullable().exactOptional(),
  group: z.string().exactOptional(),
  model: z.string().exactOptional(),
  statusClass: z.number().exactOptional(),
  usageSource: z.string().exactOptional(),
  successRate: z.number().nullable(),
  attemptSuccessRate: z.number().nullable(),
  averageMs: z.number().nullable(),
  costDollars: z.number(),
  durationMsQuantiles: quantiles.exactOptional(),
  firstTokenMsQuantiles: quantiles.exactOptional(),
});

/** One row of the answer. */
export type UsageRow = z.infer<typeof usageRowAnswer>;

const usageAnswer = z.object({
  from: z.string(),
  to: z.string(),
  interval: z.string().nullable(),
  groupBy: z.array(z.string()),
  rows: z.array(usageRowAnswer).readonly(),
  total: z.looseObject({}),
});

/**
 * `GET /admin/usage?from=&to=&interval=minute|hour|day&groupBy=provider,model&format=json|csv`, with filters of each
 * dimension: counts, tokens, costs and latencies. Quantiles come where every dimension has them: not by provider key,
 * status class or usage source.
 */
export function showUsage(deps: UsageDeps) {
  return action({
    query: usageQuery,
    answer: usageAnswer,
    run: async ({ query, context }) => {
      const asked = wantsHtml(context) && query.format === "json" ? pageQuery(query) : query;
      const question = questionOf(asked, deps);
      const { by, only = {}, largestBy: _order, limit: _limit, ...range } = question;
      const { interval, ...whole } = range;
      const sums = await sumUsage(deps.db, question);
      const latencies = await latenciesOf(deps, question);
      const rows = sums.map((sum) => rowOf(sum, by, latencies, deps));
      if (query.format === "csv") return csvOf(rows.map(withoutNull), "keyturn-usage.csv");
      const [total] = by.length === 0 && interval === undefined
        ? sums
        : await sumUsage(deps.db, { ...whole, by: [], only });
      const answer = {
        from: new Date(question.fromMinute * 60_000).toISOString(),
        to: new Date(question.toMinute * 60_000).toISOString(),
        interval: interval ?? null,
        groupBy: groupingsOf(asked),
        rows,
        total: { ...total, ...ratesOf(total) },
      };
      return query.format === "download" ? jsonFile(answer, "keyturn-usage.json") : answer;
    },
    page: ({ rows }, { view, query }) => usagePage(deps, view(), query, rows),
  });
}

/** What has no name keeps its column. */
function withoutNull<T extends { readonly provider?: string | null; readonly clientKey?: string | null }>(
  row: T,
) {
  return {
    ...row,
    ...(row.provider === null && { provider: "" }),
    ...(row.clientKey === null && { clientKey: "" }),
  };
}

function jsonFile(answer: unknown, name: string): Response {
  return new Response(JSON.stringify(answer, null, 2), {
    headers: {
      "content-type": "application/json",
      "content-disposition": `attachment; filename="${name}"`,
    },
  });
}

type Latencies = ReadonlyMap<string, LatencySum>;

/** Histograms by the dimensions of a question; `undefined` where there are none by one of them. */
async function latenciesOf({ db }: UsageDeps, question: UsageQuestion): Promise<Latencies | undefined> {
  const { by, only: _only, largestBy: _order, limit: _limit, ...range } = question;
  const isOf = (dimension: UsageDimension): dimension is LatencyDimension =>
    LATENCY_DIMENSIONS.some((known) => known === dimension);
  const shared = by.filter(isOf);
  if (shared.length < by.length) return undefined;
  const filter = latencyFilter(question);
  if (filter === undefined) return undefined;
  const sums = await sumLatencies(db, { ...range, by: shared, only: filter });
  return new Map(sums.map((sum) => [`${sum.measure} ${placeOf(sum, shared)}`, sum]));
}

/** Which row of the answer sums belong to. */
function placeOf(sum: Partial<UsageSum> | LatencySum, by: readonly LatencyDimension[]): string {
  return JSON.stringify([sum.startMs, ...by.map((dimension) => sum[dimension])]);
}

function rowOf(
  sum: UsageSum,
  by: readonly UsageDimension[],
  latencies: Latencies | undefined,
  deps: UsageDeps,
) {
  const { startMs, ...shown } = sum;
  const { providerId, clientKeyId } = sum;
  return {
    ...(startMs !== undefined && { start: new Date(startMs).toISOString() }),
    ...(providerId !== undefined && { provider: deps.live.findById(providerId)?.provider.slug ?? null }),
    ...(clientKeyId !== undefined && { clientKey: clientKeyName(clientKeyId, deps) }),
    ...shown,
    ...ratesOf(sum),
    ...(latencies !== undefined && {
      durationMsQuantiles: quantilesOf("duration", sum, by, latencies),
      firstTokenMsQuantiles: quantilesOf("first_token", sum, by, latencies),
    }),
  };
}

function clientKeyName(id: string, { clientKeys }: UsageDeps): string | null {
  return clientKeys.list().find((each) => each.id === id)?.name ?? null;
}

function ratesOf(sum: UsageSum | undefined) {
  const { requests = 0, succeeded = 0, attempts = 0, failures = 0, durationMs = 0, costNanoDollars = 0 } =
    sum ?? {};
  return {
    successRate: requests === 0 ? null : succeeded / requests,
    attemptSuccessRate: attempts === 0 ? null : (attempts - failures) / attempts,
    averageMs: requests === 0 ? null : Math.round(durationMs / requests),
    costDollars: costNanoDollars / 1e9,
  };
}

function quantilesOf(
  measure: LatencyMeasure,
  sum: UsageSum,
  by: readonly UsageDimension[],
  latencies: Latencies,
) {
  const shared = LATENCY_DIMENSIONS.filter((dimension) => by.includes(dimension));
  const ordered = by.flatMap((dimension) => shared.filter((each) => each === dimension));
  const buckets = latencies.get(`${measure} ${placeOf(sum, ordered)}`)?.buckets ?? [];
  const at = (part: number) => Math.round(quantileMs(buckets, part) ?? 0);
  const count = buckets.reduce((all, each) => all + each, 0);
  return count === 0 ? null : { p50: at(0.5), p95: at(0.95), p99: at(0.99), count };
}
