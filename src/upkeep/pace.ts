import type { Ticker } from "../core/watch.ts";
import { waitUntil } from "./wait.ts";

/** Lets so many pass a second, at uneven distances, and no more than half a second's worth at once. */
export class Pace {
  readonly #ticker: Ticker;
  readonly #random: () => number;
  readonly #everyMs: number;
  #nextMs = 0;

  constructor(perSecond: number, ticker: Ticker, random: () => number) {
    this.#everyMs = 1000 / perSecond;
    this.#ticker = ticker;
    this.#random = random;
  }

  /** Resolves when it is this one's turn, or when the signal aborts. */
  turn(signal?: AbortSignal): Promise<void> {
    const dueMs = Math.max(this.#nextMs, this.#ticker.now() - BURST_MS);
    this.#nextMs = dueMs + this.#everyMs * (0.75 + 0.5 * this.#random());
    return waitUntil(this.#ticker, dueMs, signal);
  }
}

const BURST_MS = 500;

/** Does something with each item, with at most `limit` under way. Ends early when `act` gives `false`. */
export async function eachAtMost<T>(
  items: Iterable<T> | AsyncIterable<T>,
  limit: number,
  act: (item: T) => Promise<boolean>,
): Promise<void> {
  const queue = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
  let isOver = false;
  const work = async () => {
    while (!isOver) {
      const next = await queue.next();
      if (next.done === true) return;
      if (!await act(next.value)) isOver = true;
    }
  };
  await Promise.all(Array.from({ length: limit }, work));
}
