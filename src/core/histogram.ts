/**
 * Durations as counts in fixed buckets, three to each doubling: bucket `i` holds what took from 2^(i/3) ms to, and
 * without, 2^((i+1)/3) ms, so that each is 26% wide. The first one also holds all that was quicker, the last one
 * (from 35 minutes) all that was slower. Because the buckets are the same everywhere, histograms of several instances
 * and times merge by adding their counts, and lose nothing by it.
 */
export const BUCKET_COUNT = 64;

/** Which bucket a duration belongs to. */
export function bucketOf(durationMs: number): number {
  if (!(durationMs > 1)) return 0;
  return Math.min(BUCKET_COUNT - 1, Math.floor(3 * Math.log2(durationMs)));
}

/** Where a bucket begins, in milliseconds; also where the one before it ends. 0 for the first. */
export function bucketStartMs(bucket: number): number {
  return bucket === 0 ? 0 : 2 ** (bucket / 3);
}

/** Adds `more` to `sum`, bucket by bucket. */
export function addBuckets(sum: number[], more: readonly number[]): void {
  for (let bucket = 0; bucket < BUCKET_COUNT; bucket++) {
    sum[bucket] = (sum[bucket] ?? 0) + (more[bucket] ?? 0);
  }
}

/**
 * The duration that the share `part` (0 to 1) of all were not longer than, in milliseconds: in the same bucket as the
 * true one. `undefined` when nothing was counted.
 */
export function quantileMs(buckets: readonly number[], part: number): number | undefined {
  let total = 0;
  for (const count of buckets) total += count;
  if (total === 0) return undefined;
  const rank = Math.max(1, Math.ceil(part * total));
  let below = 0;
  for (let bucket = 0; bucket < BUCKET_COUNT; bucket++) {
    const count = buckets[bucket] ?? 0;
    if (below + count >= rank) {
      const startMs = bucketStartMs(bucket);
      // In the middle of its share of the bucket, as if the bucket's durations stood evenly in it.
      return startMs + (bucketStartMs(bucket + 1) - startMs) * (rank - below - 0.5) / count;
    }
    below += count;
  }
  return undefined;
}
