import assert from "node:assert/strict";
import fc from "fast-check";
import { SUCCEEDED } from "../../src/core/verdict.ts";
import { Lease } from "../../src/pool/pool_key.ts";
import { POLICY, pooledKey, poolOf, verdictOf } from "./samples.ts";

/** Serves `requests` at `concurrency` from new keys, ending them in the order that `pick` gives; counts by key. */
async function serve(keys: number, requests: number, concurrency: number, pick: (count: number) => number) {
  const { pool } = poolOf(Array.from({ length: keys }, (_, index) => pooledKey(`key-${index}`)));
  const shares = new Map<string, number>();
  const running: Lease[] = [];
  let waiting = 0;
  const start = () => {
    const ask = { tried: [], mayWait: true };
    const taken = pool.acquire(ask);
    if (taken instanceof Lease) return void running.push(taken);
    waiting++;
    pool.waitForKey(ask, Infinity, taken.booked).result.then((lease) => {
      waiting--;
      assert.ok(lease instanceof Lease);
      running.push(lease);
    });
  };
  let started = 0;
  for (; started < Math.min(concurrency, requests); started++) start();
  while (running.length + waiting > 0) {
    const [lease] = running.splice(pick(running.length), 1);
    assert.ok(lease !== undefined, "nobody waits for ever");
    shares.set(lease.key.id, (shares.get(lease.key.id) ?? 0) + 1);
    pool.report(lease, SUCCEEDED);
    pool.release(lease);
    if (started++ < requests) start();
    // The waits that have just been served settle as microtasks.
    await Promise.resolve().then(() => {});
  }
  return [...shares.values()];
}

Deno.test("KeyPool spreads the first requests over new keys as evenly as all later ones", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 20 }),
      fc.integer({ min: 1, max: 100 }),
      fc.array(fc.nat(), { minLength: 1, maxLength: 50 }),
      async (keys, concurrency, order) => {
        let turn = 0;
        const shares = await serve(
          keys,
          400,
          concurrency,
          (count) => (order[turn++ % order.length] ?? 0) % count,
        );

        assert.equal(shares.length, keys);
        assert.ok(Math.max(...shares) - Math.min(...shares) <= 1, shares.join(" "));
      },
    ),
    { numRuns: 60 },
  );
});

Deno.test("acquire() passes over a full new key for an ask that may not wait", () => {
  const { pool } = poolOf([pooledKey("a"), pooledKey("b")]);
  const proven = pool.acquire({ tried: ["b"] });
  assert.ok(proven instanceof Lease);
  pool.report(proven, SUCCEEDED);

  const taken = Array.from({ length: 20 }, () => pool.acquire({ tried: [] }));

  assert.ok(taken.every((lease) => lease instanceof Lease));
  const ofNew = taken.filter((lease) => lease instanceof Lease && lease.key.id === "b").length;
  assert.equal(ofNew, POLICY.maxConsecutiveFailures);
});

Deno.test("waitForKey() leaves a booked key that is rejected, and takes another one", async () => {
  const { pool } = poolOf([pooledKey("a"), pooledKey("b")]);
  const ask = { tried: [], mayWait: true };
  const held = Array.from({ length: 2 * POLICY.maxConsecutiveFailures }, () => pool.acquire(ask));
  const full = pool.acquire(ask);
  assert.ok(!(full instanceof Lease) && full.booked !== undefined);
  const wait = pool.waitForKey(ask, Infinity, full.booked);
  const booked = full.booked.key.id;

  for (const lease of held) {
    assert.ok(lease instanceof Lease);
    const isBooked = lease.key.id === booked;
    pool.report(
      lease,
      isBooked ? verdictOf("key_dead", { isConclusive: true }) : SUCCEEDED,
    );
    pool.release(lease);
  }

  const lease = await wait.result;
  assert.ok(lease instanceof Lease);
  assert.notEqual(lease.key.id, booked);
});
