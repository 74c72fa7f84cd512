import { z } from "zod";
import { keptFrom } from "../core/kept.ts";
import { USAGE_COUNTS, USAGE_SOURCES, type UsageDimension } from "../core/usage.ts";
import type { UsageFilter, UsageQuestion } from "../store/usage_query.ts";
import { unprocessable } from "./provider_form.ts";
import { boundsOf, rangeFields } from "./time_range.ts";
import type { UsageDeps } from "./usage_deps.ts";

/** What one may group by, as it is written in the API. */
export const GROUPINGS = {
  provider: "providerId",
  providerKey: "providerKeyId",
  clientKey: "clientKeyId",
  group: "group",
  model: "model",
  statusClass: "statusClass",
  usageSource: "usageSource",
} as const satisfies Readonly<Record<string, UsageDimension>>;

/** Values separated by commas. */
const list = z.string().max(10_000).transform((text) => text.split(",").map((each) => each.trim()));

const grouping = z.enum([
  "provider",
  "providerKey",
  "clientKey",
  "group",
  "model",
  "statusClass",
  "usageSource",
]);

export const usageQuery = z.object({
  ...rangeFields,
  interval: z.enum(["minute", "hour", "day"]).exactOptional(),
  groupBy: list.pipe(z.array(grouping)).default([]),
  /** One more, after those of `groupBy`. */
  thenBy: grouping.exactOptional(),
  /** For the page: what its chart shows. */
  metric: z.enum(["requests", "tokens", "cost", "failures"]).exactOptional(),
  provider: list.exactOptional(),
  providerKey: list.exactOptional(),
  clientKey: list.exactOptional(),
  group: list.exactOptional(),
  model: list.exactOptional(),
  statusClass: list.pipe(z.array(z.enum(["1", "2", "3", "4", "5"]))).exactOptional(),
  usageSource: list.pipe(z.array(z.enum(["none", "reported", "estimated"]))).exactOptional(),
  orderBy: z.enum(USAGE_COUNTS).exactOptional(),
  limit: z.coerce.number().int().min(1).max(100_000).default(10_000),
  /** `download` is JSON as a file. */
  format: z.enum(["json", "csv", "download"]).default("json"),
});

export type UsageQuery = z.infer<typeof usageQuery>;

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

/**
 * The question that a query means: the last 24 hours unless told.
 * @throws {AppError} `unprocessable` for a range that ends before it begins.
 */
export function questionOf(query: UsageQuery, { live, ticker, usage }: UsageDeps): UsageQuestion {
  const nowMs = ticker.now();
  const { toMs = nowMs, fromMs = toMs - DAY_MS } = boundsOf(query, nowMs);
  if (fromMs >= toMs) throw unprocessable("from", "is not before to");
  const only: UsageFilter = {
    ...(query.provider !== undefined && {
      providerId: query.provider.map((slug) => live.find(slug)?.provider.id ?? slug),
    }),
    ...(query.providerKey !== undefined && { providerKeyId: query.providerKey }),
    ...(query.clientKey !== undefined && { clientKeyId: query.clientKey }),
    ...(query.group !== undefined && { group: query.group }),
    ...(query.model !== undefined && { model: query.model }),
    ...(query.statusClass !== undefined && { statusClass: query.statusClass }),
    ...(query.usageSource !== undefined && {
      usageSource: query.usageSource.filter((source) => USAGE_SOURCES.includes(source)),
    }),
  };
  return {
    fromMinute: Math.floor(fromMs / MINUTE_MS),
    toMinute: Math.ceil(toMs / MINUTE_MS),
    ...(query.interval !== undefined && { interval: query.interval }),
    kept: keptFrom(usage.kept, nowMs),
    by: groupingsOf(query).map((name) => GROUPINGS[name]),
    only,
    ...(query.orderBy !== undefined && { largestBy: query.orderBy }),
    limit: query.limit,
  };
}

/** What a query groups by, each once. */
export function groupingsOf(
  { groupBy, thenBy }: Pick<UsageQuery, "groupBy" | "thenBy">,
): (keyof typeof GROUPINGS)[] {
  return [...new Set([...groupBy, ...(thenBy === undefined ? [] : [thenBy])])];
}
