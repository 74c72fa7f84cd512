import { ClientLimiter } from "../../src/access/client_limiter.ts";
import type { ClientLimits } from "../../src/core/client_limits.ts";
import { createLog } from "../../src/log.ts";
import { openKv } from "../../src/store/kv.ts";
import { exchangeWindows } from "../../src/store/window_store.ts";
import { SystemTicker } from "../../src/ticker.ts";

// What the limits of a client key cost a request. `deno bench --allow-all tests/bench/limiter_bench.ts`

const kv = await openKv({ kind: "memory" });
const ticker = new SystemTicker();
const limiter = new ClientLimiter({
  ticker,
  windows: (id, change) => exchangeWindows(kv, id, change),
  log: createLog("info", () => {}, (text) => text),
  instance: "bench",
});
const estimate = { tokens: 500, nanoDollars: 1_000 };
const actual = { tokens: 400, nanoDollars: 900 };
const free = { id: "free" };

Deno.bench("a client key without limits", { baseline: true }, () => {
  const result = limiter.admit(free, estimate);
  if ("settle" in result) result.settle(actual);
});

const CASES: readonly (readonly [name: string, limits: ClientLimits])[] = [
  ["requests a minute", { requestsPerMinute: 1e12 }],
  ["requests and tokens a minute", { requestsPerMinute: 1e12, tokensPerMinute: 1e15 }],
  ["requests and tokens a minute, concurrency, a token and a money budget", {
    requestsPerMinute: 1e12,
    tokensPerMinute: 1e15,
    concurrency: 10,
    tokensPerDay: 1e15,
    nanoDollarsPerMonth: 1e15,
  }],
];

for (const [name, limits] of CASES) {
  const clientKey = { id: name, limits };
  for (let index = 0; index < 200; index++) {
    const admission = await limiter.admit(clientKey, estimate);
    if (admission.kind === "admitted") admission.settle(actual);
  }

  // What waits for a slice is part of the average, as it is of the work.
  Deno.bench(`${name}: 1,000 times admit and settle`, async () => {
    for (let index = 0; index < 1_000; index++) {
      const now = limiter.admit(clientKey, estimate);
      const result = "kind" in now ? now : await now;
      if (result.kind === "refused") throw new Error(`Cannot measure: ${result.limit} refuses`);
      result.settle(actual);
    }
  });

  Deno.bench(`${name}: headers`, () => {
    limiter.headersFor(clientKey);
  });
}
