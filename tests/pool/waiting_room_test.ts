import assert from "node:assert/strict";
import { SUCCEEDED } from "../../src/core/verdict.ts";
import { FairQueue } from "../../src/pool/fair_queue.ts";
import { Lease } from "../../src/pool/pool_key.ts";
import { MAX_WAITING } from "../../src/pool/waiting_room.ts";
import { ANY_KEY, pooledKey, poolOf, take, verdictOf } from "./samples.ts";

/** A pool of one key that rests for five seconds. */
function restingPool() {
  const { pool, ticker } = poolOf([pooledKey("a")]);
  pool.reportCheck("a", verdictOf("key_limited", { untilMs: ticker.now() + 5000, source: "header" }));
  return { pool, ticker };
}

function idOf(result: Lease | { readonly reason: string }): string {
  return result instanceof Lease ? result.key.id : result.reason;
}

Deno.test("waitForKey() gives the key when its rest ends", async () => {
  const { pool, ticker } = restingPool();
  const wait = pool.waitForKey(ANY_KEY, ticker.now() + 6000);

  ticker.advance(4999);
  const early = ticker.watchedCount;
  ticker.advance(1);
  const result = await wait.result;

  assert.equal(idOf(result), "a");
  assert.deepEqual([early, ticker.watchedCount], [1, 0]);
});

Deno.test("waitForKey() settles at once when no key comes in time", async () => {
  const { pool, ticker } = restingPool();

  const tooLate = await pool.waitForKey(ANY_KEY, ticker.now() + 4000).result;
  const never = await pool.waitForKey({ tried: ["a"] }, ticker.now() + 60_000).result;

  assert.deepEqual([idOf(tooLate), idOf(never), ticker.watchedCount], ["cooling", "none", 0]);
});

Deno.test("waitForKey() gives up at its deadline and when it is cancelled", async () => {
  const { pool, ticker } = poolOf([pooledKey("a")]);
  pool.reportCheck("a", verdictOf("key_dead"));
  ticker.advance(1000);
  const held = take(pool);
  const late = pool.waitForKey(ANY_KEY, ticker.now() + 3000);
  const cancelled = pool.waitForKey(ANY_KEY, ticker.now() + 3000);

  cancelled.cancel();
  ticker.advance(3000);
  const results = [await late.result, await cancelled.result];

  assert.deepEqual(results.map(idOf), ["busy", "busy"]);
  assert.equal(ticker.watchedCount, 0);
  pool.release(held);
});

Deno.test("waitForKey() is woken by a release, a proof, a release by hand and a new key", async () => {
  const { pool, ticker } = poolOf([pooledKey("a")]);
  const wait = () => pool.waitForKey(ANY_KEY, ticker.now() + 6000).result;
  const held = [take(pool), take(pool), take(pool)];
  const [first, second, third] = held;
  assert.ok(first && second && third);

  const byRelease = wait();
  pool.release(first);
  held.push(leaseOf(await byRelease));
  const byProof = wait();
  pool.report(second, SUCCEEDED);
  held.push(leaseOf(await byProof));
  pool.report(third, verdictOf("key_limited", { untilMs: ticker.now() + 5000, source: "header" }));
  for (const lease of held) pool.release(lease);
  const byHand = wait();
  pool.clearRest("a");
  const last = leaseOf(await byHand);
  const byNewKey = pool.waitForKey(ANY_KEY, ticker.now() + 6000).result;
  pool.set(pooledKey("b"));

  assert.equal(idOf(await byNewKey), "b");
  pool.release(last);
});

function leaseOf(result: Lease | { readonly reason: string }): Lease {
  assert.ok(result instanceof Lease);
  return result;
}

Deno.test("waitForKey() takes a busy key after a second of patience, unless it has failed", async () => {
  const { pool, ticker } = poolOf([pooledKey("a"), pooledKey("failed")]);
  pool.reportCheck("failed", verdictOf("key_dead"));
  ticker.advance(1000);
  for (let count = 0; count < 4; count++) take(pool);
  const wait = pool.waitForKey(ANY_KEY, ticker.now() + 5000);
  const other = pool.waitForKey({ tried: ["a"] }, ticker.now() + 5000);

  ticker.advance(1000);
  const patient = await wait.result;
  ticker.advance(4000);

  assert.equal(idOf(patient), "a");
  assert.equal(idOf(await other.result), "busy");
});

Deno.test("waitForKey() serves client keys in turns", async () => {
  const { pool, ticker } = restingPool();
  const served: string[] = [];
  const waits = ["x", "x", "x", "y", "z"].map((clientKeyId, index) =>
    pool.waitForKey({ tried: [], clientKeyId }, ticker.now() + 60_000).result.then((lease) => {
      served.push(`${clientKeyId}${index}`);
      pool.report(leaseOf(lease), SUCCEEDED);
      pool.release(leaseOf(lease));
    })
  );

  ticker.advance(5000);
  await Promise.all(waits);

  assert.deepEqual(served, ["x0", "y3", "z4", "x1", "x2"]);
});

Deno.test("waitForKey() turns away who comes when too many wait, and all when the pool closes", async () => {
  const { pool, ticker } = restingPool();
  const waits = Array.from({ length: MAX_WAITING }, () => pool.waitForKey(ANY_KEY, ticker.now() + 60_000));

  const turnedAway = await pool.waitForKey(ANY_KEY, ticker.now() + 60_000).result;
  pool.close();
  const results = await Promise.all(waits.map(({ result }) => result));

  assert.equal(idOf(turnedAway), "cooling");
  assert.ok(results.every((result) => idOf(result) === "cooling"));
  assert.equal(ticker.watchedCount, 0);
});

Deno.test("waitForKey() tells those who wait when the last key is rejected", async () => {
  const { pool, ticker } = restingPool();
  const wait = pool.waitForKey(ANY_KEY, ticker.now() + 60_000);

  pool.reportCheck("a", verdictOf("key_dead", { isConclusive: true }));

  assert.equal(idOf(await wait.result), "none");
});

Deno.test("FairQueue visits each item once and lets kept ones keep their place", () => {
  const queue = new FairQueue<number>();
  for (const [owner, item] of [["x", 1], ["x", 2], ["y", 3], ["y", 4]] as const) queue.push(owner, item);
  const visited: number[] = [];

  queue.serve((item) => {
    visited.push(item);
    return item === 1 ? "kept" : item === 3 ? "dropped" : "taken";
  });

  assert.deepEqual(visited, [1, 2, 3, 4]);
  assert.deepEqual([...queue], [1]);
  assert.equal(queue.size, 1);
});
