import assert from "node:assert/strict";
import {
  exhaustQuota,
  forgiveRejections,
  FRESH_HEALTH,
  type KeyHealth,
  leaseLimit,
  releaseHealth,
  resetQuota,
  settleHealth,
} from "../../src/core/health.ts";
import { mergeHealth } from "../../src/core/merge_health.ts";
import { POLICY } from "../pool/samples.ts";

const COOLING: KeyHealth = {
  ...FRESH_HEALTH,
  state: "cooling",
  untilMs: 5000,
  source: "header",
  cause: "key_limited",
  sinceMs: 1000,
  lastSuccessMs: 900,
};
const REJECTED: KeyHealth = {
  ...FRESH_HEALTH,
  state: "rejected",
  cause: "key_dead",
  sinceMs: 2000,
  consecutiveFailures: 3,
};

Deno.test("settleHealth() ends a rest at its deadline and lets the key return", () => {
  const early = settleHealth(COOLING, 4999);
  const due = settleHealth(COOLING, 5000);

  assert.equal(early, COOLING);
  assert.deepEqual(due, { ...FRESH_HEALTH, isReturning: true, lastSuccessMs: 900 });
});

Deno.test("settleHealth() never ends a rejection or a used-up quota", () => {
  const exhausted = exhaustQuota(FRESH_HEALTH, 1000);

  assert.equal(settleHealth(REJECTED, 1e15), REJECTED);
  assert.equal(settleHealth(exhausted, 1e15), exhausted);
});

Deno.test("leaseLimit() is what the key has left to prove", () => {
  const table: [Partial<KeyHealth>, number][] = [
    [{}, 3],
    [{ consecutiveFailures: 2 }, 1],
    [{ consecutiveFailures: 9 }, 1],
    [{ lastSuccessMs: 1 }, Infinity],
    [{ lastSuccessMs: 1, consecutiveFailures: 1 }, 2],
    [{ lastSuccessMs: 1, isReturning: true }, 1],
  ];

  for (const [more, expected] of table) {
    assert.equal(leaseLimit({ ...FRESH_HEALTH, ...more }, POLICY), expected);
  }
});

Deno.test("releaseHealth() forgets rest, failures, ladder and pairs", () => {
  const pair = {
    untilMs: 9000,
    sinceMs: 1,
    ladderStep: 1,
    rule: "r",
    source: "ladder",
    cause: "key_limited",
  } as const;

  const released = releaseHealth({ ...REJECTED, ladderStep: 4, models: { a: pair } }, 3000);
  const pairOnly = releaseHealth({ ...REJECTED, models: { a: pair, b: pair } }, 3000, "a");

  assert.deepEqual(released, { ...FRESH_HEALTH, isReturning: true, releasedAtMs: 3000 });
  assert.deepEqual(pairOnly, { ...REJECTED, models: { b: pair } });
});

Deno.test("resetQuota() makes a used-up key ready and leaves other rests alone", () => {
  const exhausted = exhaustQuota({ ...COOLING, usedCount: 10 }, 3000);

  assert.equal(exhausted.untilMs, undefined);
  assert.deepEqual(resetQuota(exhausted), { ...FRESH_HEALTH, lastSuccessMs: 900 });
  assert.deepEqual(resetQuota({ ...COOLING, usedCount: 10 }), COOLING);
});

Deno.test("forgiveRejections() goes back before the rejection and keeps a limit that came since", () => {
  const forgiven = forgiveRejections({ ...REJECTED, usedCount: 7 }, { ...FRESH_HEALTH, lastSuccessMs: 500 });
  const limited = forgiveRejections({ ...COOLING, consecutiveFailures: 1 }, FRESH_HEALTH);

  assert.deepEqual(forgiven, { ...FRESH_HEALTH, lastSuccessMs: 500, usedCount: 7 });
  assert.deepEqual(limited, COOLING);
});

Deno.test("mergeHealth() keeps the later deadline, whoever knows it", () => {
  const longer = { ...COOLING, untilMs: 9000, sinceMs: 1100, lastSuccessMs: 800 };

  for (const merged of [mergeHealth(COOLING, longer), mergeHealth(longer, COOLING)]) {
    assert.equal(merged.untilMs, 9000);
    assert.equal(merged.lastSuccessMs, 900);
  }
});

Deno.test("mergeHealth() lets a rejection stand until somebody has ended it since", () => {
  const released = releaseHealth(REJECTED, 3000);

  assert.equal(mergeHealth(COOLING, REJECTED).state, "rejected");
  assert.equal(mergeHealth(REJECTED, released).state, "ready");
  assert.equal(mergeHealth(released, { ...REJECTED, sinceMs: 4000 }).state, "rejected");
});

Deno.test("mergeHealth() ends a row of failures by a later success of another instance", () => {
  const failing = { ...FRESH_HEALTH, consecutiveFailures: 2, lastFailureMs: 1000 };

  assert.equal(mergeHealth(failing, { ...FRESH_HEALTH, lastSuccessMs: 2000 }).consecutiveFailures, 0);
  assert.equal(mergeHealth(failing, { ...FRESH_HEALTH, lastSuccessMs: 500 }).consecutiveFailures, 2);
});
