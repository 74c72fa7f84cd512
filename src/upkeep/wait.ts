import type { Ticker } from "../core/watch.ts";

/** Resolves at a moment of the ticker's clock, or as soon as the signal aborts. */
export function waitUntil(ticker: Ticker, dueMs: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted === true || dueMs <= ticker.now()) return Promise.resolve();
  const { promise, resolve } = Promise.withResolvers<void>();
  const end = () => {
    ticker.unwatch(alarm);
    signal?.removeEventListener("abort", end);
    resolve();
  };
  const alarm = { dueMs, expire: end };
  ticker.watch(alarm);
  signal?.addEventListener("abort", end);
  return promise;
}
