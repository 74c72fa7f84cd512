import assert from "node:assert/strict";
import type { Provider } from "../../src/core/provider.ts";
import { SUCCEEDED } from "../../src/core/verdict.ts";
import { createLog } from "../../src/log.ts";
import { LiveProviders } from "../../src/pool/live_providers.ts";
import type { PooledKey } from "../../src/pool/pool_key.ts";
import { listHealth } from "../../src/store/health_store.ts";
import { openKv } from "../../src/store/kv.ts";
import { HealthKeeper } from "../../src/upkeep/health_keeper.ts";
import { ANY_KEY, pooledKey, proveAll, take, use, verdictOf } from "../pool/samples.ts";
import { DRAFT, withFolder } from "../store/support.ts";
import { ManualTicker } from "../support/manual_ticker.ts";

const NOW_MS = 1_800_000_000_000;
const PROVIDER: Provider = { ...DRAFT, id: "p1" };
const LIMITED = verdictOf("key_limited", { untilMs: NOW_MS + 60_000, source: "header", isConclusive: true });
const DEAD = verdictOf("key_dead", { isConclusive: true });

/** One instance: its own memory and handle on the KV file, as another process would have them. */
async function openInstance(folder: string, instanceId: string, keys: readonly PooledKey[]) {
  const ticker = new ManualTicker(NOW_MS);
  const live = new LiveProviders(ticker, () => 0.5);
  const { pool } = live.set(PROVIDER);
  for (const key of keys) pool.set(key);
  const kv = await openKv({ kind: "file", path: `${folder}/test.kv` });
  const log = createLog("silent", () => {}, (text) => text);
  const door = { commitsLeft: Infinity };
  // The true KV file behind a door that can be shut: a server that goes out of reach in the middle.
  const doored = new Proxy(kv, {
    get(target, name) {
      if (name === "atomic" && door.commitsLeft-- <= 0) throw new Error("no route to host");
      const member: unknown = Reflect.get(target, name, target);
      return typeof member === "function" ? member.bind(target) : member;
    },
  });
  const keeper = new HealthKeeper({ kv: doored, live, ticker, log, instanceId, periodMs: 3_600_000 });
  await keeper.open();
  const close = async () => {
    await keeper.close();
    kv.close();
  };
  return { ticker, live, pool, kv, door, keeper, close, [Symbol.asyncDispose]: close };
}

/** Two instances with these keys, all proven. */
async function withTwo(
  keys: readonly PooledKey[],
  test: (
    one: Awaited<ReturnType<typeof openInstance>>,
    other: Awaited<ReturnType<typeof openInstance>>,
  ) => Promise<void>,
): Promise<void> {
  await withFolder(async (folder) => {
    await using one = await openInstance(folder, "one", keys);
    await using other = await openInstance(folder, "other", keys);
    for (const { pool } of [one, other]) proveAll(pool);
    await one.keeper.save();
    await other.keeper.save();
    await one.keeper.save();
    await test(one, other);
  });
}

Deno.test("HealthKeeper.learn() takes over what another instance limited, rejected or exhausted, unused here", () =>
  withTwo(["a", "b", "c", "d"].map((id) => pooledKey(id)), async (one, other) => {
    one.pool.reportCheck("a", LIMITED);
    one.pool.reportCheck("b", DEAD);
    one.pool.reportCheck("c", verdictOf("key_exhausted"));
    await one.keeper.save();

    await other.keeper.learn();

    const states = ["a", "b", "c", "d"].map((id) => other.pool.healthOf(id)?.state);
    assert.deepEqual(states, ["cooling", "rejected", "exhausted", "ready"]);
    assert.equal(other.pool.healthOf("a")?.untilMs, NOW_MS + 60_000);
    assert.deepEqual([use(other.pool), use(other.pool)], ["d", "d"]);
  }));

Deno.test("HealthKeeper.learn() writes nothing back, and what both learn comes to rest", () =>
  withTwo([pooledKey("a"), pooledKey("b")], async (one, other) => {
    one.pool.reportCheck("a", LIMITED);
    await one.keeper.save();
    const before = await listHealth(one.kv);

    await other.keeper.learn();
    await other.keeper.save();
    await one.keeper.learn();
    await one.keeper.save();

    assert.deepEqual(await listHealth(one.kv), before);
  }));

Deno.test("HealthKeeper.learn() takes over the end of a rest: a release, a success, a model that works again", () =>
  withTwo(["a", "b", "c"].map((id) => pooledKey(id)), async (one, other) => {
    for (const id of ["a", "b"]) one.pool.reportCheck(id, LIMITED);
    one.pool.reportCheck("c", { ...LIMITED, scope: "key_model" }, "m");
    await one.keeper.save();
    await other.keeper.learn();
    const resting = ["a", "b"].map((id) => other.pool.healthOf(id)?.state);
    const restingForModel = other.pool.outlook("m").counts.cooling;

    other.ticker.advance(10);
    other.pool.clearRest("a");
    other.pool.reportCheck("b", SUCCEEDED);
    other.pool.clearRest("c", "m");
    await other.keeper.save();
    one.ticker.advance(20);
    await one.keeper.learn();
    // And the first one does not bring them back.
    for (let index = 0; index < 3; index++) use(one.pool);
    await one.keeper.save();
    await other.keeper.learn();

    assert.deepEqual(resting, ["cooling", "cooling"]);
    assert.equal(restingForModel, 3);
    for (const { pool } of [one, other]) {
      assert.deepEqual(["a", "b"].map((id) => pool.healthOf(id)?.state), ["ready", "ready"]);
      assert.equal(pool.outlook("m").counts.cooling, 0);
    }
  }));

Deno.test("HealthKeeper.learn() takes over that penalties were taken back, because their cause was shared", () =>
  withTwo(["a", "b", "c", "d"].map((id) => pooledKey(id)), async (one, other) => {
    one.ticker.advance(60_000);
    other.ticker.advance(60_000);
    one.pool.reportCheck("a", DEAD);
    one.pool.reportCheck("b", DEAD);
    await one.keeper.save();
    await other.keeper.learn();
    const rejected = other.pool.counts().rejected;

    one.ticker.advance(10);
    one.pool.reportCheck("c", DEAD);
    one.pool.reportCheck("d", DEAD);
    await one.keeper.save();
    await other.keeper.learn();
    for (let index = 0; index < 4; index++) use(other.pool);
    await other.keeper.save();
    await one.keeper.learn();

    assert.equal(rejected, 2);
    assert.equal(one.pool.counts().rejected, 0);
    assert.equal(other.pool.counts().rejected, 0);
  }));

Deno.test("HealthKeeper.save() adds the use of all instances up against maxRequests, and a reset frees them all", () =>
  withTwo([pooledKey("a", { maxRequests: 20 })], async (one, other) => {
    for (let round = 0; round < 5; round++) {
      use(one.pool);
      use(other.pool);
      use(other.pool);
      await one.keeper.save();
      await other.keeper.save();
      await one.keeper.learn();
    }
    use(one.pool);
    await one.keeper.save();
    const together = one.pool.healthOf("a")?.usedCount;
    for (let left = 0; left < 4; left++) use(one.pool);
    await one.keeper.save();
    await other.keeper.learn();
    const exhausted = [one, other].map(({ pool }) => pool.healthOf("a")?.state);

    one.ticker.advance(10);
    one.pool.resetUsage();
    await one.keeper.save();
    other.ticker.advance(10);
    await other.keeper.learn();

    assert.equal(together, 16);
    assert.deepEqual(exhausted, ["exhausted", "exhausted"]);
    for (const { pool } of [one, other]) {
      assert.equal(pool.healthOf("a")?.state, "ready");
      assert.equal(pool.healthOf("a")?.usedCount, 0);
    }
  }));

Deno.test("HealthKeeper.save() keeps what the key went through while its record was being saved", () =>
  withTwo([pooledKey("a")], async (one, other) => {
    use(other.pool);
    await other.keeper.save();
    use(one.pool);

    const saving = one.keeper.save();
    await Promise.resolve();
    const lease = take(one.pool, ANY_KEY);
    one.pool.report(lease, LIMITED);
    one.pool.release(lease);
    await saving;
    const meanwhile = one.pool.healthOf("a");
    await one.keeper.save();
    await other.keeper.learn();

    assert.equal(meanwhile?.state, "cooling");
    assert.equal(meanwhile?.usedCount, 3);
    assert.equal(other.pool.healthOf("a")?.state, "cooling");
    assert.equal(other.pool.healthOf("a")?.usedCount, 3);
  }));

Deno.test("HealthKeeper.learn() reads everything when more was told than is kept", () =>
  withTwo(Array.from({ length: 300 }, (_, index) => pooledKey(`k${index}`)), async (one, other) => {
    for (let index = 0; index < 250; index++) {
      one.pool.reportCheck(`k${index}`, LIMITED);
      await one.keeper.save();
    }

    await other.keeper.learn();

    assert.equal(other.pool.counts().cooling, 250);
  }));

Deno.test("HealthKeeper.save() counts all use once when only a part of the records could be saved", () =>
  withTwo(Array.from({ length: 35 }, (_, index) => pooledKey(`k${index}`)), async (one, other) => {
    const useAll = (pool: typeof one.pool) => {
      for (let index = 0; index < 35; index++) use(pool);
    };
    useAll(other.pool);
    await other.keeper.save();
    useAll(one.pool);
    one.door.commitsLeft = 3;
    await one.keeper.save();

    one.door.commitsLeft = Infinity;
    useAll(one.pool);
    await one.keeper.save();

    const stored = await listHealth(one.kv);
    assert.deepEqual(stored.map(({ health }) => health.usedCount), Array(35).fill(3));
    assert.ok(one.pool.entries(0, 35).every(({ health }) => health.usedCount === 3));
  }));
