import assert from "node:assert/strict";
import type { Refusal } from "../../src/access/admission.ts";
import type { WindowRecord } from "../../src/core/window_slices.ts";
import { listWindows } from "../../src/store/window_store.ts";
import { clientKey, NOTHING, passTime, withLimiters } from "./limiters.ts";

Deno.test("admit() costs a client key without limits nothing and waits for nothing", () =>
  withLimiters(1, async ([a]) => {
    assert.ok(a);

    const results = [a.limiter.admit({ id: "free" }, NOTHING), a.limiter.admit(clientKey({}), NOTHING)];

    assert.deepEqual(results.map((result) => "kind" in result && result.kind), ["admitted", "admitted"]);
    assert.deepEqual(a.limiter.headersFor({ id: "free" }), []);
    assert.equal(a.exchanges, 0);
  }));

for (const limit of [1, 2, 5]) {
  Deno.test(`admit() is exact for ${limit} a minute, on three instances`, () =>
    withLimiters(3, async (limiters, ticker) => {
      const key = clientKey({ requestsPerMinute: limit });
      const admit = async () => {
        const admitted = await Promise.all(limiters.map((each) => each.admitMany(key, 4)));
        return admitted.flat().length;
      };

      assert.equal(await admit(), limit);
      await passTime(limiters, ticker, 59_999);
      assert.equal(await admit(), 0);
      ticker.advance(1);
      assert.equal(await admit(), limit);
      ticker.advance(60_000);
      assert.equal(await admit(), limit);
    }));
}

Deno.test("admit() tells which limit is at its end and when a try makes sense", () =>
  withLimiters(1, async ([a], ticker) => {
    assert.ok(a);
    const key = clientKey({ requestsPerMinute: 2, requestsPerDay: 3 });
    await a.admitMany(key, 1);
    ticker.advance(20_000);
    await a.admitMany(key, 1);
    ticker.advance(10_000);

    const first = await a.limiter.admit(key, NOTHING);
    const known = a.limiter.admit(key, NOTHING);
    ticker.advance(30_000);
    await a.admitMany(key, 1);
    const ofDay = await a.limiter.admit(key, NOTHING);

    const expected: Refusal = {
      kind: "refused",
      limit: "requestsPerMinute",
      limitValue: 2,
      retryAfterMs: 30_000,
    };
    assert.deepEqual(first, expected);
    assert.deepEqual(known, expected, "the second one did not ask Deno KV");
    const dayMs = 24 * 3600_000;
    assert.deepEqual(ofDay, {
      ...expected,
      limit: "requestsPerDay",
      limitValue: 3,
      retryAfterMs: dayMs - 60_000,
    });
  }));

Deno.test("admit() answers without waiting once it has a slice, and fetches the next one ahead", () =>
  withLimiters(1, async ([a], ticker) => {
    assert.ok(a);
    const key = clientKey({ requestsPerMinute: 60_000, tokensPerMinute: 10_000_000 });
    await a.admitMany(key, 200, { tokens: 100, nanoDollars: 0 });
    let waited = 0;

    for (let index = 0; index < 2_000; index++) {
      const result = a.limiter.admit(key, { tokens: 100, nanoDollars: 0 });
      if (result instanceof Promise) waited++;
      assert.equal((await result).kind, "admitted");
      if (index % 10 === 0) ticker.advance(1), await a.quiet();
    }

    assert.ok(waited < 20, `${waited} of 2000 waited`);
    assert.ok(a.exchanges < 200, `${a.exchanges} exchanges`);
  }));

Deno.test("settle() puts the truth in the place of the estimate, once", () =>
  withLimiters(2, async (limiters, ticker) => {
    const [a, b] = limiters;
    assert.ok(a && b);
    const key = clientKey({ tokensPerMinute: 1_000 });
    const estimate = { tokens: 900, nanoDollars: 0 };
    const [first] = await a.admitMany(key, 1, estimate);
    const tooMuch = await b.admitMany(key, 1, estimate);

    first?.settle({ tokens: 100 });
    first?.settle({ tokens: 0 });
    await passTime(limiters, ticker, 3_000);
    const [second] = await b.admitMany(key, 1, estimate);
    second?.settle({ tokens: 3_000 });
    await passTime(limiters, ticker, 3_000);
    const refused = await a.limiter.admit(key, { tokens: 1, nanoDollars: 0 });

    assert.equal(tooMuch.length, 0);
    assert.equal(a.limiter.statesOf("client-1")[0]?.remaining, 0);
    assert.equal(refused.kind, "refused", "what was used beyond the estimate is made up");
    await passTime(limiters, ticker, 61_000);
    assert.equal((await a.admitMany(key, 1, estimate)).length, 1);
  }));

Deno.test("settle() without figures keeps the estimate", () =>
  withLimiters(1, async ([a], ticker) => {
    assert.ok(a);
    const key = clientKey({ nanoDollarsPerDay: 1_000 });

    const [admission] = await a.admitMany(key, 1, { tokens: 5, nanoDollars: 400 });
    admission?.settle({ tokens: undefined });
    await passTime([a], ticker, 3_000);

    assert.equal(a.limiter.statesOf("client-1")[0]?.remaining, 600);
  }));

Deno.test("admit() lets a request in that is estimated beyond the limit, when nothing else is used", () =>
  withLimiters(1, async ([a], ticker) => {
    assert.ok(a);
    const key = clientKey({ tokensPerMinute: 1_000 });

    assert.equal((await a.admitMany(key, 2, { tokens: 5_000, nanoDollars: 0 })).length, 1);
    ticker.advance(61_000);
    assert.equal((await a.admitMany(key, 1, { tokens: 5_000, nanoDollars: 0 })).length, 1);
  }));

Deno.test("admit() counts concurrency here, waiting ones included, and settle() frees the place", () =>
  withLimiters(1, async ([a]) => {
    assert.ok(a);
    const key = clientKey({ concurrency: 2, requestsPerMinute: 50 });

    const admitted = await a.admitMany(key, 3);
    const refused = a.limiter.admit(key, NOTHING);
    admitted[0]?.settle({});
    admitted[0]?.settle({});

    assert.equal(admitted.length, 2);
    assert.deepEqual(refused, { kind: "refused", limit: "concurrency", limitValue: 2, retryAfterMs: 1_000 });
    assert.equal((await a.admitMany(key, 2)).length, 1);
  }));

Deno.test("admit() gives a place back that a refused request waited with", () =>
  withLimiters(1, async ([a], ticker) => {
    assert.ok(a);
    const key = clientKey({ concurrency: 2, requestsPerMinute: 1 });

    const [admission] = await a.admitMany(key, 2);
    admission?.settle({});
    ticker.advance(60_000);

    assert.equal((await a.admitMany(key, 1)).length, 1);
  }));

Deno.test("headersFor() tells limit, what is left and the seconds until all is free", () =>
  withLimiters(1, async ([a], ticker) => {
    assert.ok(a);
    const key = clientKey({ requestsPerMinute: 10, requestsPerDay: 100, tokensPerDay: 500 });
    const fresh = a.limiter.headersFor(key);
    await a.admitMany(key, 4, { tokens: 100, nanoDollars: 0 });
    ticker.advance(15_000);

    const headers = Object.fromEntries(a.limiter.headersFor(key));
    const named = Object.fromEntries(a.limiter.headersFor(key, "tokensPerDay"));
    const { requestsPerMinute: _, ...others } = key.limits ?? {};
    const tightest = Object.fromEntries(a.limiter.headersFor(clientKey(others)));

    assert.deepEqual(Object.fromEntries(fresh)["X-RateLimit-Remaining"], "10");
    assert.deepEqual(headers, {
      "X-RateLimit-Limit": "10",
      "X-RateLimit-Remaining": "6",
      "X-RateLimit-Reset": "45",
    });
    assert.equal(named["X-RateLimit-Remaining"], "100");
    assert.equal(named["X-RateLimit-Reset"], String(24 * 3600 - 15));
    assert.equal(tightest["X-RateLimit-Limit"], "500");
  }));

Deno.test("a limit that is changed holds at once", () =>
  withLimiters(1, async ([a]) => {
    assert.ok(a);
    await a.admitMany(clientKey({ requestsPerMinute: 10 }), 10);

    assert.equal((await a.admitMany(clientKey({ requestsPerMinute: 12 }), 5)).length, 2);
    assert.equal((await a.admitMany(clientKey({ requestsPerMinute: 5 }), 5)).length, 0);
  }));

Deno.test("an idle instance gives back what it holds, and close() tells all", () =>
  withLimiters(2, async (limiters, ticker) => {
    const [a, b] = limiters;
    assert.ok(a && b);
    const key = clientKey({ requestsPerMinute: 600, requestsPerMonth: 100_000 });
    await a.admitMany(key, 20);
    await a.admitMany(key, 5);
    assert.ok(((await windowsOf(a.kv, "client-1")).holders["instance-0"]?.held.requestsPerMinute ?? 0) > 0);

    await passTime(limiters, ticker, 3_000);
    const given = await windowsOf(a.kv, "client-1");
    await b.admitMany(key, 7);
    await b.limiter.close();
    const closed = await windowsOf(a.kv, "client-1");

    assert.deepEqual(given.holders["instance-0"]?.held, {});
    assert.equal(given.uses.requestsPerMonth?.[0]?.[1], 25);
    assert.equal(closed.uses.requestsPerMonth?.[0]?.[1], 32);
    assert.deepEqual(closed.holders["instance-1"]?.held, {});
  }));

Deno.test("what an instance held that is seen no more counts as used, and no more than that", () =>
  withLimiters(2, async (limiters, ticker) => {
    const [a, b] = limiters;
    assert.ok(a && b);
    const key = clientKey({ requestsPerDay: 1_000 });
    const used = (await a.admitMany(key, 100)).length + (await a.admitMany(key, 10)).length;
    await a.quiet();
    const holder = (await windowsOf(a.kv, "client-1")).holders["instance-0"];

    // The first instance dies: it does nothing any more.
    ticker.unwatch(a.limiter);
    await passTime([b], ticker, 6_000);
    const rest = await b.admitMany(key, 2_000);

    const lost = 1_000 - used - rest.length;
    assert.ok(lost >= 0 && lost <= 50, `${lost} lost`);
    assert.ok(lost <= (holder?.held.requestsPerDay ?? 0));
  }));

Deno.test("a budget is free again with the UTC day and the UTC month", () =>
  withLimiters(1, async ([a], ticker) => {
    assert.ok(a);
    const key = clientKey({ requestsPerDay: 2, requestsPerMonth: 3 });
    const day = 24 * 3600_000;

    assert.equal((await a.admitMany(key, 5)).length, 2);
    ticker.advance(day - 1);
    assert.equal((await a.admitMany(key, 5)).length, 0);
    ticker.advance(1);
    assert.equal((await a.admitMany(key, 5)).length, 1, "the month has one left");
    ticker.advance(30 * day);
    assert.equal((await a.admitMany(key, 5)).length, 2);
  }));

Deno.test("without Deno KV each instance allows its share, says so once, and tells what it used later", () =>
  withLimiters(3, async (limiters, ticker) => {
    const key = clientKey({ requestsPerMinute: 600 });
    const [a, b] = limiters;
    assert.ok(a && b);
    for (const each of limiters.toReversed()) await each.admitMany(key, 10);
    a.trouble = () => Promise.reject(new Error("out of reach"));

    const admitted = (await a.admitMany(key, 1_000)).length;
    await passTime([a], ticker, 5_000);
    assert.deepEqual(a.logged.map((line) => JSON.parse(line).event), ["limits.alone"]);
    a.trouble = undefined;
    await passTime(limiters, ticker, 3_000);
    await a.admitMany(key, 1);
    await passTime(limiters, ticker, 3_000);
    await b.admitMany(key, 1);

    assert.ok(admitted >= 150 && admitted <= 210, `${admitted} of its share of 200`);
    assert.deepEqual(a.logged.map((line) => JSON.parse(line).event), ["limits.alone", "limits.shared_again"]);
    const remaining = b.limiter.statesOf("client-1")[0]?.remaining ?? 0;
    assert.ok(remaining <= 600 - 30 - admitted && remaining > 600 - 30 - admitted - 95, `${remaining} left`);
  }));

Deno.test("admit() waits no longer than a second for Deno KV that does not answer", () =>
  withLimiters(1, async ([a], ticker) => {
    assert.ok(a);
    a.trouble = () => silence.promise;
    const silence = Promise.withResolvers<never>();

    const result = a.limiter.admit(clientKey({ requestsPerMinute: 5 }), NOTHING);
    ticker.advance(500);
    ticker.advance(500);

    assert.equal((await result).kind, "admitted");
    silence.reject(new Error("too late"));
    a.trouble = undefined;
    await a.quiet();
  }));

Deno.test("a clock that is set back or forth keeps nobody out for longer than a minute", () =>
  withLimiters(1, async ([a], ticker) => {
    assert.ok(a);
    const key = clientKey({ requestsPerMinute: 5 });
    assert.equal((await a.admitMany(key, 9)).length, 5);

    ticker.advance(-3600_000);
    assert.equal((await a.admitMany(key, 9)).length, 0);
    ticker.advance(60_001);
    assert.equal((await a.admitMany(key, 9)).length, 5);
    ticker.advance(3600_000);
    assert.equal((await a.admitMany(key, 9)).length, 5);
  }));

Deno.test("a client key that is not used any more is forgotten", () =>
  withLimiters(1, async ([a], ticker) => {
    assert.ok(a);
    const admitted = await a.admitMany(clientKey({ requestsPerMinute: 600 }), 3);
    for (const admission of admitted) admission.settle({});

    await passTime([a], ticker, 130_000, 5_000);

    assert.deepEqual(a.limiter.statesOf("client-1"), []);
    assert.equal(ticker.watchedCount, 0);
  }));

async function windowsOf(kv: Deno.Kv, clientKeyId: string): Promise<WindowRecord> {
  const [record] = await listWindows(kv, [clientKeyId]);
  assert.ok(record !== undefined);
  return record;
}
