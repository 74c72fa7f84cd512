import { ClientLimiter } from "../../src/access/client_limiter.ts";
import type { Ticker } from "../../src/core/watch.ts";
import { EMPTY_RECORD, type WindowRecord } from "../../src/core/window_slices.ts";
import { createLog } from "../../src/log.ts";

/** A limiter whose windows nobody shares and no store keeps. */
export function loneLimiter(ticker: Ticker): ClientLimiter {
  const records = new Map<string, WindowRecord>();
  return new ClientLimiter({
    ticker,
    log: createLog("silent", () => {}, (line) => line),
    instance: "alone",
    windows: (id, change) => {
      const changed = change(records.get(id) ?? EMPTY_RECORD);
      records.set(id, changed.record);
      return Promise.resolve(changed);
    },
  });
}
