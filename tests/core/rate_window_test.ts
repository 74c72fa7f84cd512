import assert from "node:assert/strict";
import fc from "fast-check";
import {
  bucketAt,
  countingUses,
  isExact,
  remaining,
  resetMs,
  usedAmount,
  type Uses,
  withUse,
} from "../../src/core/rate_window.ts";

const MINUTE_MS = 60_000;
const START_MS = Date.UTC(2027, 1, 28, 23, 59, 12, 345);

/** A minute window that is asked for one unit at each of the times; gives the times at which it had one. */
function admitAll(limit: number, timesMs: readonly number[]): number[] {
  let uses: Uses = [];
  return timesMs.filter((nowMs) => {
    uses = countingUses(uses, "minute", limit, nowMs);
    if (remaining(uses, limit, nowMs) < 1) return false;
    uses = withUse(uses, bucketAt("minute", limit, nowMs).untilMs, 1);
    return true;
  });
}

const limits = fc.integer({ min: 1, max: 150 });
/** Milliseconds between requests: bursts, a stream, and pauses. */
const gaps = fc.array(
  fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 400 }), fc.integer({ min: 0, max: 70_000 })),
  { minLength: 1, maxLength: 500, size: "max" },
);

function timesOf(gapsMs: readonly number[]): number[] {
  let timeMs = START_MS;
  return gapsMs.map((gapMs) => timeMs += gapMs);
}

Deno.test("a minute window admits no more than the limit in any sliding minute", () => {
  fc.assert(fc.property(limits, gaps, (limit, gapsMs) => {
    const admitted = admitAll(limit, timesOf(gapsMs));

    for (const [index, timeMs] of admitted.entries()) {
      const before = admitted[index - limit];
      assert.ok(before === undefined || timeMs - before >= MINUTE_MS, `${limit} + 1 in less than a minute`);
    }
  }));
});

Deno.test("a minute window refuses only while the limit was used within its minute, to the second at least", () => {
  fc.assert(fc.property(limits, gaps, (limit, gapsMs) => {
    const slackMs = isExact(limit) ? 0 : 999;
    const admitted: number[] = [];
    let uses: Uses = [];
    for (const nowMs of timesOf(gapsMs)) {
      uses = countingUses(uses, "minute", limit, nowMs);
      const inMinute = admitted.filter((timeMs) => timeMs > nowMs - MINUTE_MS - slackMs).length;
      if (remaining(uses, limit, nowMs) < 1) {
        assert.ok(inMinute >= limit, `refused with ${inMinute} of ${limit}`);
        continue;
      }
      uses = withUse(uses, bucketAt("minute", limit, nowMs).untilMs, 1);
      admitted.push(nowMs);
    }
  }));
});

Deno.test("a minute window gives at least 98% of its limit under steady demand of three times as much", () => {
  const minutes = 40;
  for (const limit of [1, 2, 5, 60, 61, 100, 600]) {
    const gapMs = MINUTE_MS / limit / 3;
    const timesMs = Array.from(
      { length: minutes * limit * 3 },
      (_, index) => Math.floor(START_MS + index * gapMs),
    );

    const admitted = admitAll(limit, timesMs).length;

    assert.ok(admitted >= 0.98 * limit * minutes, `${admitted / minutes} of ${limit}`);
  }
});

Deno.test("a clock that steps, back or forth, keeps nobody out for longer than a window and admits no window more", () => {
  const steps = fc.integer({ min: -40 * 24 * 3600_000, max: 40 * 24 * 3600_000 });
  fc.assert(fc.property(limits, steps, (limit, stepMs) => {
    const burst = (timeMs: number) => new Array<number>(limit + 3).fill(timeMs);

    const afterStep = admitAll(limit, [
      ...burst(START_MS),
      ...burst(START_MS + stepMs),
      ...burst(START_MS + stepMs + MINUTE_MS + 5_000 + 999),
    ]);

    assert.ok(afterStep.length >= 2 * limit, "free again after one window");
    assert.ok(afterStep.length <= 3 * limit);
  }));
});

Deno.test("bucketAt() ends days and months with UTC", () => {
  assert.equal(bucketAt("day", 10, START_MS).untilMs, Date.UTC(2027, 2, 1));
  assert.equal(bucketAt("month", 10, START_MS).untilMs, Date.UTC(2027, 2, 1));
  assert.equal(bucketAt("month", 10, Date.UTC(2027, 11, 31, 12)).untilMs, Date.UTC(2028, 0, 1));
  assert.deepEqual(bucketAt("minute", 60, 1_234), { fromMs: 1_234, toMs: 1_235, untilMs: 61_234 });
  assert.deepEqual(bucketAt("minute", 61, 1_234), { fromMs: 1_000, toMs: 2_000, untilMs: 61_999 });
});

Deno.test("countingUses() lets the uses of another instance stand whose clock is a little ahead", () => {
  const midnightMs = Date.UTC(2027, 2, 1);
  const tomorrow: Uses = [[midnightMs + 24 * 3600_000, 7]];

  const soon = countingUses(tomorrow, "day", 10, midnightMs - 4_000);
  const setBack = countingUses(tomorrow, "day", 10, midnightMs - 3600_000);

  assert.deepEqual(soon, tomorrow);
  assert.deepEqual(setBack, [[midnightMs, 7]]);
});

Deno.test("withUse() keeps one bucket for each moment, in order, and takes back what was reserved", () => {
  const operations = fc.array(fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: -5, max: 9 })));
  fc.assert(fc.property(operations, (changes) => {
    let uses: Uses = [];
    const model = new Map<number, number>();
    for (const [untilMs, amount] of changes) {
      uses = withUse(uses, untilMs, amount);
      const sum = (model.get(untilMs) ?? 0) + amount;
      if (sum > 0) model.set(untilMs, sum);
      else model.delete(untilMs);
    }

    assert.deepEqual(uses, [...model].sort(([a], [b]) => a - b));
    assert.equal(usedAmount(uses, 4), uses.reduce((sum, [until, each]) => until > 4 ? sum + each : sum, 0));
  }));
});

Deno.test("resetMs() tells when so much is free, if ever", () => {
  const uses: Uses = [[100, 2], [200, 3], [300, 5]];

  assert.equal(resetMs(uses, 12, 2, 50), 0);
  assert.equal(resetMs(uses, 12, 3, 50), 50);
  assert.equal(resetMs(uses, 12, 7, 50), 150);
  assert.equal(resetMs(uses, 12, 12, 50), 250);
  assert.equal(resetMs(uses, 12, 13, 50), undefined);
  assert.equal(resetMs(uses, 12, 12, 250), 50);
});
