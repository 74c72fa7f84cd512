import assert from "node:assert/strict";
import { FRESH_HEALTH, type KeyHealth, type ModelRest } from "../../src/core/health.ts";
import { transitionsOf } from "../../src/core/key_transition.ts";

const NOW_MS = 1_000_000;

const COOLING: KeyHealth = {
  ...FRESH_HEALTH,
  state: "cooling",
  untilMs: NOW_MS + 60_000,
  source: "header",
  cause: "key_limited",
  rule: "status.429",
  reason: "Slow down",
  sinceMs: NOW_MS,
};
const REST: ModelRest = {
  untilMs: NOW_MS + 60_000,
  source: "body",
  cause: "key_exhausted",
  rule: "gemini.daily",
  sinceMs: NOW_MS - 5,
  ladderStep: 0,
};

Deno.test("transitionsOf() tells a rest that begins, with its cause, at the moment it began", () => {
  assert.deepEqual(transitionsOf(FRESH_HEALTH, COOLING, NOW_MS + 9), [{
    atMs: NOW_MS,
    model: "",
    state: "cooling",
    untilMs: NOW_MS + 60_000,
    source: "header",
    cause: "key_limited",
    rule: "status.429",
    reason: "Slow down",
  }]);
});

Deno.test("transitionsOf() tells a rest that ends early, and none whose time has passed", () => {
  const ready = { ...FRESH_HEALTH, releasedAtMs: NOW_MS + 5 };

  assert.deepEqual(transitionsOf(COOLING, ready, NOW_MS + 5), [{
    atMs: NOW_MS + 5,
    model: "",
    state: "ready",
  }]);
  assert.deepEqual(transitionsOf(COOLING, { ...FRESH_HEALTH, isReturning: true }, NOW_MS + 60_000), []);
});

Deno.test("transitionsOf() tells of a model's rest, its early end, and nothing of what stays", () => {
  const resting = { ...FRESH_HEALTH, models: { "gpt-5": REST } };
  const both = { ...FRESH_HEALTH, models: { "gpt-5": REST, other: { ...REST, untilMs: NOW_MS - 1 } } };

  const begun = transitionsOf(FRESH_HEALTH, resting, NOW_MS);
  const ended = transitionsOf(resting, FRESH_HEALTH, NOW_MS);

  assert.deepEqual(begun.map(({ atMs, model, state }) => [atMs, model, state]), [
    [NOW_MS - 5, "gpt-5", "cooling"],
  ]);
  assert.deepEqual(ended, [{ atMs: NOW_MS, model: "gpt-5", state: "ready" }]);
  assert.deepEqual(transitionsOf(resting, both, NOW_MS), []);
});

Deno.test("transitionsOf() has nothing to tell of mere use", () => {
  assert.deepEqual(transitionsOf(COOLING, { ...COOLING, lastFailureMs: NOW_MS, usedCount: 7 }, NOW_MS), []);
  assert.deepEqual(transitionsOf(FRESH_HEALTH, { ...FRESH_HEALTH, lastSuccessMs: NOW_MS }, NOW_MS), []);
});
