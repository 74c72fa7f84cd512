import assert from "node:assert/strict";
import { FRESH_HEALTH, type KeyHealth } from "../../src/core/health.ts";
import { consequenceOf, isInDoubt } from "../../src/upkeep/key_doubt.ts";

const NOW = 1_000_000;

const HEALTHS: Readonly<Record<string, KeyHealth>> = {
  fresh: FRESH_HEALTH,
  proven: { ...FRESH_HEALTH, lastSuccessMs: NOW - 10 },
  returning: { ...FRESH_HEALTH, isReturning: true },
  refusedOnce: { ...FRESH_HEALTH, consecutiveFailures: 1, lastFailureMs: NOW - 500 },
  refusedMeanwhile: { ...FRESH_HEALTH, consecutiveFailures: 1, lastFailureMs: NOW - 1 },
  rejected: { ...FRESH_HEALTH, state: "rejected", cause: "key_dead", lastFailureMs: NOW - 500 },
  doubted: { ...FRESH_HEALTH, state: "cooling", cause: "key_dead", untilMs: NOW + 9 },
  limited: { ...FRESH_HEALTH, state: "cooling", cause: "key_limited", untilMs: NOW + 9 },
  usedUp: { ...FRESH_HEALTH, state: "exhausted", source: "quota" },
  broke: { ...FRESH_HEALTH, state: "exhausted", source: "ladder", untilMs: NOW + 9 },
};

Deno.test("isInDoubt() means what a check could change, and nothing that has a time of its own", () => {
  const doubtful = Object.entries(HEALTHS).filter(([, health]) => isInDoubt(health)).map(([name]) => name);

  assert.deepEqual(doubtful, ["refusedOnce", "refusedMeanwhile", "rejected", "doubted"]);
});

Deno.test("consequenceOf() proves or blames, and does nothing by what it does not know", () => {
  const expected: Readonly<Record<string, readonly [accepted: string, rejected: string]>> = {
    fresh: ["prove", "blame"],
    proven: ["none", "blame"],
    returning: ["none", "blame"],
    refusedOnce: ["prove", "blame"],
    refusedMeanwhile: ["none", "blame"],
    rejected: ["prove", "none"],
    doubted: ["prove", "blame"],
    limited: ["none", "blame"],
    usedUp: ["none", "blame"],
    broke: ["none", "blame"],
  };

  for (const [name, health] of Object.entries(HEALTHS)) {
    const startedMs = NOW - 100;
    const found = (["accepted", "rejected"] as const).map((result) =>
      consequenceOf(health, result, startedMs)
    );
    assert.deepEqual(found, expected[name], name);
    assert.equal(consequenceOf(health, "failed", startedMs), "none", name);
  }
});
