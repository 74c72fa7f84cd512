import { ClientLimiter, type LimitedClientKey } from "../../src/access/client_limiter.ts";
import type { Admission, Estimate } from "../../src/access/admission.ts";
import type { SharedWindows } from "../../src/access/window_link.ts";
import type { ClientLimits } from "../../src/core/client_limits.ts";
import type { Ticker } from "../../src/core/watch.ts";
import { createLog } from "../../src/log.ts";
import { openKv } from "../../src/store/kv.ts";
import { exchangeWindows } from "../../src/store/window_store.ts";
import { withFolder } from "../store/support.ts";
import { ManualTicker } from "../support/manual_ticker.ts";

export const NOTHING: Estimate = { tokens: 0, nanoDollars: 0 };
/** The first moment of a UTC day and month. */
export const START_MS = Date.UTC(2027, 2, 1);

export const clientKey = (limits: ClientLimits, id = "client-1"): LimitedClientKey => ({ id, limits });

/** A limiter on a KV of its own handle, with what it logs and a way to wait until it is quiet. */
export class LimiterUnderTest {
  readonly kv: Deno.Kv;
  readonly limiter: ClientLimiter;
  readonly logged: string[] = [];
  /** Exchanges with the shared windows so far. */
  exchanges = 0;
  /** What Deno KV does in place of answering. */
  trouble: (() => Promise<never>) | undefined;
  #pending = 0;

  constructor(kv: Deno.Kv, ticker: Ticker, instance: string) {
    this.kv = kv;
    const windows: SharedWindows = async (id, change) => {
      this.exchanges++;
      this.#pending++;
      try {
        if (this.trouble !== undefined) return await this.trouble();
        return await exchangeWindows(kv, id, change);
      } finally {
        this.#pending--;
      }
    };
    const log = createLog("info", (line) => this.logged.push(line), (text) => text);
    this.limiter = new ClientLimiter({ ticker, windows, log, instance });
  }

  /** Whether each of `count` requests is let in; none is settled. */
  async admitMany(key: LimitedClientKey, count: number, estimate = NOTHING): Promise<Admission[]> {
    const results = await Promise.all(Array.from({ length: count }, () => this.limiter.admit(key, estimate)));
    return results.filter((result) => result.kind === "admitted");
  }

  /** Resolves when no exchange is under way: real time for Deno KV, none on the clock of the test. */
  async quiet(): Promise<void> {
    do await new Promise((resolve) => setTimeout(resolve, 0)); while (this.#pending > 0);
  }
}

/** Some instances on one KV file, with one clock. */
export function withLimiters(
  count: number,
  test: (limiters: LimiterUnderTest[], ticker: ManualTicker, path: string) => Promise<void>,
): Promise<void> {
  return withFolder(async (folder) => {
    const path = `${folder}/kv.db`;
    const ticker = new ManualTicker(START_MS);
    const limiters: LimiterUnderTest[] = [];
    for (let index = 0; index < count; index++) {
      limiters.push(
        new LimiterUnderTest(await openKv({ kind: "file", path }), ticker, `instance-${index}`),
      );
    }
    try {
      await test(limiters, ticker, path);
    } finally {
      for (const { limiter, kv } of limiters) {
        await limiter.close();
        kv.close();
      }
    }
  });
}

/** Runs the clock in steps, with the rounds of the limiters in between. */
export async function passTime(limiters: LimiterUnderTest[], ticker: ManualTicker, ms: number, stepMs = 500) {
  for (let passed = 0; passed < ms; passed += stepMs) {
    ticker.advance(Math.min(stepMs, ms - passed));
    for (const each of limiters) await each.quiet();
  }
}

/** The most that falls into any stretch of `spanMs`. */
export function mostWithin(timesMs: readonly number[], spanMs: number): number {
  const sorted = timesMs.toSorted((a, b) => a - b);
  let most = 0;
  let first = 0;
  for (const [index, timeMs] of sorted.entries()) {
    while ((sorted[first] ?? 0) <= timeMs - spanMs) first++;
    most = Math.max(most, index - first + 1);
  }
  return most;
}
