import { Seats } from "./core/seats.ts";
import type { Ticker, Watched } from "./core/watch.ts";

/**
 * The one timer of the process. It runs only while something is watched, so an idle program may end.
 * `now()` is exact; deadlines are met at most `periodMs` late.
 */
export class SystemTicker implements Ticker {
  readonly #watched = new Seats<Watched>();
  readonly #periodMs: number;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(periodMs = 100) {
    this.#periodMs = periodMs;
  }

  now(): number {
    return Date.now();
  }

  watch(watched: Watched): void {
    const { watchSeat } = watched;
    if (watchSeat === undefined || this.#watched.at(watchSeat) !== watched) {
      watched.watchSeat = this.#watched.take(watched);
    }
    this.#timer ??= setInterval(() => this.#tick(), this.#periodMs);
  }

  unwatch(watched: Watched): void {
    const { watchSeat } = watched;
    if (watchSeat !== undefined && this.#watched.at(watchSeat) === watched) this.#watched.leave(watchSeat);
  }

  /** Stops the timer and forgets what was watched. */
  close(): void {
    this.#watched.clear();
    this.#rest();
  }

  #tick(): void {
    const nowMs = Date.now();
    this.#watched.forEach((watched, seat) => {
      if (watched.dueMs > nowMs) return;
      this.#watched.leave(seat);
      watched.expire();
    });
    if (this.#watched.size === 0) this.#rest();
  }

  #rest(): void {
    if (this.#timer !== undefined) clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
