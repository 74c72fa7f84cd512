import assert from "node:assert/strict";
import { SUCCEEDED } from "../../src/core/verdict.ts";
import {
  admitCall,
  admitLast,
  type Breaker,
  CLOSED_BREAKER,
  noteCall,
  upstreamSign,
} from "../../src/pool/breaker.ts";
import { verdictOf } from "./samples.ts";

const NOW = 1_000_000;

function noted(signs: string, breaker: Breaker = CLOSED_BREAKER, everyMs = 100): Breaker {
  return [...signs].reduce(
    (state, sign, index) => noteCall(state, sign === "x" ? "down" : "up", NOW + index * everyMs),
    breaker,
  );
}

Deno.test("noteCall() opens after five failures in a row, not after four", () => {
  assert.equal(noted("xxxx").state, "closed");
  assert.equal(noted("xxxx.xxxx").state, "closed");
  assert.deepEqual(noted("xxxxx"), { state: "open", untilMs: NOW + 400 + 5000, openings: 1 });
});

Deno.test("noteCall() opens when half of twenty recent calls failed", () => {
  assert.equal(noted("x.".repeat(9) + "x").state, "closed");
  assert.equal(noted(".x".repeat(10)).state, "open");
  assert.equal(noted(".x".repeat(10), CLOSED_BREAKER, 4000).state, "closed");
});

Deno.test("admitCall() lets one probe through when the time is over", () => {
  const open = noted("xxxxx");

  const early = admitCall(open, NOW + 5399);
  const probe = admitCall(open, NOW + 5400);
  const second = admitCall(probe.breaker, NOW + 5401);
  const patient = admitCall(probe.breaker, NOW + 5400 + 30_000);

  assert.deepEqual(
    [early, probe, second, patient].map(({ isAdmitted }) => isAdmitted),
    [false, true, false, true],
  );
});

Deno.test("admitLast() lets one probe through after a second, and none beside it", () => {
  const open = noted("xxxxx");

  const early = admitLast(open, NOW + 1399);
  const probe = admitLast(open, NOW + 1400);
  const second = admitLast(probe.breaker, NOW + 1401);
  const closed = noteCall(probe.breaker, "up", NOW + 1500);
  const failed = noteCall(probe.breaker, "down", NOW + 1500);
  const next = [2499, 2500].map((ms) => admitLast(failed, NOW + ms).isAdmitted);

  assert.deepEqual([early, probe, second].map(({ isAdmitted }) => isAdmitted), [false, true, false]);
  assert.deepEqual(next, [false, true]);
  assert.equal(closed, CLOSED_BREAKER);
  assert.equal(admitLast(CLOSED_BREAKER, NOW).isAdmitted, true);
});

Deno.test("noteCall() closes after a good probe and doubles the time after a bad one, up to a minute", () => {
  let breaker = noted("xxxxx");
  const openMs: number[] = [];

  for (let probe = 0; probe < 6; probe++) {
    const nowMs = NOW + probe * 100_000;
    breaker = noteCall(admitCall(breaker, nowMs + 99_000).breaker, "down", nowMs + 99_000);
    if (breaker.state === "open") openMs.push(breaker.untilMs - nowMs - 99_000);
  }
  const recovered = noteCall(admitCall(breaker, NOW + 900_000).breaker, "up", NOW + 900_000);

  assert.deepEqual(openMs, [10_000, 20_000, 40_000, 60_000, 60_000, 60_000]);
  assert.equal(recovered, CLOSED_BREAKER);
});

Deno.test("noteCall() lets the next probe go when one ended without a sign", () => {
  const { breaker } = admitCall(noted("xxxxx"), NOW + 6000);

  const abandoned = noteCall(breaker, undefined, NOW + 7000);

  assert.equal(admitCall(abandoned, NOW + 7000).isAdmitted, true);
});

Deno.test("noteCall() ignores calls that began before it opened", () => {
  const open = noted("xxxxx");

  assert.equal(noteCall(open, "up", NOW + 1000), open);
});

Deno.test("upstreamSign() holds only provider_down against the upstream", () => {
  assert.equal(upstreamSign(verdictOf("provider_down")), "down");
  assert.equal(upstreamSign(verdictOf("client_gone")), undefined);
  assert.equal(upstreamSign(verdictOf("key_dead")), "up");
  assert.equal(upstreamSign(SUCCEEDED), "up");
});
