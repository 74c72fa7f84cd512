import { BUCKET_COUNT } from "../../src/core/histogram.ts";
import { type LatencyMinute, noCounts, type UsageCounts, type UsageMinute } from "../../src/core/usage.ts";

/** One request of one minute, with so many tokens. */
export function usageOf(more: Partial<UsageMinute> = {}, counts: Partial<UsageCounts> = {}): UsageMinute {
  return {
    minute: 1000,
    providerId: "p",
    providerKeyId: "k",
    clientKeyId: "c",
    group: "",
    model: "m",
    statusClass: 2,
    usageSource: "reported",
    ...more,
    counts: {
      ...noCounts(),
      requests: 1,
      attempts: 1,
      metered: 1,
      inputTokens: 10,
      outputTokens: 5,
      ...counts,
    },
  };
}

/** One request that took as long as the bucket says. */
export function latencyOf(bucket: number, more: Partial<LatencyMinute> = {}): LatencyMinute {
  const buckets = new Array<number>(BUCKET_COUNT).fill(0);
  buckets[bucket] = 1;
  return {
    minute: 1000,
    providerId: "p",
    clientKeyId: "c",
    group: "",
    model: "m",
    measure: "duration",
    buckets,
    ...more,
  };
}
