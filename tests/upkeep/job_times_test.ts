import assert from "node:assert/strict";
import { firstDueMs, nextDueMs } from "../../src/upkeep/job_times.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

Deno.test("firstDueMs() spreads the first runs over ten seconds at the most", () => {
  const everyFive = { periodMs: 5 * MINUTE, jitter: 0.1 };

  assert.equal(firstDueMs(everyFive, 1000, () => 0), 1000);
  assert.equal(firstDueMs(everyFive, 1000, () => 0.5), 6000);
  assert.equal(firstDueMs({ periodMs: 2000, jitter: 0.5 }, 1000, () => 0.5), 1500);
});

Deno.test("nextDueMs() comes a period after the start or earlier, and sooner at first after failures", () => {
  const cases: readonly [
    periodMs: number,
    jitter: number,
    failures: number,
    random: number,
    tookMs: number,
    dueMs: number,
  ][] = [
    [5 * MINUTE, 0.1, 0, 0, 0, 5 * MINUTE],
    [5 * MINUTE, 0.1, 0, 1, 0, 4.5 * MINUTE],
    [5 * MINUTE, 0.1, 0, 0, MINUTE, 5 * MINUTE],
    // A run that took longer than its period is followed by the next one at once.
    [5 * MINUTE, 0, 0, 0, 7 * MINUTE, 7 * MINUTE],
    [5 * MINUTE, 0, 1, 0, 10, MINUTE + 10],
    [5 * MINUTE, 0, 2, 0, 0, 2 * MINUTE],
    [5 * MINUTE, 0, 3, 0, 0, 4 * MINUTE],
    [5 * MINUTE, 0, 9, 0, 0, 5 * MINUTE],
    [24 * HOUR, 0, 7, 0, 0, 64 * MINUTE],
    [24 * HOUR, 0.5, 7, 1, 0, 32 * MINUTE],
    [24 * HOUR, 0, 2000, 0, 0, 24 * HOUR],
  ];

  for (const [periodMs, jitter, failures, random, tookMs, dueMs] of cases) {
    const due = nextDueMs({ periodMs, jitter }, 0, tookMs, failures, () => random);
    assert.equal(due, dueMs, `${periodMs} ms, ${failures} failures`);
  }
});
