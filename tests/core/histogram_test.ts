import assert from "node:assert/strict";
import fc from "fast-check";
import { addBuckets, BUCKET_COUNT, bucketOf, bucketStartMs, quantileMs } from "../../src/core/histogram.ts";

function histogramOf(durations: readonly number[]): number[] {
  const buckets = new Array<number>(BUCKET_COUNT).fill(0);
  for (const durationMs of durations) {
    const bucket = bucketOf(durationMs);
    buckets[bucket] = (buckets[bucket] ?? 0) + 1;
  }
  return buckets;
}

Deno.test("bucketOf() puts a duration where its bucket begins or later, and before the next one begins", () => {
  fc.assert(fc.property(fc.double({ min: 1, max: 2e6, noNaN: true }), (durationMs) => {
    const bucket = bucketOf(durationMs);

    // The last digit of a power of two to a third is rounded.
    assert.ok(durationMs >= bucketStartMs(bucket) * (1 - 1e-12));
    assert.ok(durationMs < bucketStartMs(bucket + 1) * (1 + 1e-12));
  }));
});

Deno.test("bucketOf() has a bucket for everything", () => {
  const found = [0, 0.4, 1, 2, 8, 1e9, Infinity, NaN, -5].map(bucketOf);

  assert.deepEqual(found, [0, 0, 0, 3, 9, BUCKET_COUNT - 1, BUCKET_COUNT - 1, 0, 0]);
});

Deno.test("quantileMs() of merged histograms is in the bucket of the true quantile, however they were shared out", () => {
  const durations = fc.array(fc.integer({ min: 0, max: 3_000_000 }), { minLength: 1, maxLength: 300 });
  const instances = fc.integer({ min: 1, max: 5 });
  fc.assert(
    fc.property(durations, instances, fc.constantFrom(0.01, 0.5, 0.95, 0.99, 1), (all, count, part) => {
      const merged = new Array<number>(BUCKET_COUNT).fill(0);
      for (let instance = 0; instance < count; instance++) {
        addBuckets(merged, histogramOf(all.filter((_, index) => index % count === instance)));
      }

      const quantile = quantileMs(merged, part) ?? NaN;

      const sorted = [...all].sort((one, other) => one - other);
      const truth = sorted[Math.max(0, Math.ceil(part * all.length) - 1)] ?? NaN;
      assert.equal(bucketOf(quantile), bucketOf(truth), `${quantile} for ${truth}`);
      assert.deepEqual(merged, histogramOf(all));
    }),
  );
});

Deno.test("quantileMs() knows none where nothing was counted", () => {
  assert.equal(quantileMs(histogramOf([]), 0.5), undefined);
});
