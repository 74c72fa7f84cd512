import {
  type Amounts,
  type ClientLimits,
  reservable,
  WINDOW_NAMES,
  type WindowName,
} from "../core/client_limits.ts";
import type { Uses } from "../core/rate_window.ts";
import { EMPTY_RECORD, HOLD_TTL_MS, type SliceAsk, type WindowUses } from "../core/window_slices.ts";
import {
  type Admission,
  type Estimate,
  type Refusal,
  ReservedAdmission,
  type Reserving,
} from "./admission.ts";
import { LocalWindow } from "./local_window.ts";
import type { Exchanged, Seen } from "./window_link.ts";
import { stateOf, type WindowState } from "./window_state.ts";

/** A place is free when a request ends, and nobody knows when that is. */
const CONCURRENCY_RETRY_MS = 1_000;

interface Waiter {
  readonly amounts: Amounts;
  readonly resolve: (result: Admission | Refusal) => void;
}

/** An exchange that has begun. */
export interface Exchange {
  readonly ask: SliceAsk;
  readonly owed: WindowUses;
  readonly waiters: readonly Waiter[];
}

/** All limits of one client key on this instance: what is in hand, who waits, and what was last heard of the others. */
export class ClientWindows implements Reserving {
  readonly id: string;
  readonly #instance: string;
  readonly #now: () => number;
  /** Called when more was used than was in hand. */
  readonly #onOverrun: (windows: ClientWindows) => void;
  #limits: ClientLimits = {};
  #windows: readonly LocalWindow[] = [];
  #waiting: Waiter[] = [];
  #inFlight = 0;
  #exchangedMs = -Infinity;
  #seen: Seen = { record: EMPTY_RECORD, instances: 1 };
  /** When it was last asked for. */
  askedMs = 0;
  isExchanging = false;

  constructor(id: string, instance: string, now: () => number, onOverrun: (windows: ClientWindows) => void) {
    this.id = id;
    this.#instance = instance;
    this.#now = now;
    this.#onOverrun = onOverrun;
  }

  get limits(): ClientLimits {
    return this.#limits;
  }

  set limits(limits: ClientLimits) {
    if (limits === this.#limits) return;
    this.#limits = limits;
    const nowMs = this.#now();
    this.#windows = WINDOW_NAMES.flatMap((name) => {
      const limit = limits[name];
      if (limit === undefined) return [];
      const window = this.#windows.find((each) => each.name === name) ?? new LocalWindow(name, limit, nowMs);
      window.limit = limit;
      return [window];
    });
  }

  get seen(): Seen {
    return this.#seen;
  }

  get exchangedMs(): number {
    return this.#exchangedMs;
  }

  get hasWaiting(): boolean {
    return this.#waiting.length > 0;
  }

  /** Whether something is in hand or not told yet. */
  get isOpen(): boolean {
    return this.#windows.some((window) => window.isOpen);
  }

  get isOwing(): boolean {
    return this.#windows.some((window) => window.isOwing);
  }

  get isLow(): boolean {
    for (const window of this.#windows) {
      if (window.isLow) return true;
    }
    return false;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  /** At once, if that is possible: from what is in hand, or because it is known to be full. */
  admitNow(estimate: Estimate, nowMs: number): Admission | Refusal | undefined {
    const { concurrency } = this.#limits;
    if (concurrency !== undefined && this.#inFlight >= concurrency) {
      const retryAfterMs = CONCURRENCY_RETRY_MS;
      return { kind: "refused", limit: "concurrency", limitValue: concurrency, retryAfterMs };
    }
    return this.#take(estimate, nowMs) ?? this.#knownRefusal(estimate, nowMs);
  }

  /** Queues for the next exchange. It has its place among the concurrent ones from now on. */
  wait({ tokens, nanoDollars }: Estimate): Promise<Admission | Refusal> {
    this.#inFlight++;
    return new Promise((resolve) => {
      this.#waiting.push({ amounts: { requests: 1, tokens, nanoDollars }, resolve });
    });
  }

  /** Ends a reservation: what was used in its stead. */
  settle(reserved: Estimate, actual: Estimate, atMs: number): void {
    this.#inFlight--;
    const nowMs = this.#now();
    let isOverrun = false;
    for (const window of this.#windows) {
      if (window.unit === "requests") continue;
      window.correct(reserved[window.unit], actual[window.unit], atMs, nowMs);
      isOverrun ||= window.held < 0;
    }
    if (isOverrun) this.#onOverrun(this);
  }

  begin(isIdle: boolean): Exchange {
    const nowMs = this.#now();
    const waiters = this.#waiting;
    this.#waiting = [];
    const isLost = Math.abs(nowMs - this.#exchangedMs) > HOLD_TTL_MS;
    const mode = waiters.length > 0 || isLost ? "waiting" : "ahead";
    const spent: { [name in WindowName]?: Uses } = {};
    const owed: { [name in WindowName]?: Uses } = {};
    const kept: { [name in WindowName]?: number } = {};
    const wanted: { [name in WindowName]?: number } = {};
    for (const window of this.#windows) {
      const demanded = waiters.reduce((sum, { amounts }) => sum + amounts[window.unit], 0);
      const report = window.report(isIdle && waiters.length === 0 ? "idle" : mode, demanded, nowMs);
      spent[window.name] = report.spent;
      kept[window.name] = report.kept;
      wanted[window.name] = report.wanted;
      owed[window.name] = window.owed;
    }
    const waiting = waiters.map(({ amounts }) => amounts);
    return {
      ask: { instance: this.#instance, limits: this.#limits, spent, kept, wanted, waiting },
      owed,
      waiters,
    };
  }

  conclude({ ask, waiters }: Exchange, { answer, isShared }: Exchanged): void {
    const { record, atMs, admitted, held, instances } = answer;
    this.#seen = { record, instances };
    this.#exchangedMs = atMs;
    for (const window of this.#windows) {
      const granted = waiters.reduce(
        (sum, { amounts }, index) =>
          admitted[index] === true ? sum + reservable(amounts[window.unit], window.limit) : sum,
        0,
      );
      window.conclude(ask.kept[window.name] ?? 0, held[window.name] ?? 0, granted, atMs, isShared);
    }
    for (const [index, { amounts, resolve }] of waiters.entries()) {
      const result = admitted[index];
      if (result === undefined || result === true) {
        resolve(new ReservedAdmission(this, amounts, atMs));
        continue;
      }
      this.#inFlight--;
      const { limit, retryAfterMs } = result;
      const window = this.#windows.find(({ name }) => name === limit);
      window?.noteFull(amounts[window.unit], atMs, retryAfterMs);
      resolve({ kind: "refused", limit, limitValue: this.#limits[limit] ?? 0, retryAfterMs });
    }
    this.#serveWaiting();
  }

  states(nowMs: number): WindowState[] {
    return this.#windows.map((window) => stateOf(window, this.#seen.record, this.#instance, nowMs));
  }

  /** Those that came during an exchange may find what they need in hand. */
  #serveWaiting(): void {
    while (this.#waiting.length > 0) {
      const [first] = this.#waiting;
      const admission = first && this.#take(first.amounts, this.#now());
      if (first === undefined || admission === undefined) return;
      this.#inFlight--;
      this.#waiting.shift();
      first.resolve(admission);
    }
  }

  #take(estimate: Estimate, nowMs: number): Admission | undefined {
    const { tokens, nanoDollars } = estimate;
    // Slices count as used for everyone once nothing was heard of us for so long.
    if (this.#windows.length > 0 && Math.abs(nowMs - this.#exchangedMs) > HOLD_TTL_MS) return undefined;
    for (const window of this.#windows) {
      if (!window.canTake(amountOf(window, tokens, nanoDollars))) return undefined;
    }
    for (const window of this.#windows) window.take(amountOf(window, tokens, nanoDollars), nowMs);
    this.#inFlight++;
    return new ReservedAdmission(this, estimate, nowMs);
  }

  #knownRefusal({ tokens, nanoDollars }: Estimate, nowMs: number): Refusal | undefined {
    for (const window of this.#windows) {
      const amount = amountOf(window, tokens, nanoDollars);
      if (window.canTake(amount)) continue;
      const retryAfterMs = window.retryAfterMs(amount, nowMs);
      if (retryAfterMs === undefined) continue;
      return { kind: "refused", limit: window.name, limitValue: window.limit, retryAfterMs };
    }
    return undefined;
  }
}

function amountOf(window: LocalWindow, tokens: number, nanoDollars: number): number {
  switch (window.unit) {
    case "requests":
      return 1;
    case "tokens":
      return tokens;
    case "nanoDollars":
      return nanoDollars;
  }
}
