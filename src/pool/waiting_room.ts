import type { Ticker, Watched } from "../core/watch.ts";
import { FairQueue } from "./fair_queue.ts";
import type { Ask, Shortage } from "./ask.ts";
import { Lease, type PoolEntry } from "./pool_key.ts";

/** A request that waits for a key. */
export interface KeyWait {
  /** A lease, or why there was none in time. Never rejects. */
  readonly result: Promise<Lease | Shortage>;
  /** Stops waiting: `result` settles with the shortage. Does nothing once it has settled. */
  cancel(): void;
}

/** What the room needs of its pool. */
export interface KeySource {
  /** `isPatient`: a busy key that has not failed will do. `booked`: the key that is waited for. */
  take(ask: Ask, isPatient: boolean, booked: PoolEntry | undefined): Lease | Shortage;
  /** Another number whenever somebody may now be served, or now never. */
  readonly revision: number;
  /** When the next rest ends by itself, or `Infinity`. */
  readonly nextDueMs: number;
  /** Ends the rests that are over. */
  settleDue(nowMs: number): void;
}

/**
 * The requests that wait for a key, in turns of their client keys, at most `MAX_WAITING`. Whoever changes the pool calls
 * `serve()`; what time alone brings is watched through the ticker, while somebody waits.
 */
export class WaitingRoom {
  readonly #queue = new FairQueue<Waiter>();
  readonly #ticker: Ticker;
  readonly #source: KeySource;
  readonly #alarm: Watched = { dueMs: Infinity, expire: () => this.#ring() };
  #servedRevision = -1;
  #isServing = false;

  constructor(ticker: Ticker, source: KeySource) {
    this.#ticker = ticker;
    this.#source = source;
  }

  get size(): number {
    return this.#queue.size;
  }

  enter(ask: Ask, untilMs: number, booked?: PoolEntry): KeyWait {
    const { promise, resolve } = Promise.withResolvers<Lease | Shortage>();
    const waiter: Waiter = { ask, untilMs, sinceMs: this.#ticker.now(), resolve, booked };
    const isFull = this.#queue.size >= MAX_WAITING;
    if (this.#offer(waiter, isFull) !== "kept") return { result: promise, cancel: () => {} };
    const owner = ask.clientKeyId ?? "";
    this.#queue.push(owner, waiter);
    this.#watchUntil(Math.min(untilMs, waiter.sinceMs + PATIENCE_MS, this.#source.nextDueMs));
    const cancel = () => {
      if (!this.#queue.remove(owner, waiter)) return;
      if (waiter.shortage !== undefined) resolve(waiter.shortage);
      this.#restIfEmpty();
    };
    return { result: promise, cancel };
  }

  /** Gives the keys that have become free to those who wait. */
  serve(): void {
    if (this.#queue.size === 0) return;
    this.#watchUntil(this.#source.nextDueMs);
    if (this.#source.revision !== this.#servedRevision) this.#serveAll();
  }

  /** Ends every wait with the last known shortage. */
  close(): void {
    this.#queue.serve((waiter) => {
      if (waiter.shortage !== undefined) waiter.resolve(waiter.shortage);
      return "dropped";
    });
    this.#restIfEmpty();
  }

  #serveAll(): void {
    // Serving changes the pool, which calls serve() again.
    if (this.#isServing) return;
    this.#isServing = true;
    this.#servedRevision = this.#source.revision;
    this.#queue.serve((waiter) => this.#offer(waiter, false));
    this.#isServing = false;
    this.#restIfEmpty();
  }

  #offer(waiter: Waiter, isLastCall: boolean): "taken" | "dropped" | "kept" {
    const nowMs = this.#ticker.now();
    const outcome = this.#source.take(waiter.ask, nowMs >= waiter.sinceMs + PATIENCE_MS, waiter.booked);
    if (outcome instanceof Lease) {
      waiter.resolve(outcome);
      return "taken";
    }
    waiter.shortage = outcome;
    waiter.booked = outcome.booked;
    const isTooLate = outcome.reason === "cooling" && (outcome.readyAtMs ?? Infinity) > waiter.untilMs;
    if (!isLastCall && !isTooLate && outcome.reason !== "none" && nowMs < waiter.untilMs) return "kept";
    waiter.resolve(outcome);
    return "dropped";
  }

  #ring(): void {
    this.#alarm.dueMs = Infinity;
    const nowMs = this.#ticker.now();
    this.#source.settleDue(nowMs);
    this.#serveAll();
    let dueMs = this.#source.nextDueMs;
    for (const { untilMs, sinceMs } of this.#queue) {
      const patientMs = sinceMs + PATIENCE_MS;
      dueMs = Math.min(dueMs, untilMs, patientMs > nowMs ? patientMs : Infinity);
    }
    if (this.#queue.size > 0) this.#watchUntil(dueMs);
  }

  #watchUntil(dueMs: number): void {
    if (dueMs >= this.#alarm.dueMs) return;
    this.#alarm.dueMs = dueMs;
    this.#ticker.watch(this.#alarm);
  }

  #restIfEmpty(): void {
    if (this.#queue.size > 0 || this.#alarm.dueMs === Infinity) return;
    this.#alarm.dueMs = Infinity;
    this.#ticker.unwatch(this.#alarm);
  }
}

interface Waiter {
  readonly ask: Ask;
  readonly untilMs: number;
  readonly sinceMs: number;
  readonly resolve: (result: Lease | Shortage) => void;
  /** The key whose turn it is. */
  booked: PoolEntry | undefined;
  /** Why it could not be served last time. */
  shortage?: Shortage;
}

/** More than this do not wait, they are told at once. */
export const MAX_WAITING = 1024;
/** Who has waited this long gets a second lease on a key that has not proved itself yet. */
export const PATIENCE_MS = 1000;
