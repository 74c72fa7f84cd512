/**
 * Deadlines without a timer each. One shared ticker looks at everything that is waiting, because an
 * `AbortSignal.timeout` a request costs 10 to 20% of the throughput and a set that is looked at ten times a
 * second costs about 5%.
 */

/** Something that waits and gives up at a moment. */
export interface Watched {
  /** When to give up: milliseconds of the ticker's clock; `Infinity` for never. May change while watched. */
  dueMs: number;
  /** The ticker's own: where it keeps what it watches. */
  watchSeat?: number;
  /** Called once the moment has passed, at most one tick late. The ticker forgets it before the call. */
  expire(): void;
}

/** The shared clock: a time that is at most one tick old, and the watch over what waits. */
export interface Ticker {
  /** Milliseconds since the epoch. */
  now(): number;
  watch(watched: Watched): void;
  /** Forgets it; harmless when it was not watched. */
  unwatch(watched: Watched): void;
}
