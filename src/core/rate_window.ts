/**
 * Sliding minutes and calendar budgets as one arithmetic. What was used stands in buckets, each with the moment
 * until which it counts: a minute after the last instant of its bucket, or the end of the UTC day or month.
 *
 * The bounds: within any sliding minute never more than the limit is admitted (a bucket counts in full until all
 * of it is a minute old), and under steady demand at most 1/60 less, for a bucket is a second wide. Limits of up
 * to 60 have buckets of a millisecond and are exact. The common estimate with two buckets, the previous one
 * weighted by what is left of it, would admit up to twice the limit: all of it at the end of one bucket and
 * again, bit by bit, before that burst is a minute old.
 */

export type Span = "minute" | "day" | "month";

/** One bucket: `amount` units that count as long as the clock is before `untilMs`. */
export type Use = readonly [untilMs: number, amount: number];
/** Ascending by `untilMs`, each of them once. */
export type Uses = readonly Use[];

/** Uses at a moment in `[fromMs, toMs)` fall into one bucket and count until `untilMs`. */
export interface Bucket {
  readonly fromMs: number;
  readonly toMs: number;
  readonly untilMs: number;
}

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 3600_000;
/** Limits of up to this many units are exact to the millisecond: so many buckets at the most. */
const MAX_EXACT_LIMIT = 60;
/** How far the clocks of two instances may be apart without being taken for a clock that was set back. */
const CLOCK_SKEW_MS = 5_000;

/** Whether a window keeps each use by itself, and nothing of it should be held in advance. */
export function isExact(limit: number): boolean {
  return limit <= MAX_EXACT_LIMIT;
}

/** The bucket of a use at `nowMs`. */
export function bucketAt(span: Span, limit: number, nowMs: number): Bucket {
  switch (span) {
    case "minute": {
      const widthMs = isExact(limit) ? 1 : 1000;
      const fromMs = Math.floor(nowMs / widthMs) * widthMs;
      return { fromMs, toMs: fromMs + widthMs, untilMs: fromMs + widthMs - 1 + MINUTE_MS };
    }
    case "day": {
      const fromMs = Math.floor(nowMs / DAY_MS) * DAY_MS;
      return { fromMs, toMs: fromMs + DAY_MS, untilMs: fromMs + DAY_MS };
    }
    case "month": {
      const now = new Date(nowMs);
      const fromMs = Date.UTC(now.getUTCFullYear(), now.getUTCMonth());
      const untilMs = Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1);
      return { fromMs, toMs: untilMs, untilMs };
    }
  }
}

/**
 * What still counts at `nowMs`. After the clock was set back, uses from what is now the future count as if they
 * were of this moment: nobody waits longer than one window for them.
 */
export function countingUses(uses: Uses, span: Span, limit: number, nowMs: number): Uses {
  const [first] = uses;
  const last = uses.at(-1);
  if (first === undefined || last === undefined) return uses;
  const latestMs = bucketAt(span, limit, nowMs + CLOCK_SKEW_MS).untilMs;
  if (first[0] > nowMs && last[0] <= latestMs) return uses;
  let counting: Uses = [];
  const thisMs = bucketAt(span, limit, nowMs).untilMs;
  for (const [untilMs, amount] of uses) {
    if (untilMs > nowMs) counting = withUse(counting, untilMs > latestMs ? thisMs : untilMs, amount);
  }
  return counting;
}

/** Adds to a bucket. A negative amount takes back what was reserved; of a bucket that is gone there is nothing. */
export function withUse(uses: Uses, untilMs: number, amount: number): Uses {
  if (amount === 0) return uses;
  let index = uses.length;
  while (index > 0 && (uses[index - 1]?.[0] ?? 0) > untilMs) index--;
  const before = uses[index - 1];
  if (before?.[0] !== untilMs) {
    return amount < 0 ? uses : [...uses.slice(0, index), [untilMs, amount], ...uses.slice(index)];
  }
  const sum = before[1] + amount;
  return sum > 0 ? uses.with(index - 1, [untilMs, sum]) : uses.toSpliced(index - 1, 1);
}

/** Units in use at `nowMs`. */
export function usedAmount(uses: Uses, nowMs: number): number {
  let sum = 0;
  for (const [untilMs, amount] of uses) {
    if (untilMs > nowMs) sum += amount;
  }
  return sum;
}

/** Units that are left at `nowMs`, never below zero. */
export function remaining(uses: Uses, limit: number, nowMs: number): number {
  return Math.max(0, limit - usedAmount(uses, nowMs));
}

/**
 * Milliseconds until `amount` units are free, if nothing else is used meanwhile: 0 when they are, `undefined` when
 * no wait for these uses frees so many.
 */
export function resetMs(uses: Uses, limit: number, amount: number, nowMs: number): number | undefined {
  let missing = usedAmount(uses, nowMs) + amount - limit;
  if (missing <= 0) return 0;
  for (const [untilMs, used] of uses) {
    if (untilMs <= nowMs) continue;
    missing -= used;
    if (missing <= 0) return untilMs - nowMs;
  }
  return undefined;
}
