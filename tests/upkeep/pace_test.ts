import assert from "node:assert/strict";
import { eachAtMost, Pace } from "../../src/upkeep/pace.ts";
import { waitUntil } from "../../src/upkeep/wait.ts";
import { ManualTicker } from "../support/manual_ticker.ts";

Deno.test("Pace.turn() lets half a second's worth pass at once, and then so many a second", async () => {
  const ticker = new ManualTicker();
  const pace = new Pace(20, ticker, () => 0.5);
  let passed = 0;
  const turns = Array.from({ length: 40 }, () => pace.turn().then(() => void passed++));

  await Promise.resolve();
  const atOnce = passed;
  for (let step = 0; step < 10; step++) {
    ticker.advance(100);
    await Promise.resolve();
  }
  const afterASecond = passed;
  ticker.advance(10_000);
  await Promise.all(turns);

  assert.equal(atOnce, 11);
  assert.equal(afterASecond, 31);
  assert.equal(passed, 40);
});

Deno.test("waitUntil() ends at its moment or when it is aborted, and leaves nothing behind", async () => {
  const ticker = new ManualTicker(1000);
  const aborter = new AbortController();

  const past = waitUntil(ticker, 1000);
  const timely = waitUntil(ticker, 1500, new AbortController().signal);
  const aborted = waitUntil(ticker, 9000, aborter.signal);
  ticker.advance(500);
  aborter.abort();
  await Promise.all([past, timely, aborted, waitUntil(ticker, 9000, aborter.signal)]);

  assert.equal(ticker.watchedCount, 0);
});

Deno.test("eachAtMost() has no more under way than it may, and ends early when told", async () => {
  let underWay = 0;
  let most = 0;
  const seen: number[] = [];

  await eachAtMost(Array.from({ length: 20 }, (_, index) => index), 3, async (item) => {
    most = Math.max(most, ++underWay);
    await Promise.resolve();
    underWay--;
    seen.push(item);
    return item < 9;
  });

  assert.equal(most, 3);
  assert.ok(seen.includes(9) && seen.length < 14, `${seen.length} items were seen`);
});
