import assert from "node:assert/strict";
import { SUCCEEDED } from "../../src/core/verdict.ts";
import type { KeyPool } from "../../src/pool/key_pool.ts";
import { Lease } from "../../src/pool/pool_key.ts";
import type { ManualTicker } from "../support/manual_ticker.ts";
import { ANY_KEY, pooledKey, poolOf, proveAll, verdictOf } from "./samples.ts";

const DOUBTFUL = verdictOf("key_dead");
const CONCLUSIVE = verdictOf("key_dead", { isConclusive: true });

function poolOfCount(count: number) {
  return poolOf(Array.from({ length: count }, (_, index) => pooledKey(`k${index}`)));
}

/** Sends so many requests, ten a second; `isDead` tells which keys are refused. */
function run(
  { pool, ticker }: { readonly pool: KeyPool; readonly ticker: ManualTicker },
  requests: number,
  isDead: (id: string) => boolean,
  refusal = DOUBTFUL,
): void {
  for (let request = 0; request < requests; request++) {
    ticker.advance(100);
    const lease = pool.acquire(ANY_KEY);
    if (!(lease instanceof Lease)) continue;
    ticker.advance(1);
    pool.report(lease, isDead(lease.key.id) ? refusal : SUCCEEDED);
    pool.release(lease);
  }
}

for (const refusal of [DOUBTFUL, CONCLUSIVE]) {
  const word = refusal.isConclusive ? "conclusive" : "doubtful";

  Deno.test(`a shared cause with ${word} rejections does not empty the pool`, () => {
    const setting = poolOfCount(10);
    proveAll(setting.pool);

    run(setting, 500, () => true, refusal);
    const during = setting.pool.counts();
    const since = setting.pool.sharedCauseSinceMs;
    run(setting, 30, () => false);

    assert.equal(during.ready, 10);
    assert.notEqual(since, undefined);
    assert.equal(setting.pool.sharedCauseSinceMs, undefined);
    assert.equal(setting.pool.counts().ready, 10);
  });

  Deno.test(`two of ten keys that are revoked are rejected, after ${word} rejections`, () => {
    const setting = poolOfCount(10);
    proveAll(setting.pool);
    const isDead = (id: string) => id === "k3" || id === "k7";

    run(setting, 500, isDead, refusal);

    assert.equal(setting.pool.counts().rejected, 2);
    assert.equal(setting.pool.sharedCauseSinceMs, undefined);
  });

  Deno.test(`a bad import is rejected whatever its share, after ${word} rejections`, () => {
    const setting = poolOfCount(30);
    const isDead = (id: string) => id !== "k0";

    run(setting, 2000, isDead, refusal);

    assert.equal(setting.pool.counts().rejected, 29);
  });

  Deno.test(`most keys of a proven pool may die for good, after ${word} rejections`, () => {
    const setting = poolOfCount(10);
    proveAll(setting.pool);
    const isDead = (id: string) => id > "k2";

    run(setting, 3000, isDead, refusal);

    assert.equal(setting.pool.counts().rejected, 7);
  });
}

Deno.test("conclusive rejections of a minority stand beside doubtful ones that are forgiven", () => {
  const { pool } = poolOfCount(10);
  proveAll(pool);

  pool.reportCheck("k0", CONCLUSIVE);
  for (const id of ["k1", "k2", "k3"]) pool.reportCheck(id, DOUBTFUL);

  assert.equal(pool.healthOf("k0")?.state, "rejected");
  assert.deepEqual(["k1", "k2", "k3"].map((id) => pool.healthOf(id)?.state), ["ready", "ready", "ready"]);
});

Deno.test("rejections more than ten seconds apart have no shared cause", () => {
  const { pool, ticker } = poolOfCount(3);
  proveAll(pool);

  for (const id of ["k0", "k1", "k2"]) {
    pool.reportCheck(id, CONCLUSIVE);
    ticker.advance(10_001);
  }

  assert.equal(pool.counts().rejected, 3);
});

Deno.test("a success that was under way before does not end the suspicion", () => {
  const { pool, ticker } = poolOfCount(4);
  proveAll(pool);
  const lease = pool.acquire(ANY_KEY);
  assert.ok(lease instanceof Lease);
  ticker.advance(10);

  for (const id of ["k1", "k2", "k3"]) pool.reportCheck(id, DOUBTFUL);
  pool.report(lease, SUCCEEDED);

  assert.equal(pool.sharedCauseSinceMs, ticker.now());
  pool.release(lease);
});
