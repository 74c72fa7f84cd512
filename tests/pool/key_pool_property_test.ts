import assert from "node:assert/strict";
import fc from "fast-check";
import { isRestingFor, leaseLimit } from "../../src/core/health.ts";
import { STRATEGIES } from "../../src/core/provider.ts";
import { SUCCEEDED, type Verdict } from "../../src/core/verdict.ts";
import type { Ask, KeyPool } from "../../src/pool/key_pool.ts";
import { Lease, type PooledKey } from "../../src/pool/pool_key.ts";
import { ANY_KEY, POLICY, pooledKey, poolOf, proveAll, take, use, verdictOf } from "./samples.ts";

// The pool against a naive one that looks at every key each time. What health a verdict makes is tested by table.

const ids = fc.constantFrom("k0", "k1", "k2", "k3", "k4", "k5", "k6", "k7");
const model = fc.constantFrom("m1", "m2", undefined);
const keys: fc.Arbitrary<PooledKey> = fc.record({
  id: ids,
  isEnabled: fc.boolean(),
  weight: fc.integer({ min: 1, max: 5 }),
  priority: fc.integer({ min: 0, max: 2 }),
  account: fc.constantFrom("x", "y", "z"),
  maxRequests: fc.constantFrom(3, 1000),
});
const asks: fc.Arbitrary<Ask> = fc.record({
  model,
  tried: fc.uniqueArray(ids, { maxLength: 4 }),
  excludedAccounts: fc.uniqueArray(fc.constantFrom("x", "y"), { maxLength: 1 }),
  strategy: fc.constantFrom(...STRATEGIES),
}).map(({ model, ...ask }) => model === undefined ? ask : { ...ask, model });
const verdicts: fc.Arbitrary<Verdict> = fc.oneof(
  fc.constant(SUCCEEDED),
  fc.constant(verdictOf("provider_down")),
  fc.boolean().map((isConclusive) => verdictOf("key_dead", { isConclusive })),
  fc.constant(verdictOf("model_denied")),
  fc.constant(verdictOf("key_exhausted")),
  fc.constantFrom("key" as const, "key_model" as const, "account" as const).map((scope) =>
    verdictOf("key_limited", { scope })
  ),
);
const commands = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("acquire" as const), ask: asks }) },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant("report" as const), lease: fc.nat(20), verdict: verdicts }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("release" as const), lease: fc.nat(20) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("set" as const), key: keys }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("remove" as const), id: ids }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("advance" as const),
      ms: fc.constantFrom(1, 900, 5000, 3_700_000),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("clear" as const), id: ids, model }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("check" as const), id: ids, verdict: verdicts, model }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("reset" as const) }) },
);

Deno.test("KeyPool gives a key exactly when a naive pool would have one, and counts like it", () => {
  fc.assert(
    fc.property(
      fc.array(keys, { minLength: 3, maxLength: 12, size: "max" }),
      fc.array(commands, { minLength: 100, maxLength: 150, size: "max" }),
      (given, steps) => {
        const { pool, ticker } = poolOf(given);
        const held: Lease[] = [];
        for (const step of steps) {
          switch (step.kind) {
            case "acquire":
              acquire(pool, held, step.ask, ticker.now());
              break;
            case "report": {
              const lease = held[step.lease % held.length];
              if (lease !== undefined) pool.report(lease, step.verdict);
              break;
            }
            case "release": {
              const [lease] = held.splice(step.lease % Math.max(1, held.length), 1);
              if (lease !== undefined) pool.release(lease);
              break;
            }
            case "set":
              pool.set(step.key);
              break;
            case "remove":
              pool.remove(step.id);
              break;
            case "advance":
              ticker.advance(step.ms);
              break;
            case "clear":
              pool.clearRest(step.id, step.model);
              break;
            case "check":
              pool.reportCheck(step.id, step.verdict, step.model);
              break;
            case "reset":
              pool.resetUsage();
          }
          checkCounts(pool, held);
        }
        for (const lease of held) pool.release(lease);
        assert.equal(pool.counts().inFlight, 0);
        assert.ok(pool.entries(0, Infinity).every(({ inFlight }) => inFlight === 0));
      },
    ),
    { numRuns: 300 },
  );
});

function acquire(pool: KeyPool, held: Lease[], ask: Ask, nowMs: number): void {
  const { model } = ask;
  const given = pool.entries(0, Infinity).filter(({ key }) =>
    key.isEnabled && !ask.tried.includes(key.id) && !ask.excludedAccounts?.includes(key.account ?? "")
  );
  const wanted = given.filter(({ health }) => model === undefined || !isRestingFor(health, model, nowMs));
  const ready = wanted.filter(({ health }) => health.state === "ready");
  const free = ready.filter(({ health, inFlight }) => inFlight < leaseLimit(health, POLICY)).map(({ key }) =>
    key.id
  );

  const outcome = pool.acquire(ask);

  if (outcome instanceof Lease) {
    assert.ok(free.includes(outcome.key.id), `${outcome.key.id} of ${free}`);
    held.push(outcome);
    return;
  }
  assert.deepEqual(free, []);
  assert.equal(outcome.reason === "busy", ready.length > 0);
  // What is ready again at that time may still rest for the model, or the other way round.
  const dues = given.flatMap(({ health }) => {
    const pair = model === undefined ? undefined : health.models[model];
    const canReturn = health.state === "ready" || health.untilMs !== undefined;
    return [
      health.untilMs,
      canReturn && pair !== undefined && pair.untilMs > nowMs ? pair.untilMs : undefined,
    ];
  });
  const soonestMs = Math.min(...dues.map((dueMs) => dueMs ?? Infinity), Infinity);
  assert.equal(outcome.readyAtMs ?? Infinity, soonestMs);
  if (outcome.reason === "none") assert.equal(outcome.readyAtMs, undefined);
  else if (outcome.reason === "cooling") assert.ok((outcome.readyAtMs ?? 0) > nowMs);
}

function checkCounts(pool: KeyPool, held: readonly Lease[]): void {
  const counts = {
    total: 0,
    ready: 0,
    cooling: 0,
    exhausted: 0,
    rejected: 0,
    disabled: 0,
    inFlight: held.length,
  };
  for (const { key, health, inFlight } of pool.entries(0, Infinity)) {
    counts.total++;
    counts[key.isEnabled ? health.state : "disabled"]++;
    // A key that was removed and added again is another one to its old leases.
    assert.ok(inFlight <= held.filter((lease) => lease.key.id === key.id).length);
  }
  assert.deepEqual(pool.counts(), counts);
}

Deno.test("KeyPool rotates exactly at any concurrency", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(
        "round_robin" as const,
        "least_used" as const,
        "weighted" as const,
        "priority" as const,
      ),
      fc.integer({ min: 1, max: 40 }),
      fc.array(fc.nat(), { minLength: 100, maxLength: 300, size: "max" }),
      (strategy, count, releases) => {
        const { pool } = poolOf(keysOf(count), { strategy });
        proveAll(pool);
        const held: Lease[] = [];
        const uses = new Map<string, number>();

        for (const draw of releases) {
          const lease = take(pool);
          uses.set(lease.key.id, (uses.get(lease.key.id) ?? 0) + 1);
          held.push(lease);
          if (draw % 3 > 0) {
            for (const done of held.splice(draw % held.length, draw % 3)) pool.release(done);
          }
        }

        const counted = pool.entries(0, Infinity).map(({ key }) => uses.get(key.id) ?? 0);
        assert.ok(Math.max(...counted) - Math.min(...counted) <= 1);
      },
    ),
  );
});

Deno.test("KeyPool keeps weighted shares within 1% over 10,000 picks", () => {
  const weights = [1, 2, 3, 5, 10, 100, 1000];
  const { pool } = poolOf(weights.map((weight) => pooledKey(`w${weight}`, { weight })), {
    strategy: "weighted",
  });
  proveAll(pool);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const uses = new Map<string, number>();

  for (let pick = 0; pick < 10_000; pick++) {
    const id = use(pool);
    uses.set(id, (uses.get(id) ?? 0) + 1);
  }

  for (const weight of weights) {
    const share = (uses.get(`w${weight}`) ?? 0) / 10_000;
    assert.ok(Math.abs(share - weight / total) < 0.01, `weight ${weight} has ${share}`);
    assert.ok(Math.abs(share * 10_000 - 10_000 * weight / total) <= 2, `weight ${weight} has ${share}`);
  }
});

Deno.test("KeyPool starves no ready key, whichever keys come and go", () => {
  fc.assert(
    fc.property(
      fc.constantFrom("round_robin" as const, "least_used" as const, "weighted" as const),
      fc.array(fc.nat(9), { minLength: 400, maxLength: 400 }),
      (strategy, limited) => {
        const { pool, ticker } = poolOf(keysOf(10), { strategy });
        proveAll(pool);
        const lastUse = new Map<string, number>();

        limited.forEach((draw, turn) => {
          ticker.advance(100);
          lastUse.set(use(pool), turn);
          // Keys 1 to 9 rest now and then; key 0 never does.
          if (draw > 0 && draw % 2 === 0) pool.reportCheck(`k${draw}`, verdictOf("key_limited"));
          assert.ok(turn - (lastUse.get("k0") ?? 0) <= 20, `k0 waits since ${lastUse.get("k0")} at ${turn}`);
        });
      },
    ),
    { numRuns: 50 },
  );
});

Deno.test("KeyPool with the strategy random gives every key about its share", () => {
  const { pool } = poolOf(keysOf(10), { strategy: "random", random: Math.random });
  proveAll(pool);
  const uses = new Map<string, number>();

  for (let pick = 0; pick < 10_000; pick++) {
    const id = use(pool, ANY_KEY);
    uses.set(id, (uses.get(id) ?? 0) + 1);
  }

  for (const count of uses.values()) assert.ok(count > 800 && count < 1200, `${count}`);
});

function keysOf(count: number): PooledKey[] {
  return Array.from({ length: count }, (_, index) => pooledKey(`k${index}`));
}
