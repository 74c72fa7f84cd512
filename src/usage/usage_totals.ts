import { addBuckets, BUCKET_COUNT } from "../core/histogram.ts";
import {
  addCounts,
  type LatencyMeasure,
  type LatencyMinute,
  noCounts,
  type UsageCount,
  type UsageMinute,
} from "../core/usage.ts";

/** What this process has counted since its start, for one provider, model and status class. */
export interface UsageTotal {
  /** "" where no provider was asked. */
  readonly providerId: string;
  readonly model: string;
  readonly statusClass: number;
  readonly counts: Readonly<Record<UsageCount, number>>;
}

/** How long requests took, in the buckets of core/histogram.ts, and what that is in all. */
export interface LatencyTotal {
  readonly providerId: string;
  readonly model: string;
  readonly measure: LatencyMeasure;
  readonly buckets: readonly number[];
}

/** Counts since the start, for metrics: the recorder feeds them once a flush, not once a request. */
export class UsageTotals {
  readonly #usage = new Map<string, UsageTotal & { readonly counts: Record<UsageCount, number> }>();
  readonly #latencies = new Map<string, LatencyTotal & { readonly buckets: number[] }>();

  add(usage: readonly UsageMinute[], latencies: readonly LatencyMinute[]): void {
    for (const { providerId, model, statusClass, counts } of usage) {
      const key = `${providerId} ${statusClass} ${model}`;
      let total = this.#usage.get(key);
      if (total === undefined) {
        this.#usage.set(key, total = { providerId, model, statusClass, counts: noCounts() });
      }
      addCounts(total.counts, counts);
    }
    for (const { providerId, model, measure, buckets } of latencies) {
      const key = `${providerId} ${measure} ${model}`;
      let total = this.#latencies.get(key);
      if (total === undefined) {
        total = { providerId, model, measure, buckets: new Array<number>(BUCKET_COUNT).fill(0) };
        this.#latencies.set(key, total);
      }
      addBuckets(total.buckets, buckets);
    }
  }

  usage(): readonly UsageTotal[] {
    return [...this.#usage.values()];
  }

  latencies(): readonly LatencyTotal[] {
    return [...this.#latencies.values()];
  }
}
