import assert from "node:assert/strict";
import { FRESH_HEALTH, type KeyHealth } from "../../src/core/health.ts";
import { deleteHealth, type KnownHealth, loadHealth, saveHealth } from "../../src/store/health_store.ts";
import { openKv } from "../../src/store/kv.ts";
import { kvKeys } from "../../src/store/kv_keys.ts";
import { NOW_MS, withFolder } from "./support.ts";

const cooling = (untilMs: number): KeyHealth => ({
  ...FRESH_HEALTH,
  state: "cooling",
  untilMs,
  source: "header",
  cause: "key_limited",
  rule: "status.429",
  sinceMs: NOW_MS,
  consecutiveFailures: 2,
});
const record = (keyId: string, health: KeyHealth) => ({ providerId: "p", keyId, health });

/** Two instances on one file. */
async function withInstances(test: (a: Deno.Kv, b: Deno.Kv) => Promise<void>): Promise<void> {
  await withFolder(async (folder) => {
    const target = { kind: "file", path: `${folder}/kv.db` } as const;
    const [a, b] = [await openKv(target), await openKv(target)];
    try {
      await test(a, b);
    } finally {
      a.close();
      b.close();
    }
  });
}

Deno.test("saveHealth() keeps many records for the next start, every field of them", () =>
  withInstances(async (kv, other) => {
    const rest = {
      untilMs: NOW_MS,
      source: "body",
      cause: "key_limited",
      rule: "r",
      reason: "slow down",
      sinceMs: 1,
      ladderStep: 1,
      steppedAtMs: 2,
    } as const;
    const full: KeyHealth = {
      ...cooling(NOW_MS + 5),
      statedUntilMs: NOW_MS + 9,
      reason: "quota",
      releasedAtMs: 3,
      isReturning: true,
      lastSuccessMs: 4,
      lastFailureMs: 5,
      usedCount: 6,
      steppedAtMs: 7,
      ladderStep: 2,
      models: { "gpt-5": rest, "a/b": rest },
    };
    const records = Array.from({ length: 250 }, (_, index) => record(`k${1000 + index}`, full));
    await saveHealth(kv, records, new Map());

    const loaded = await loadHealth(other, new Map());

    assert.deepEqual(loaded, records);
    assert.equal((await loadHealth(other, new Map(), "q")).length, 0);
  }));

Deno.test("saveHealth() merges by the later deadline what another instance wrote, and gives it back", () =>
  withInstances(async (a, b) => {
    await saveHealth(
      a,
      [record("k1", cooling(NOW_MS + 9000)), record("k2", cooling(NOW_MS + 10))],
      new Map(),
    );

    const learned = await saveHealth(
      b,
      [record("k1", cooling(NOW_MS + 10)), record("k2", cooling(NOW_MS + 5000)), record("k3", FRESH_HEALTH)],
      new Map(),
    );

    const stored = await loadHealth(a, new Map());
    assert.deepEqual(stored.map(({ health }) => health.untilMs), [NOW_MS + 9000, NOW_MS + 5000, undefined]);
    assert.deepEqual(learned.map(({ keyId, health }) => [keyId, health.untilMs]), [
      ["k1", NOW_MS + 9000],
      ["k2", NOW_MS + 5000],
    ]);
  }));

Deno.test("saveHealth() does not merge with what this instance wrote itself: a success ends a rest", () =>
  withInstances(async (kv) => {
    const versions: KnownHealth = new Map();
    await saveHealth(kv, [record("k", cooling(NOW_MS + 9000))], versions);

    const learned = await saveHealth(kv, [record("k", FRESH_HEALTH)], versions);

    assert.deepEqual(learned, []);
    assert.deepEqual(await loadHealth(kv, new Map()), [record("k", FRESH_HEALTH)]);
  }));

Deno.test("saveHealth() from several instances at once keeps the latest deadline of each key", () =>
  withInstances(async (a, b) => {
    const batch = (offset: number) =>
      Array.from(
        { length: 40 },
        (_, index) => record(`k${100 + index}`, cooling(NOW_MS + (index * 7 + offset) % 40)),
      );
    const deadlines = batch(0).map((mine, index) =>
      Math.max(mine.health.untilMs ?? 0, batch(20)[index]?.health.untilMs ?? 0)
    );

    await Promise.all([saveHealth(a, batch(0), new Map()), saveHealth(b, batch(20), new Map())]);

    const stored = await loadHealth(a, new Map());
    assert.deepEqual(stored.map(({ health }) => health.untilMs), deadlines);
  }));

Deno.test("saveHealth() drops the rests of single models when they do not fit into Deno KV", () =>
  withInstances(async (kv) => {
    const { untilMs = 0, sinceMs = 0 } = cooling(NOW_MS);
    const rest = {
      untilMs,
      sinceMs,
      source: "header",
      cause: "key_limited",
      rule: "r",
      ladderStep: 0,
    } as const;
    const huge = { ...cooling(NOW_MS), models: { ["模".repeat(70_000)]: rest } };

    await saveHealth(
      kv,
      Array.from({ length: 40 }, (_, index) => record(`k${100 + index}`, huge)),
      new Map(),
    );

    const [loaded] = await loadHealth(kv, new Map());
    assert.deepEqual(loaded?.health, cooling(NOW_MS));
  }));

Deno.test("loadHealth() leaves out what does not read, and deleteHealth() forgets", () =>
  withInstances(async (kv) => {
    const versions: KnownHealth = new Map();
    await kv.set(kvKeys.health("p", "odd"), { state: "asleep" });
    await saveHealth(kv, [record("k", FRESH_HEALTH), record("l", FRESH_HEALTH)], versions);

    await deleteHealth(kv, [{ providerId: "p", keyId: "k" }], versions);

    assert.deepEqual((await loadHealth(kv, new Map())).map(({ keyId }) => keyId), ["l"]);
    await saveHealth(kv, [record("k", FRESH_HEALTH)], versions);
    assert.equal((await loadHealth(kv, new Map())).length, 2);
  }));

Deno.test("saveHealth() adds up the use that several instances have counted, and a reset among it", () =>
  withInstances(async (a, b) => {
    const used = (usedCount: number) => [record("k", { ...FRESH_HEALTH, usedCount })];
    const [knownToA, knownToB]: KnownHealth[] = [new Map(), new Map()];
    assert.ok(knownToA !== undefined && knownToB !== undefined);
    await saveHealth(a, used(10), knownToA);
    const learned = await saveHealth(b, used(3), knownToB);

    await saveHealth(a, used(12), knownToA);
    const afterMoreUse = await loadHealth(a, new Map());
    // Of the 15 that it knows of it counts none any more.
    await saveHealth(a, used(0), knownToA);
    await saveHealth(b, used(14), knownToB);
    const afterReset = await loadHealth(a, new Map());

    assert.equal(learned[0]?.health.usedCount, 13);
    assert.equal(afterMoreUse[0]?.health.usedCount, 15);
    assert.equal(afterReset[0]?.health.usedCount, 1);
  }));
