import { z } from "zod";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Times that end now, by their names in URLs. */
export const SPANS = ["15m", "1h", "6h", "24h", "7d", "30d", "90d"] as const;

export type Span = typeof SPANS[number];

const SPAN_MS: Readonly<Record<Span, number>> = {
  "15m": HOUR_MS / 4,
  "1h": HOUR_MS,
  "6h": 6 * HOUR_MS,
  "24h": DAY_MS,
  "7d": 7 * DAY_MS,
  "30d": 30 * DAY_MS,
  "90d": 90 * DAY_MS,
};

/**
 * A moment: ISO 8601 (UTC where it names no zone), a day (`2026-11-21`, from midnight UTC), or milliseconds since the
 * epoch.
 */
export const moment = z.string().max(40).transform((text, context) => {
  const isWithoutZone = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?$/.test(text);
  const ms = /^\d{11,}$/.test(text) ? Number(text) : Date.parse(isWithoutZone ? `${text}Z` : text);
  if (Number.isFinite(ms)) return ms;
  context.addIssue({ code: "custom", message: "takes a date, ISO 8601 or milliseconds since the epoch" });
  return z.NEVER;
});

/** `from`, `to`, or `last` for a time that ends now: fields of a query. */
export const rangeFields = {
  from: moment.exactOptional(),
  to: moment.exactOptional(),
  last: z.enum(SPANS).exactOptional(),
};

/** The bounds that a query tells; what it does not tell is left out. `from` goes before `last`. */
export function boundsOf(
  { from, to, last }: { readonly from?: number; readonly to?: number; readonly last?: Span },
  nowMs: number,
): { readonly fromMs?: number; readonly toMs?: number } {
  const fromMs = from ?? (last === undefined ? undefined : (to ?? nowMs) - SPAN_MS[last]);
  return { ...(fromMs !== undefined && { fromMs }), ...(to !== undefined && { toMs: to }) };
}
