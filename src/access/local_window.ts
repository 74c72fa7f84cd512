import { neededRoom, reservable, spanOf, type Unit, unitOf, type WindowName } from "../core/client_limits.ts";
import { type Bucket, bucketAt, isExact, type Use, type Uses } from "../core/rate_window.ts";

/** How much of the demand is asked for in advance. */
const AHEAD_MS = 2_000;
/** A slice is at most this part of the limit. */
const SLICES = 20;
/** What was reserved so shortly before it stops to count is not handed out a second time. */
const REUSE_MARGIN_MS = 10_000;
/** What is known to be full is asked again after this time: others may have given something back. */
const RECHECK_MS = 250;
const NO_BUCKET: Bucket = { fromMs: Infinity, toMs: Infinity, untilMs: 0 };

/** What is to be told of one window in an exchange. */
export interface WindowReport {
  readonly spent: Uses;
  readonly kept: number;
  readonly wanted: number;
}

/** One window of a client key on this instance: the units in hand, and what was used of them and is not told yet. */
export class LocalWindow {
  readonly name: WindowName;
  readonly unit: Unit;
  limit: number;
  /** Units in hand. Below zero when requests took more than was reserved for them. */
  held = 0;
  /** Below this it is time to fetch more. */
  #lowMark = -Infinity;
  #bucket = NO_BUCKET;
  #spentInBucket = 0;
  #spentBefore: Use[] = [];
  /** What an exchange that is under way tells. */
  #reporting: Uses = [];
  /** What could only be told to ourselves, while the shared windows were out of reach. */
  #owed: Uses = [];
  #takenCount = 0;
  #demandPerMs = 0;
  #demandSinceMs: number;
  #full = { fromRoom: Infinity, atMs: 0, recheckAtMs: 0, retryAtMs: 0 };

  constructor(name: WindowName, limit: number, nowMs: number) {
    this.name = name;
    this.unit = unitOf(name);
    this.limit = limit;
    this.#demandSinceMs = nowMs;
  }

  canTake(amount: number): boolean {
    return this.held >= neededRoom(amount, this.limit);
  }

  /** Reserves from what is in hand. */
  take(amount: number, nowMs: number): void {
    const reserved = reservable(amount, this.limit);
    this.held -= reserved;
    this.#spend(reserved, nowMs);
  }

  /** What was reserved at `atMs` turned out to be `actual`. */
  correct(reserved: number, actual: number, atMs: number, nowMs: number): void {
    // A figure that is none (NaN) stays as estimated.
    if (!(actual >= 0)) return;
    const excess = Math.ceil(actual) - reservable(reserved, this.limit);
    if (excess === 0) return;
    if (excess > 0) {
      // Counted from now on: a long answer was generated later than it was asked for.
      this.held -= excess;
      this.#spend(excess, nowMs);
      return;
    }
    const { untilMs } = bucketAt(spanOf(this.name), this.limit, atMs);
    if (untilMs <= nowMs) return;
    this.#addSpent(untilMs, excess);
    this.#takenCount += excess;
    if (untilMs - nowMs > REUSE_MARGIN_MS && !isExact(this.limit)) this.held -= excess;
  }

  get isLow(): boolean {
    return this.held < this.#lowMark;
  }

  /** Whether there is something to tell or to give back. */
  get isOpen(): boolean {
    return this.held !== 0 || this.#spentInBucket !== 0 || this.#spentBefore.length > 0;
  }

  get isOwing(): boolean {
    return this.#owed.length > 0;
  }

  /** Units that were used and that the shared windows do not know of. */
  get untold(): number {
    let sum = this.#spentInBucket;
    for (const [, amount] of this.#spentBefore) sum += amount;
    for (const [, amount] of this.#reporting) sum += amount;
    return sum;
  }

  /** Until when the latest use counts that is not told yet. */
  get untoldUntilMs(): number {
    return this.#spentInBucket > 0 ? this.#bucket.untilMs : 0;
  }

  get owed(): Uses {
    return this.#owed;
  }

  /** Begins an exchange. What is not kept is given back at once, and cannot be taken while it is under way. */
  report(mode: "ahead" | "waiting" | "idle", demanded: number, nowMs: number): WindowReport {
    const wanted = mode === "idle" ? 0 : this.#wanted(demanded, nowMs);
    const kept = mode === "waiting" ? 0 : Math.max(0, Math.min(this.held, wanted * 2));
    this.held = kept;
    this.#lowMark = -Infinity;
    const spent = this.#spentBefore;
    if (this.#spentInBucket !== 0) spent.push([this.#bucket.untilMs, this.#spentInBucket]);
    this.#spentBefore = [];
    this.#spentInBucket = 0;
    this.#reporting = spent;
    return { spent, kept, wanted };
  }

  /** Ends it: `held` of it are in hand beyond what was kept; `granted` were used at `atMs` by those that waited. */
  conclude(kept: number, held: number, granted: number, atMs: number, isShared: boolean): void {
    this.held += held - kept;
    this.#takenCount += granted;
    this.#lowMark = held > 0 ? held / 2 : -Infinity;
    const owed = isShared ? [] : [...this.#owed, ...this.#reporting];
    if (!isShared && granted > 0) owed.push([bucketAt(spanOf(this.name), this.limit, atMs).untilMs, granted]);
    this.#owed = merged(owed, atMs);
    this.#reporting = [];
  }

  /** Remembers that so much was not to be had, so that the next that need as much are refused without asking. */
  noteFull(amount: number, atMs: number, retryAfterMs: number): void {
    const recheckAtMs = atMs + Math.min(RECHECK_MS, retryAfterMs);
    this.#full = {
      fromRoom: neededRoom(amount, this.limit),
      atMs,
      recheckAtMs,
      retryAtMs: atMs + retryAfterMs,
    };
  }

  /** Milliseconds until a try makes sense; `undefined` when it is not known that there is no room now. */
  retryAfterMs(amount: number, nowMs: number): number | undefined {
    const { fromRoom, atMs, recheckAtMs, retryAtMs } = this.#full;
    if (nowMs < atMs || nowMs >= recheckAtMs || neededRoom(amount, this.limit) < fromRoom) return undefined;
    return Math.max(1, retryAtMs - nowMs);
  }

  #wanted(demanded: number, nowMs: number): number {
    const elapsedMs = Math.max(50, nowMs - this.#demandSinceMs);
    const taken = Math.max(0, this.#takenCount) + demanded;
    this.#demandPerMs = Math.max(taken / elapsedMs, this.#demandPerMs * 0.7);
    this.#demandSinceMs = nowMs;
    this.#takenCount = 0;
    // Of a small limit nothing is held in advance: it would be missing elsewhere.
    if (isExact(this.limit)) return 0;
    return Math.max(1, Math.min(Math.floor(this.limit / SLICES), Math.ceil(this.#demandPerMs * AHEAD_MS)));
  }

  #spend(amount: number, nowMs: number): void {
    this.#takenCount += amount;
    if (nowMs < this.#bucket.fromMs || nowMs >= this.#bucket.toMs) {
      const bucket = bucketAt(spanOf(this.name), this.limit, nowMs);
      if (this.#spentInBucket !== 0) this.#spentBefore.push([this.#bucket.untilMs, this.#spentInBucket]);
      this.#bucket = bucket;
      this.#spentInBucket = 0;
    }
    this.#spentInBucket += amount;
  }

  #addSpent(untilMs: number, amount: number): void {
    if (untilMs === this.#bucket.untilMs) {
      this.#spentInBucket += amount;
      return;
    }
    const index = this.#spentBefore.findIndex((each) => each[0] === untilMs);
    const before = this.#spentBefore[index]?.[1] ?? 0;
    if (index === -1) this.#spentBefore.push([untilMs, amount]);
    else this.#spentBefore[index] = [untilMs, before + amount];
  }
}

/** One entry for each moment, ascending, without those that count no more. */
function merged(uses: Uses, nowMs: number): Uses {
  if (uses.length === 0) return uses;
  const sums = new Map<number, number>();
  for (const [untilMs, amount] of uses) {
    if (untilMs > nowMs) sums.set(untilMs, (sums.get(untilMs) ?? 0) + amount);
  }
  return [...sums].filter(([, amount]) => amount !== 0).sort(([a], [b]) => a - b);
}
