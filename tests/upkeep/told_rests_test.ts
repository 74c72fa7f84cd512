import assert from "node:assert/strict";
import { FRESH_HEALTH, type KeyHealth, type ModelRest, releaseHealth } from "../../src/core/health.ts";
import { mergeHealth } from "../../src/core/merge_health.ts";
import { ToldRests } from "../../src/upkeep/told_rests.ts";

const NOW_MS = 1_000_000;
const COOLING: KeyHealth = {
  ...FRESH_HEALTH,
  state: "cooling",
  untilMs: NOW_MS + 60_000,
  source: "header",
  cause: "key_limited",
  rule: "status.429",
  sinceMs: NOW_MS - 1000,
  lastFailureMs: NOW_MS - 1000,
};
const REST: ModelRest = {
  untilMs: NOW_MS + 60_000,
  sinceMs: NOW_MS - 1000,
  source: "body",
  cause: "key_limited",
  rule: "status.429",
  ladderStep: 1,
};

function toldOf(health: KeyHealth): ToldRests {
  const told = new ToldRests();
  told.note("k", health);
  return told;
}

const CASES: readonly [name: string, before: KeyHealth, now: KeyHealth, isNews: boolean][] = [
  ["a use", FRESH_HEALTH, { ...FRESH_HEALTH, usedCount: 3, lastSuccessMs: NOW_MS }, false],
  ["a rest that begins", FRESH_HEALTH, COOLING, true],
  ["the same rest", COOLING, { ...COOLING, usedCount: 9 }, false],
  ["a rest that is longer now", COOLING, { ...COOLING, untilMs: NOW_MS + 90_000 }, true],
  [
    "a rest that has ended in its time",
    { ...COOLING, untilMs: NOW_MS - 1 },
    { ...FRESH_HEALTH, isReturning: true },
    false,
  ],
  ["a release", COOLING, releaseHealth(COOLING, NOW_MS), true],
  ["a rest for a model", FRESH_HEALTH, { ...FRESH_HEALTH, models: { m: REST } }, true],
  [
    "a rest for a model that is over",
    { ...FRESH_HEALTH, models: { m: { ...REST, untilMs: NOW_MS - 1 } } },
    FRESH_HEALTH,
    false,
  ],
];

for (const [name, before, now, isNews] of CASES) {
  Deno.test(`ToldRests.isNews() is ${isNews} for ${name}`, () => {
    const told = toldOf(before);

    assert.equal(told.isNews("k", now, NOW_MS), isNews);
  });
}

Deno.test("ToldRests.withEnds() marks a rest that was taken back, so that a merge does not bring it back", () => {
  const told = toldOf(COOLING);

  const forgiven = told.withEnds("k", { ...FRESH_HEALTH, lastSuccessMs: 5 }, NOW_MS);

  assert.equal(forgiven.releasedAtMs, NOW_MS);
  assert.equal(mergeHealth(COOLING, forgiven).state, "ready");
  assert.equal(mergeHealth(forgiven, COOLING).state, "ready");
});

Deno.test("ToldRests.withEnds() marks a rest for a model that was ended before its time", () => {
  const resting = { ...FRESH_HEALTH, models: { m: REST, n: REST } };
  const told = toldOf(resting);

  const ended = told.withEnds("k", { ...FRESH_HEALTH, models: { n: REST } }, NOW_MS);

  for (const merged of [mergeHealth(resting, ended), mergeHealth(ended, resting)]) {
    assert.equal(merged.models.m?.untilMs, NOW_MS);
    assert.equal(merged.models.n?.untilMs, REST.untilMs);
  }
});

Deno.test("ToldRests.withEnds() lets a rest for a model begin anew after it was ended", () => {
  const ended = toldOf({ ...FRESH_HEALTH, models: { m: REST } }).withEnds("k", FRESH_HEALTH, NOW_MS);
  const again = { ...FRESH_HEALTH, models: { m: { ...REST, sinceMs: NOW_MS + 5, untilMs: NOW_MS + 9 } } };

  assert.equal(mergeHealth(ended, again).models.m?.untilMs, NOW_MS + 9);
  assert.equal(mergeHealth(again, ended).models.m?.untilMs, NOW_MS + 9);
});

Deno.test("ToldRests.withEnds() leaves what nobody was told of, and what was released already", () => {
  const released = releaseHealth(COOLING, NOW_MS);

  assert.equal(new ToldRests().withEnds("k", FRESH_HEALTH, NOW_MS), FRESH_HEALTH);
  assert.equal(toldOf(COOLING).withEnds("k", released, NOW_MS + 1), released);
});
