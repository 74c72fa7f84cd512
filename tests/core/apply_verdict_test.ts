import assert from "node:assert/strict";
import { applyVerdict, type JudgedAttempt, shareRest } from "../../src/core/apply_verdict.ts";
import { PROBE_INTERVAL_MS } from "../../src/core/deadline.ts";
import { exhaustQuota, FRESH_HEALTH, type KeyHealth, settleHealth } from "../../src/core/health.ts";
import { SUCCEEDED, type Verdict } from "../../src/core/verdict.ts";
import { MIDDLE, POLICY, verdictOf } from "../pool/samples.ts";

const NOW = 1_000_000;
const HOUR = 3600_000;

function applied(verdict: Verdict, health = FRESH_HEALTH, attempt: Partial<JudgedAttempt> = {}): KeyHealth {
  return applyVerdict(health, verdict, { nowMs: NOW, model: "m", ...attempt }, POLICY, MIDDLE);
}

const cases: readonly {
  readonly name: string;
  readonly health?: KeyHealth;
  readonly verdict: Verdict;
  readonly expected: Partial<KeyHealth>;
}[] = [
  {
    name: "a success proves the key",
    health: { ...FRESH_HEALTH, consecutiveFailures: 2, ladderStep: 3, steppedAtMs: 5, isReturning: true },
    verdict: SUCCEEDED,
    expected: {
      state: "ready",
      consecutiveFailures: 0,
      ladderStep: 0,
      isReturning: false,
      lastSuccessMs: NOW,
    },
  },
  {
    name: "a conclusive rejection takes the key out at once",
    verdict: verdictOf("key_dead", { isConclusive: true, reason: "Invalid" }),
    expected: {
      state: "rejected",
      cause: "key_dead",
      reason: "Invalid",
      consecutiveFailures: 1,
      sinceMs: NOW,
    },
  },
  {
    name: "a doubtful rejection rests the key for the first step",
    verdict: verdictOf("key_dead"),
    expected: { state: "cooling", untilMs: NOW + 1000, source: "ladder", consecutiveFailures: 1 },
  },
  {
    name: "the last doubtful rejection in a row takes the key out",
    health: { ...FRESH_HEALTH, consecutiveFailures: 2 },
    verdict: verdictOf("key_dead"),
    expected: { state: "rejected", consecutiveFailures: 3 },
  },
  {
    name: "a stated limit is obeyed",
    verdict: verdictOf("key_limited", { untilMs: NOW + 5 * HOUR, source: "header" }),
    expected: { state: "cooling", untilMs: NOW + 5 * HOUR, source: "header", consecutiveFailures: 0 },
  },
  {
    name: "a stated moment in the past means one second",
    verdict: verdictOf("key_limited", { untilMs: NOW - HOUR, source: "header" }),
    expected: { state: "cooling", untilMs: NOW + 1000 },
  },
  {
    name: "a stated time beyond a day is probed every hour",
    verdict: verdictOf("key_limited", { untilMs: NOW + 156 * HOUR, source: "body" }),
    expected: { state: "cooling", untilMs: NOW + PROBE_INTERVAL_MS, statedUntilMs: NOW + 156 * HOUR },
  },
  {
    name: "a stated time that is no number counts as none",
    verdict: verdictOf("key_limited", { untilMs: NaN, source: "body" }),
    expected: { state: "cooling", untilMs: NOW + 1000, source: "ladder" },
  },
  {
    name: "the third step is four times the first",
    health: { ...FRESH_HEALTH, ladderStep: 2, steppedAtMs: 5 },
    verdict: verdictOf("key_limited"),
    expected: { untilMs: NOW + 4000, ladderStep: 3, steppedAtMs: NOW },
  },
  {
    name: "the ladder ends at its cap",
    health: { ...FRESH_HEALTH, ladderStep: 40, steppedAtMs: 5 },
    verdict: verdictOf("key_limited"),
    expected: { untilMs: NOW + POLICY.cooldownCapMs },
  },
  {
    name: "the later deadline wins",
    health: { ...FRESH_HEALTH, state: "cooling", untilMs: NOW + HOUR, source: "body", cause: "key_limited" },
    verdict: verdictOf("key_limited", { untilMs: NOW + 5000, source: "header" }),
    expected: { untilMs: NOW + HOUR, source: "body" },
  },
  {
    name: "an empty account is probed every hour",
    verdict: verdictOf("key_exhausted"),
    expected: { state: "exhausted", untilMs: NOW + HOUR, cause: "key_exhausted" },
  },
  {
    name: "an empty account waits for the date that was stated",
    verdict: verdictOf("key_exhausted", { untilMs: NOW + 2 * HOUR, source: "calendar" }),
    expected: { state: "exhausted", untilMs: NOW + 2 * HOUR, source: "calendar" },
  },
  {
    name: "a limit does not bring a rejected key back",
    health: { ...FRESH_HEALTH, state: "rejected", cause: "key_dead" },
    verdict: verdictOf("key_limited", { untilMs: NOW + 5000, source: "header" }),
    expected: { state: "rejected", cause: "key_dead" },
  },
];

for (const { name, health, verdict, expected } of cases) {
  Deno.test(`applyVerdict(): ${name}`, () => {
    const after = applied(verdict, health);

    assert.deepEqual({ ...after, ...expected }, after);
  });
}

for (
  const kind of [
    "ok_empty",
    "request_too_big_for_key",
    "request_bad",
    "provider_down",
    "client_gone",
  ] as const
) {
  Deno.test(`applyVerdict() changes nothing after ${kind}`, () => {
    assert.equal(applied(verdictOf(kind)), FRESH_HEALTH);
  });
}

Deno.test("applyVerdict() rests only the pair when the limit is of key and model", () => {
  const limited = applied(
    verdictOf("key_limited", { scope: "key_model", untilMs: NOW + 5000, source: "header" }),
  );
  const denied = applied(verdictOf("model_denied", { scope: "key_model" }));

  assert.equal(limited.state, "ready");
  assert.equal(limited.models["m"]?.untilMs, NOW + 5000);
  assert.equal(denied.models["m"]?.untilMs, NOW + HOUR);
});

Deno.test("applyVerdict() climbs one step for failures of the same moment", () => {
  const first = applied(verdictOf("key_limited"), FRESH_HEALTH, { startedMs: NOW - 10 });
  const second = applied(verdictOf("key_limited"), first, { startedMs: NOW - 5, nowMs: NOW + 20 });
  const late = applied(verdictOf("key_limited"), settleHealth(second, NOW + 1000), {
    startedMs: NOW - 1,
    nowMs: NOW + 1500,
  });
  const next = applied(verdictOf("key_limited"), settleHealth(late, NOW + 2500), { nowMs: NOW + 2600 });

  assert.deepEqual([first, second, late, next].map((health) => health.ladderStep), [1, 1, 1, 2]);
  assert.equal(second.untilMs, first.untilMs);
  assert.equal(late.untilMs, NOW + 2500);
  assert.equal(next.untilMs, NOW + 4600);
});

Deno.test("applyVerdict() jitters a ladder by a fifth either way", () => {
  const untilMs = (random: number) =>
    applyVerdict(FRESH_HEALTH, verdictOf("key_limited"), { nowMs: NOW }, POLICY, () => random).untilMs;

  assert.equal(untilMs(0), NOW + 800);
  assert.equal(untilMs(0.999), NOW + 1200);
});

Deno.test("applyVerdict() does not end a rest by the success of an attempt that began before it", () => {
  const cooling = applied(verdictOf("key_limited", { untilMs: NOW + HOUR, source: "header" }));

  const before = applied(SUCCEEDED, cooling, { startedMs: NOW - 100, nowMs: NOW + 100 });
  const after = applied(SUCCEEDED, cooling, { startedMs: NOW + 50, nowMs: NOW + 100 });

  assert.equal(before.state, "cooling");
  assert.equal(after.state, "ready");
  assert.equal(after.releasedAtMs, NOW + 100);
});

Deno.test("applyVerdict() clears the pair after a success with that model, and no other", () => {
  const pair = verdictOf("key_limited", { scope: "key_model" });
  const resting = applied(pair, applied(pair), { model: "other" });

  const after = applied(SUCCEEDED, resting, { nowMs: NOW + 10 });

  assert.deepEqual(Object.keys(after.models), ["other"]);
});

Deno.test("applyVerdict() keeps a key exhausted that has used up its own quota", () => {
  const after = applied(SUCCEEDED, exhaustQuota(FRESH_HEALTH, NOW));

  assert.equal(after.state, "exhausted");
  assert.equal(after.source, "quota");
});

Deno.test("applyVerdict() remembers a bounded number of models, and no overlong name", () => {
  let health = FRESH_HEALTH;

  for (let index = 0; index < 100; index++) {
    health = applied(verdictOf("model_denied"), health, { model: `m-${index}`, nowMs: NOW + index });
  }
  const overlong = applied(verdictOf("model_denied"), health, { model: "x".repeat(10_000) });

  assert.equal(Object.keys(health.models).length, 32);
  assert.ok(Object.hasOwn(health.models, "m-99"));
  assert.equal(overlong, health);
});

Deno.test("applyVerdict() takes any model name for what it is", () => {
  const health = applied(verdictOf("model_denied"), FRESH_HEALTH, { model: "__proto__" });

  assert.deepEqual(Object.keys(health.models), ["__proto__"]);
  assert.equal(applied(SUCCEEDED, health, { model: "constructor" }).state, "ready");
});

Deno.test("applyVerdict() gives what survives JSON", () => {
  const health = applied(verdictOf("key_limited", { scope: "key_model" }), applied(verdictOf("key_dead")));

  assert.deepEqual(JSON.parse(JSON.stringify(health)), health);
});

Deno.test("shareRest() rests a key of the same account as long, on the same step", () => {
  const verdict = verdictOf("key_limited", { scope: "account" });
  const before = { ...FRESH_HEALTH, ladderStep: 2, steppedAtMs: 5 };
  const after = applied(verdict, before);

  const shared = shareRest(FRESH_HEALTH, before, after, verdict, { nowMs: NOW });
  const unmoved = shareRest(FRESH_HEALTH, after, after, verdict, { nowMs: NOW });

  assert.deepEqual([shared.state, shared.untilMs, shared.ladderStep], ["cooling", NOW + 4000, 3]);
  assert.equal(unmoved, FRESH_HEALTH);
});
