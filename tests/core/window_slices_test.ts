import assert from "node:assert/strict";
import fc from "fast-check";
import { hasLimits, neededRoom, reservable } from "../../src/core/client_limits.ts";
import { EMPTY_RECORD, exchangeSlices, HOLD_TTL_MS, type SliceAsk } from "../../src/core/window_slices.ts";

const NOW_MS = Date.UTC(2027, 2, 1, 12);
const ask = (changes: Partial<SliceAsk>): SliceAsk => ({
  instance: "a",
  limits: { requestsPerMinute: 100 },
  spent: {},
  kept: {},
  wanted: {},
  waiting: [],
  ...changes,
});
const request = (tokens = 0) => ({ requests: 1, tokens, nanoDollars: 0 });

Deno.test("exchangeSlices() admits those that wait in their order, and holds what is left within reason", () => {
  const limits = { requestsPerMinute: 100, tokensPerMinute: 1_000 };
  const waiting = [request(600), request(500), request(300), request(0)];

  const answer = exchangeSlices(
    EMPTY_RECORD,
    ask({ limits, waiting, wanted: { tokensPerMinute: 800 } }),
    NOW_MS,
  );

  assert.deepEqual(answer.admitted, [
    true,
    { limit: "tokensPerMinute", retryAfterMs: 60_999 },
    true,
    true,
  ]);
  assert.deepEqual(answer.record.uses, {
    requestsPerMinute: [[NOW_MS + 60_999, 3]],
    tokensPerMinute: [[NOW_MS + 60_999, 900]],
  });
  assert.deepEqual(answer.held, { tokensPerMinute: 50 }, "half of what is free");
});

Deno.test("exchangeSlices() counts what others hold as used, until they are not seen any more", () => {
  const { record } = exchangeSlices(
    EMPTY_RECORD,
    ask({ instance: "b", wanted: { requestsPerMinute: 30 } }),
    NOW_MS,
  );
  const waiting = Array.from({ length: 101 }, () => request());

  const soon = exchangeSlices(record, ask({ waiting }), NOW_MS + HOLD_TTL_MS);
  const later = exchangeSlices(record, ask({ waiting }), NOW_MS + HOLD_TTL_MS + 1);
  const muchLater = exchangeSlices(record, ask({ waiting }), NOW_MS + HOLD_TTL_MS + 61_000);

  const countOf = (answer: typeof soon) => answer.admitted.filter((each) => each === true).length;
  assert.deepEqual([soon, later, muchLater].map(countOf), [70, 70, 100]);
  assert.deepEqual(later.record.uses.requestsPerMinute, [
    [NOW_MS + HOLD_TTL_MS + 60_999, 100],
  ]);
  assert.equal(soon.instances, 2);
});

Deno.test("exchangeSlices() gives the record back as it came when there is nothing to write", () => {
  const full = exchangeSlices(
    EMPTY_RECORD,
    ask({ waiting: Array.from({ length: 100 }, () => request()) }),
    NOW_MS,
  );

  const refused = exchangeSlices(
    full.record,
    ask({ waiting: [request()], wanted: { requestsPerMinute: 5 } }),
    NOW_MS,
  );

  assert.equal(refused.record, full.record);
  assert.deepEqual(refused.admitted, [{ limit: "requestsPerMinute", retryAfterMs: 60_999 }]);
});

Deno.test("exchangeSlices() leaves a window alone that this instance does not limit", () => {
  const { record } = exchangeSlices(EMPTY_RECORD, ask({ waiting: [request()] }), NOW_MS);

  const other = exchangeSlices(
    record,
    ask({ limits: { tokensPerDay: 10 }, waiting: [request(4)] }),
    NOW_MS + 1_000,
  );

  assert.deepEqual(Object.keys(other.record.uses).sort(), ["requestsPerMinute", "tokensPerDay"]);
});

Deno.test("exchangeSlices() never lets used and held exceed the limit, whatever instances do", () => {
  const acts = fc.array(
    fc.record({
      instance: fc.constantFrom("a", "b", "c"),
      gapMs: fc.integer({ min: 0, max: 4_000 }),
      waiting: fc.integer({ min: 0, max: 30 }),
      wanted: fc.integer({ min: 0, max: 20 }),
      spentShare: fc.double({ min: 0, max: 1, noNaN: true }),
    }),
    { maxLength: 100, size: "max" },
  );
  fc.assert(fc.property(acts, (all) => {
    let record = EMPTY_RECORD;
    let nowMs = NOW_MS;
    for (const { instance, gapMs, waiting, wanted, spentShare } of all) {
      nowMs += gapMs;
      const held = record.holders[instance]?.held.requestsPerMinute ?? 0;
      const isLost = nowMs - (record.holders[instance]?.seenMs ?? 0) > HOLD_TTL_MS;
      const spent = isLost ? 0 : Math.floor(held * spentShare);
      const untilMs = Math.floor(nowMs / 1000) * 1000 + 60_999;
      const answer = exchangeSlices(
        record,
        ask({
          instance,
          spent: { requestsPerMinute: spent > 0 ? [[untilMs, spent]] : [] },
          kept: { requestsPerMinute: isLost ? 0 : held - spent },
          wanted: { requestsPerMinute: wanted },
          waiting: Array.from({ length: waiting }, () => request()),
        }),
        nowMs,
      );
      record = answer.record;

      const used = (record.uses.requestsPerMinute ?? []).reduce(
        (sum, [until, amount]) => until > nowMs ? sum + amount : sum,
        0,
      );
      const inHand = Object.values(record.holders).reduce(
        (sum, holder) => sum + (holder.held.requestsPerMinute ?? 0),
        0,
      );
      assert.ok(used + inHand <= 100, `${used} + ${inHand}`);
    }
  }));
});

Deno.test("a limit of nothing admits nothing and says when its window ends", () => {
  const answer = exchangeSlices(
    EMPTY_RECORD,
    ask({ limits: { requestsPerDay: 0 }, waiting: [request()] }),
    NOW_MS,
  );

  assert.deepEqual(answer.admitted, [{ limit: "requestsPerDay", retryAfterMs: 12 * 3600_000 }]);
});

Deno.test("reservable() and neededRoom() bound an estimate by the limit", () => {
  assert.deepEqual([0, 2.5, 10, 99].map((amount) => reservable(amount, 10)), [0, 3, 10, 10]);
  assert.deepEqual([0, 2.5, 10, 99].map((amount) => neededRoom(amount, 10)), [1, 3, 10, 10]);
  assert.deepEqual([undefined, {}, { concurrency: 1 }].map(hasLimits), [false, false, true]);
});
