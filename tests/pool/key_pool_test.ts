import assert from "node:assert/strict";
import { FRESH_HEALTH } from "../../src/core/health.ts";
import { SUCCEEDED } from "../../src/core/verdict.ts";
import { Lease } from "../../src/pool/pool_key.ts";
import { ANY_KEY, POLICY, pooledKey, poolOf, proveAll, take, use, verdictOf } from "./samples.ts";

const ABC = [pooledKey("a"), pooledKey("b"), pooledKey("c")];
const LIMITED = verdictOf("key_limited", { untilMs: 1_005_000, source: "header" });

Deno.test("acquire() rotates, and leaves out what is disabled, tried or of an excluded account", () => {
  const { pool } = poolOf([...ABC, pooledKey("d", { isEnabled: false }), pooledKey("e", { account: "x" })]);

  const plain = [use(pool), use(pool), use(pool), use(pool), use(pool)];
  const picky = [1, 2, 3].map(() => use(pool, { tried: ["b"], excludedAccounts: ["x"] }));

  assert.deepEqual(plain, ["a", "b", "c", "e", "a"]);
  assert.deepEqual(picky, ["c", "a", "c"]);
});

Deno.test("acquire() says why there is no key, and when one comes back", () => {
  const { pool } = poolOf([pooledKey("a"), pooledKey("b", { isEnabled: false })]);
  const none = pool.acquire({ tried: ["a"] });
  const lease = take(pool);
  pool.report(lease, LIMITED);
  pool.release(lease);

  const cooling = pool.acquire(ANY_KEY);
  const notForIt = pool.acquire({ tried: ["a"] });

  const counts = { total: 2, ready: 1, cooling: 0, exhausted: 0, rejected: 0, disabled: 1, inFlight: 0 };
  assert.deepEqual(none, { reason: "none", counts });
  assert.deepEqual(cooling, {
    reason: "cooling",
    readyAtMs: 1_005_000,
    counts: { ...counts, ready: 0, cooling: 1 },
  });
  assert.equal("reason" in notForIt && notForIt.reason, "none");
});

Deno.test("acquire() gives a cooled key again once its deadline has passed, one request at a time", () => {
  const { pool, ticker } = poolOf([pooledKey("a")]);
  proveAll(pool);
  const first = take(pool);
  pool.report(first, LIMITED);
  pool.release(first);

  ticker.advance(5000);
  const probe = take(pool);
  const meanwhile = pool.acquire(ANY_KEY);
  pool.report(probe, SUCCEEDED);
  const proven = [take(pool), take(pool)];

  assert.equal("reason" in meanwhile && meanwhile.reason, "busy");
  assert.equal(pool.counts().inFlight, 3);
  for (const lease of [probe, ...proven]) pool.release(lease);
  assert.equal(pool.counts().inFlight, 0);
});

Deno.test("acquire() lets a key rest for one model and uses it for the others", () => {
  const { pool, ticker } = poolOf(ABC);
  proveAll(pool);
  const lease = take(pool, { model: "m", tried: [] });
  pool.report(lease, { ...LIMITED, scope: "key_model" });
  pool.release(lease);

  const forModel = [1, 2, 3, 4].map(() => use(pool, { model: "m", tried: [] }));
  const forOther = [1, 2, 3].map(() => use(pool, { model: "n", tried: [] }));
  const shortage = pool.acquire({ model: "m", tried: ["b", "c"] });
  ticker.advance(5000);
  const later = [1, 2, 3].map(() => use(pool, { model: "m", tried: [] }));

  assert.ok(!forModel.includes("a"));
  assert.deepEqual(new Set(forOther), new Set(["a", "b", "c"]));
  assert.equal("reason" in shortage && shortage.readyAtMs, 1_005_000);
  assert.deepEqual(new Set(later), new Set(["a", "b", "c"]));
});

Deno.test("acquire() shows a revoked key no more requests than may fail, at any concurrency", () => {
  for (const isConclusive of [true, false]) {
    const { pool, ticker } = poolOf([pooledKey("dead"), pooledKey("good")]);
    let requests = 0;

    for (let round = 0; round < 100; round++) {
      const leases: Lease[] = [];
      for (let each = 0; each < 64; each++) {
        const lease = pool.acquire(ANY_KEY);
        if (lease instanceof Lease) leases.push(lease);
      }
      for (const lease of leases) {
        if (lease.key.id === "dead") requests++;
        pool.report(lease, lease.key.id === "dead" ? verdictOf("key_dead", { isConclusive }) : SUCCEEDED);
        pool.release(lease);
      }
      ticker.advance(2000);
    }

    assert.equal(pool.healthOf("dead")?.state, "rejected");
    assert.ok(requests <= POLICY.maxConsecutiveFailures, `${requests} requests`);
  }
});

Deno.test("report() proves a key while its lease goes on", () => {
  const { pool } = poolOf([pooledKey("a")]);
  const [first, second, third] = [take(pool), take(pool), take(pool)];
  const capped = pool.acquire(ANY_KEY);

  pool.report(first, SUCCEEDED);

  assert.equal("reason" in capped && capped.reason, "busy");
  for (const lease of [first, second, third, take(pool)]) pool.release(lease);
});

Deno.test("report() rests all keys of an account, and only those", () => {
  const { pool } = poolOf([
    pooledKey("a", { account: "x" }),
    pooledKey("b", { account: "x" }),
    pooledKey("c"),
  ]);
  const lease = take(pool);

  pool.report(lease, { ...LIMITED, scope: "account" });
  pool.release(lease);

  assert.deepEqual([pool.healthOf("a")?.untilMs, pool.healthOf("b")?.untilMs], [1_005_000, 1_005_000]);
  assert.deepEqual([use(pool), use(pool)], ["c", "c"]);
});

Deno.test("report() and release() on a removed key change nothing but the count of leases", () => {
  const { pool } = poolOf(ABC);
  const lease = take(pool);
  pool.remove("a");
  pool.set(pooledKey("d"));

  pool.report(lease, verdictOf("key_dead", { isConclusive: true }));
  pool.release(lease);
  pool.release(lease);

  assert.deepEqual(pool.counts(), {
    total: 3,
    ready: 3,
    cooling: 0,
    exhausted: 0,
    rejected: 0,
    disabled: 0,
    inFlight: 0,
  });
});

Deno.test("set() keeps the health of a known key", () => {
  const { pool } = poolOf([pooledKey("a")]);
  const lease = take(pool);
  pool.report(lease, LIMITED);
  pool.release(lease);

  pool.set(pooledKey("a", { isEnabled: false }));
  const disabled = pool.counts();
  pool.set(pooledKey("a", { weight: 5 }));

  assert.equal(disabled.disabled, 1);
  assert.equal(pool.counts().cooling, 1);
  assert.equal(pool.healthOf("a")?.untilMs, 1_005_000);
});

Deno.test("acquire() exhausts a key at its quota until the use is reset or the quota raised", () => {
  const { pool } = poolOf([pooledKey("a", { maxRequests: 2 })]);
  const used = [use(pool), use(pool)];
  const shortage = pool.acquire(ANY_KEY);
  const exhausted = pool.healthOf("a");

  pool.resetUsage();
  const again = [use(pool), use(pool)];
  pool.set(pooledKey("a", { maxRequests: 3 }));
  const more = use(pool);

  assert.deepEqual([...used, ...again, more], ["a", "a", "a", "a", "a"]);
  assert.equal("reason" in shortage && shortage.reason, "none");
  assert.deepEqual([exhausted?.state, exhausted?.source, exhausted?.usedCount], ["exhausted", "quota", 2]);
});

Deno.test("setHealth() takes stored use and rests over", () => {
  const { pool } = poolOf(ABC, { strategy: "least_used" });
  pool.setHealth("a", { ...FRESH_HEALTH, usedCount: 2, lastSuccessMs: 1 });
  pool.setHealth("b", { ...FRESH_HEALTH, state: "rejected", cause: "key_dead" });

  const used = [1, 2, 3, 4].map(() => use(pool));

  assert.deepEqual(used, ["c", "c", "a", "c"]);
  assert.equal(pool.counts().rejected, 1);
});

Deno.test("clearRest() and reportCheck() bring a rejected key back", () => {
  const { pool } = poolOf([pooledKey("a")]);
  const reject = () => pool.reportCheck("a", verdictOf("key_dead", { isConclusive: true }));

  reject();
  pool.clearRest("a");
  const released = pool.healthOf("a")?.state;
  reject();
  const rejected = pool.healthOf("a")?.state;
  pool.reportCheck("a", SUCCEEDED);

  assert.deepEqual([released, rejected, pool.healthOf("a")?.state], ["ready", "rejected", "ready"]);
});

Deno.test("drainChanges() gives each changed key once", () => {
  const { pool } = poolOf(ABC);
  pool.drainChanges();

  use(pool);
  use(pool);
  const changes = pool.drainChanges();

  assert.deepEqual(changes.map(({ id, health }) => [id, health.usedCount]), [["a", 1], ["b", 1]]);
  assert.deepEqual(pool.drainChanges(), []);
});

Deno.test("cursor lets a restarted pool go on where it was", () => {
  const before = poolOf(ABC).pool;
  use(before);
  const after = poolOf(ABC).pool;

  after.cursor = before.cursor;

  assert.equal(use(after), "b");
});

Deno.test("entries() lists by offset and limit", () => {
  const { pool } = poolOf(ABC);

  assert.deepEqual(pool.entries(1, 1).map(({ key }) => key.id), ["b"]);
});

Deno.test("acquire() takes another strategy for one request", () => {
  const { pool } = poolOf([pooledKey("a", { priority: 2 }), pooledKey("b", { priority: 1 })]);

  assert.deepEqual([1, 2].map(() => use(pool, { tried: [], strategy: "priority" })), ["b", "b"]);
  assert.equal(use(pool), "a");
});

Deno.test("acquire() has an answer for more models with rests than there may be lanes", () => {
  const { pool } = poolOf(ABC);
  proveAll(pool);
  const denied = verdictOf("model_denied");
  for (let model = 0; model < 200; model++) {
    pool.reportCheck(["a", "b", "c"][model % 3] ?? "", denied, `m-${model}`);
  }

  for (let model = 180; model < 200; model++) {
    assert.notEqual(use(pool, { model: `m-${model}`, tried: [] }), ["a", "b", "c"][model % 3]);
  }
});
