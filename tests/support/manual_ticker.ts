import type { Ticker, Watched } from "../../src/core/watch.ts";

/** A clock that stands until it is told to go on. */
export class ManualTicker implements Ticker {
  readonly #watched = new Set<Watched>();
  readonly #awaited = new Map<number, PromiseWithResolvers<void>>();
  #nowMs: number;

  constructor(nowMs = 1_000_000) {
    this.#nowMs = nowMs;
  }

  now(): number {
    return this.#nowMs;
  }

  watch(watched: Watched): void {
    this.#watched.add(watched);
    this.#awaited.get(this.#watched.size)?.resolve();
    this.#awaited.delete(this.#watched.size);
  }

  unwatch(watched: Watched): void {
    this.#watched.delete(watched);
  }

  /** How many things wait. */
  get watchedCount(): number {
    return this.#watched.size;
  }

  /** Resolves once so many things wait: what has expired is done, and set up anew. */
  watches(count: number): Promise<void> {
    if (this.#watched.size === count) return Promise.resolve();
    const awaited = this.#awaited.get(count) ?? Promise.withResolvers<void>();
    this.#awaited.set(count, awaited);
    return awaited.promise;
  }

  /** Lets time pass at once; what is due then expires in the order in which it was watched. */
  advance(ms: number): void {
    this.#nowMs += ms;
    for (const watched of [...this.#watched]) {
      if (watched.dueMs > this.#nowMs || !this.#watched.delete(watched)) continue;
      watched.expire();
    }
  }
}
