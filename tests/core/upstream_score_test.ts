import assert from "node:assert/strict";
import fc from "fast-check";
import { orderMembers } from "../../src/core/group_order.ts";
import {
  FRESH_FIGURES,
  latencyFactor,
  noteUpstreamCall,
  type UpstreamCall,
  type UpstreamFigures,
  upstreamScore,
} from "../../src/core/upstream_score.ts";
import { memberOf, seededRandom } from "./group_samples.ts";

const NOW = 1_000_000;

function figuresAfter(calls: readonly UpstreamCall[], everyMs = 0): UpstreamFigures {
  return calls.reduce(
    (figures, call, index) => noteUpstreamCall(figures, call, NOW + index * everyMs),
    FRESH_FIGURES,
  );
}

const failed: UpstreamCall = { isSuccess: false };
const answered = (firstByteMs: number): UpstreamCall => ({ isSuccess: true, firstByteMs });
const times = (count: number, call: UpstreamCall) => new Array<UpstreamCall>(count).fill(call);

Deno.test("upstreamScore() falls with failures, smoothly, and fades back to 1", () => {
  const healthAfter = (calls: readonly UpstreamCall[], laterMs = 0) =>
    Number(upstreamScore(figuresAfter(calls), NOW + laterMs).health.toFixed(2));

  assert.equal(healthAfter([]), 1);
  assert.equal(healthAfter([failed]), 0.69);
  assert.equal(healthAfter(times(3, failed)), 0.39);
  assert.equal(healthAfter(times(1000, failed)), 0.01);
  assert.equal(healthAfter(times(400, failed).flatMap((call) => [call, answered(1)])), 0.3);
  assert.equal(healthAfter(times(1000, failed), 60_000), 0.08);
  assert.equal(healthAfter(times(1000, failed), 600_000), 1);
});

Deno.test("upstreamScore() forgets many failures within some sixty successes", () => {
  const calls = [...times(10_000, failed), ...times(60, answered(1))];

  const { health } = upstreamScore(figuresAfter(calls), NOW);

  assert.ok(health > 0.5, String(health));
});

Deno.test("upstreamScore() follows the latency of the last calls, and leaves out calls without one", () => {
  const calls = [...times(500, answered(100)), ...times(60, answered(900)), ...times(50, failed)];

  const { latencyMs, latencyCount } = upstreamScore(figuresAfter(calls), NOW);

  assert.ok(latencyMs !== undefined && latencyMs > 800 && latencyMs < 900, String(latencyMs));
  assert.equal(Math.round(latencyCount), 20);
});

Deno.test("upstreamScore() stays in its range whatever is noted, also when the clock is set back", () => {
  const call = fc.record({
    isSuccess: fc.boolean(),
    firstByteMs: fc.option(fc.nat(600_000), { nil: undefined }),
    atMs: fc.nat(10_000_000),
  });
  fc.assert(fc.property(fc.array(call, { maxLength: 200 }), fc.nat(10_000_000), (calls, nowMs) => {
    const figures = calls.reduce(
      (state, { isSuccess, firstByteMs, atMs }) =>
        noteUpstreamCall(state, firstByteMs === undefined ? { isSuccess } : { isSuccess, firstByteMs }, atMs),
      FRESH_FIGURES,
    );

    const { health, latencyMs, latencyCount } = upstreamScore(figures, nowMs);

    assert.ok(health > 0.008 && health <= 1);
    assert.ok(latencyCount >= 0 && latencyCount <= 20);
    assert.ok(latencyMs === undefined || (latencyMs >= 0 && latencyMs <= 600_001));
  }));
});

Deno.test("latencyFactor() is a ratio to the best: 1 when alike, lower when slower, never 0", () => {
  const factor = (latencyMs: number, referenceMs: number) =>
    Number(latencyFactor({ health: 1, latencyMs, latencyCount: 20 }, referenceMs).toFixed(2));

  assert.equal(factor(200, 200), 1);
  assert.equal(factor(260, 200), 1);
  assert.equal(factor(700, 200), 0.48);
  assert.equal(factor(3000, 2900), 1);
  assert.equal(factor(60_000, 200), 0.1);
  assert.equal(latencyFactor({ health: 1, latencyMs: undefined, latencyCount: 0 }, 200), 1);
});

/** What an upstream does at a moment. */
type Behaviour = (nowMs: number) => UpstreamCall;

/**
 * Shares of the first member, second by second, when 20 requests a second are sent by what they themselves show.
 * A request that fails goes on to the next member.
 */
function simulate(first: Behaviour, second: Behaviour, seconds: number): number[] {
  const members = [memberOf("first"), memberOf("second")];
  const figures: Record<string, UpstreamFigures> = { first: FRESH_FIGURES, second: FRESH_FIGURES };
  const random = seededRandom(7);
  let cursor = 0;
  return Array.from({ length: seconds }, (_, elapsedS) => {
    let firstCalls = 0;
    for (let index = 0; index < 20; index++) {
      const nowMs = elapsedS * 1000 + index * 50;
      const stateOf = (id: string) => ({
        isReady: true,
        inFlight: 0,
        score: upstreamScore(figures[id] ?? FRESH_FIGURES, nowMs),
      });
      const order = orderMembers({ strategy: "weighted", members }, stateOf, cursor++, random);
      if (order[0]?.providerId === "first") firstCalls++;
      for (const { providerId } of order) {
        const call = providerId === "first" ? first(nowMs) : second(nowMs);
        figures[providerId] = noteUpstreamCall(figures[providerId] ?? FRESH_FIGURES, call, nowMs);
        if (call.isSuccess) break;
      }
    }
    return firstCalls / 20;
  });
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const steady: Behaviour = () => answered(300);
const between = (nowMs: number, fromS: number, toS: number) => nowMs >= fromS * 1000 && nowMs < toS * 1000;

Deno.test("a member that fails loses its share within seconds, step by step, and regains it when it recovers", () => {
  const shares = simulate((nowMs) => between(nowMs, 60, 180) ? failed : answered(300), steady, 400);

  assert.ok(Math.abs(mean(shares.slice(0, 60)) - 0.5) < 0.02);
  assert.ok(mean(shares.slice(60, 61)) > 0.1, "not dropped at the first failure");
  assert.ok(mean(shares.slice(70, 180)) < 0.05);
  assert.ok(mean(shares.slice(80, 180)) > 0, "still tried");
  assert.ok(Math.abs(mean(shares.slice(300)) - 0.5) < 0.03, `${mean(shares.slice(300))}`);
});

Deno.test("a member that slows down loses share by the ratio, and regains it when it is quick again", () => {
  const shares = simulate((nowMs) => answered(between(nowMs, 60, 180) ? 1900 : 300), steady, 400);

  // 1.25 x (300 + 100) / (1900 + 100) = a quarter of the other's weight.
  const slow = mean(shares.slice(80, 180));
  assert.ok(slow > 0.15 && slow < 0.25, `${slow}`);
  assert.ok(Math.abs(mean(shares.slice(0, 60)) - 0.5) < 0.02);
  assert.ok(Math.abs(mean(shares.slice(260)) - 0.5) < 0.03);
});
