import type { Ticker, Watched } from "../../src/core/watch.ts";

/** A clock that stands until it is told to go on. */
export class ManualTicker implements Ticker {
  readonly #watched = new Set<Watched>();
  #nowMs: number;

  constructor(nowMs = 1_000_000) {
    this.#nowMs = nowMs;
  }

  now(): number {
    return this.#nowMs;
  }

  watch(watched: Watched): void {
    this.#watched.add(watched);
  }

  unwatch(watched: Watched): void {
    this.#watched.delete(watched);
  }

  /** How many things wait. */
  get watchedCount(): number {
    return this.#watched.size;
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
