import { z } from "zod";
import { keptFrom } from "../core/kept.ts";
import { USAGE_COUNTS, USAGE_SOURCES, type UsageDimension } from "../core/usage.ts";
import type { UsageFilter, UsageQuestion } from "../store/usage_query.ts";
import { unprocessable } from "./provider_form.ts";
import type { UsageDeps } from "./usage_deps.ts";

/** A moment: ISO 8601, a day (`2026-11-21`, from midnight UTC), or milliseconds since the epoch. */
export const moment = z.string().max(40).transform((text, context) => {
  const ms = /^\d{11,}$/.test(text) ? Number(text) : Date.parse(text);
  if (Number.isFinite(ms)) return ms;
  context.addIssue({ code: "custom", message: "takes a date, ISO 8601 or milliseconds since the epoch" });
  return z.NEVER;
});

/** What one may group by, as it is written in the API. */
export const GROUPINGS: Readonly<Record<string, UsageDimension>> = {
  provider: "providerId",
  providerKey: "providerKeyId",
  clientKey: "clientKeyId",
  group: "group",
  model: "model",
  statusClass: "statusClass",
  usageSource: "usageSource",
};

/** Values separated by commas. */
const list = z.string().max(10_000).transform((text) => text.split(",").map((each) => each.trim()));

export const usageQuery = z.object({
  from: moment.exactOptional(),
  to: moment.exactOptional(),
  interval: z.enum(["minute", "hour", "day"]).exactOptional(),
  groupBy: list.pipe(
    z.array(z.enum(["provider", "providerKey", "clientKey", "group", "model", "statusClass", "usageSource"])),
  )
    .default([]),
  provider: list.exactOptional(),
  providerKey: list.exactOptional(),
  clientKey: list.exactOptional(),
  group: list.exactOptional(),
  model: list.exactOptional(),
  statusClass: list.pipe(z.array(z.enum(["1", "2", "3", "4", "5"]))).exactOptional(),
  usageSource: list.pipe(z.array(z.enum(["none", "reported", "estimated"]))).exactOptional(),
  orderBy: z.enum(USAGE_COUNTS).exactOptional(),
  limit: z.coerce.number().int().min(1).max(100_000).default(10_000),
  format: z.enum(["json", "csv"]).default("json"),
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
  const toMs = query.to ?? nowMs;
  const fromMs = query.from ?? toMs - DAY_MS;
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
    by: [...new Set(query.groupBy)].flatMap((name) => GROUPINGS[name] ?? []),
    only,
    ...(query.orderBy !== undefined && { largestBy: query.orderBy }),
    limit: query.limit,
  };
}
