import assert from "node:assert/strict";
import { bucketOf } from "../../src/core/histogram.ts";
import type { RequestRecord } from "../../src/core/request_record.ts";
import { UsageFold } from "../../src/usage/usage_fold.ts";
import { attemptOf, requestOf } from "../store/request_samples.ts";
import { NOW_MS } from "../store/support.ts";

function foldOf(...requests: readonly RequestRecord[]): UsageFold {
  const fold = new UsageFold();
  for (const request of requests) fold.add(request, request.model ?? "");
  return fold;
}

Deno.test("UsageFold.add() folds requests of one minute and the same dimensions into one row", () => {
  const fold = foldOf(
    ...Array.from({ length: 100 }, (_, number) => requestOf(number)),
    requestOf(100, { clientKeyId: undefined, model: undefined, usage: undefined }),
    requestOf(101, { groupSlug: "team" }),
    requestOf(102, { status: 502, outcome: "failed" }),
    requestOf(103, { durationMs: 60_000 }),
  );

  const rows = fold.usage().map(({ minute, clientKeyId, group, model, statusClass, usageSource, counts }) =>
    [minute - NOW_MS / 60_000, clientKeyId, group, model, statusClass, usageSource, counts.requests].join(" ")
  );

  assert.deepEqual(
    rows.sort(),
    [
      "0    2 none 1",
      "0 c  gpt-5 2 reported 100",
      "0 c  gpt-5 5 reported 1",
      "0 c team gpt-5 2 reported 1",
      "1 c  gpt-5 2 reported 1",
    ].sort(),
  );
});

Deno.test("UsageFold.add() counts attempts where they were made, and the request where its last one was", () => {
  const fold = foldOf(requestOf(1, {
    outcome: "interrupted",
    isStream: true,
    usage: { inputTokens: 7, outputTokens: 0, reasoningTokens: 4, cacheWriteHourTokens: 2 },
    costNanoDollars: 9,
    attempts: [
      attemptOf({ providerKeyId: "k1", kind: "key_limited", status: 429 }),
      attemptOf({ providerId: "q", providerKeyId: "k2", kind: "provider_down", scope: "egress" }),
      attemptOf({ providerKeyId: "k3", kind: "ok_empty" }),
    ],
  }));

  const counts = new Map(fold.usage().map((row) => [row.providerKeyId, row.counts]));
  const shown = ["k1", "k2", "k3"].map((key) => {
    const at = counts.get(key);
    return [
      at?.attempts,
      at?.failures,
      at?.keyLimited,
      at?.egressRefused,
      at?.okEmpty,
      at?.requests,
      at?.inputTokens,
    ];
  });

  assert.deepEqual(shown, [[1, 1, 1, 0, 0, 0, 0], [1, 1, 0, 1, 0, 0, 0], [1, 0, 0, 0, 1, 1, 7]]);
  const last = counts.get("k3");
  assert.deepEqual([last?.interrupted, last?.succeeded, last?.streams, last?.metered, last?.unpriced], [
    1,
    0,
    1,
    1,
    0,
  ]);
  assert.deepEqual([last?.costNanoDollars, last?.reasoningTokens, last?.cacheWriteHourTokens], [9, 4, 2]);
});

Deno.test("UsageFold.add() counts a request that was refused before any attempt, and one of unknown price", () => {
  const refused = requestOf(1, { attempts: [], usage: undefined, status: 429, outcome: "refused" });
  const fold = foldOf(refused, requestOf(2));

  const [first, second] = fold.usage();

  assert.deepEqual([first?.providerId, first?.providerKeyId, first?.counts.refused, first?.counts.attempts], [
    "",
    "",
    1,
    0,
  ]);
  assert.deepEqual([second?.counts.metered, second?.counts.unpriced, second?.counts.costNanoDollars], [
    1,
    1,
    0,
  ]);
});

Deno.test("UsageFold.add() keeps how long requests took that succeeded, and the first token of streams", () => {
  const fold = foldOf(
    requestOf(1),
    requestOf(2, { isStream: true, firstByteMs: 7 }),
    requestOf(3, { outcome: "failed" }),
  );

  const latencies = fold.latencies().map((
    { measure, buckets },
  ) => [measure, buckets[bucketOf(100)], buckets[bucketOf(7)]]);

  assert.deepEqual(latencies, [["duration", 2, 0], ["first_token", 0, 1]]);
});

Deno.test("UsageFold.merge() adds what could not be written to what has come since", () => {
  const returned = foldOf(requestOf(1), requestOf(2, { isStream: true }));
  const fold = foldOf(requestOf(3), requestOf(4, { model: "o3" }));

  fold.merge(returned.usage(), returned.latencies());

  const rows = fold.usage().map(({ model, counts }) => [model, counts.requests, counts.inputTokens]);
  assert.deepEqual(rows, [["gpt-5", 3, 30], ["o3", 1, 10]]);
  const counted = fold.latencies().map((
    { model, measure, buckets },
  ) => [model, measure, buckets.reduce((sum, count) => sum + count, 0)]);
  assert.deepEqual(counted, [["gpt-5", "duration", 3], ["o3", "duration", 1], ["gpt-5", "first_token", 1]]);
});
