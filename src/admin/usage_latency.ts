import type { LatencyQuestion } from "../store/latency_query.ts";
import type { UsageQuestion } from "../store/usage_query.ts";

/**
 * The filter of a question for histograms; `undefined` where they are not held apart by what it filters: provider key,
 * status class, usage source.
 */
export function latencyFilter({ only = {} }: UsageQuestion): LatencyQuestion["only"] {
  const { providerKeyId, statusClass, usageSource, ...shared } = only;
  const isOther = [providerKeyId, statusClass, usageSource].some((filter) => filter !== undefined);
  return isOther ? undefined : shared;
}
