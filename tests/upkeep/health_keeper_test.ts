import assert from "node:assert/strict";
import type { Provider } from "../../src/core/provider.ts";
import { createLog } from "../../src/log.ts";
import { LiveProviders } from "../../src/pool/live_providers.ts";
import { loadHealth } from "../../src/store/health_store.ts";
import { openKv } from "../../src/store/kv.ts";
import { kvKeys } from "../../src/store/kv_keys.ts";
import { HealthKeeper } from "../../src/upkeep/health_keeper.ts";
import { pooledKey, use, verdictOf } from "../pool/samples.ts";
import { DRAFT, withFolder } from "../store/support.ts";
import { ManualTicker } from "../support/manual_ticker.ts";

const NOW_MS = 1_800_000_000_000;
const PROVIDER: Provider = { ...DRAFT, id: "p1" };
const LIMITED = verdictOf("key_limited", {
  untilMs: NOW_MS + 60_000,
  source: "header",
  isConclusive: true,
});

/** One instance: its own memory and handle on the KV file, as another process would have them. */
async function openInstance(folder: string, keyIds: readonly string[], log: string[] = []) {
  const ticker = new ManualTicker(NOW_MS);
  const live = new LiveProviders(ticker, () => 0.5);
  const { pool } = live.set(PROVIDER);
  for (const id of keyIds) pool.set(pooledKey(id));
  const kv = await openKv({ kind: "file", path: `${folder}/test.kv` });
  const keeper = new HealthKeeper({
    kv,
    live,
    ticker,
    log: createLog("error", (line) => void log.push(line), (text) => text),
    instanceId: crypto.randomUUID(),
    periodMs: 3_600_000,
  });
  await keeper.open();
  const close = async () => {
    await keeper.close();
    kv.close();
  };
  return { live, pool, kv, keeper, close };
}

Deno.test("HealthKeeper gives a cooldown, a rejection and the use back after a restart", () =>
  withFolder(async (folder) => {
    const first = await openInstance(folder, ["a", "b", "c"]);
    first.pool.reportCheck("a", LIMITED);
    first.pool.reportCheck("b", verdictOf("key_dead", { isConclusive: true }));
    use(first.pool);
    await first.close();

    const second = await openInstance(folder, ["a", "b", "c"]);

    const states = ["a", "b", "c"].map((id) => second.pool.healthOf(id));
    assert.deepEqual(states.map((health) => health?.state), ["cooling", "rejected", "ready"]);
    assert.equal(states[0]?.untilMs, NOW_MS + 60_000);
    assert.equal(states[2]?.usedCount, 1);
    await second.close();
  }));

Deno.test("HealthKeeper lets round robin go on where it stopped", () =>
  withFolder(async (folder) => {
    const ids = ["a", "b", "c", "d", "e"];
    const first = await openInstance(folder, ids);
    const before = [use(first.pool), use(first.pool), use(first.pool)];
    await first.close();

    const second = await openInstance(folder, ids);
    const after = [use(second.pool), use(second.pool)];
    await second.close();

    assert.deepEqual([...before, ...after].toSorted(), ids);
  }));

Deno.test("HealthKeeper.save() takes over what another instance has written meanwhile", () =>
  withFolder(async (folder) => {
    const one = await openInstance(folder, ["a"]);
    const other = await openInstance(folder, ["a"]);
    one.pool.reportCheck("a", LIMITED);
    await one.keeper.save();

    use(other.pool);
    await other.keeper.save();

    assert.equal(other.pool.healthOf("a")?.state, "cooling");
    await one.close();
    await other.close();
  }));

Deno.test("HealthKeeper.save() keeps what could not be saved for the next time, and tells the log", () =>
  withFolder(async (folder) => {
    const lines: string[] = [];
    const ticker = new ManualTicker(NOW_MS);
    const live = new LiveProviders(ticker, () => 0.5);
    const { pool } = live.set(PROVIDER);
    pool.set(pooledKey("a"));
    const kv = await openKv({ kind: "file", path: `${folder}/test.kv` });
    const log = createLog("error", (line) => void lines.push(line), (text) => text);
    let isBroken = false;
    // The true KV file behind a door that can be shut: a disk that is full for a while.
    const door = new Proxy(kv, {
      get(target, name) {
        if (isBroken && name === "atomic") throw new Error("disk full");
        const member: unknown = Reflect.get(target, name, target);
        return typeof member === "function" ? member.bind(target) : member;
      },
    });
    const keeper = new HealthKeeper({ kv: door, live, ticker, log, instanceId: "one", periodMs: 3_600_000 });
    await keeper.open();
    pool.reportCheck("a", verdictOf("key_dead", { isConclusive: true }));
    isBroken = true;
    await keeper.save();
    const whileBroken = await loadHealth(kv, new Map());

    isBroken = false;
    await keeper.save();
    const afterwards = await loadHealth(kv, new Map());
    await keeper.close();
    kv.close();

    assert.deepEqual(whileBroken, []);
    assert.deepEqual(afterwards.map(({ keyId, health }) => [keyId, health.state]), [["a", "rejected"]]);
    assert.equal(JSON.parse(lines[0] ?? "").event, "health.save_failed");
  }));

Deno.test("HealthKeeper.forget() deletes the records of removed keys, of one that could not be saved too", () =>
  withFolder(async (folder) => {
    const instance = await openInstance(folder, ["a", "b"]);
    instance.pool.reportCheck("a", LIMITED);
    instance.pool.reportCheck("b", LIMITED);
    await instance.keeper.save();

    instance.pool.remove("a");
    await instance.keeper.forget("p1", ["a"]);
    const kept = await loadHealth(instance.kv, new Map());
    instance.live.delete("p1");
    await instance.keeper.forget("p1", ["b"]);
    await instance.keeper.save();
    const rest = [
      ...await Array.fromAsync(instance.kv.list({ prefix: kvKeys.healthOf() })),
      ...await Array.fromAsync(instance.kv.list({ prefix: ["cursor"] })),
    ];
    await instance.close();

    assert.deepEqual(kept.map(({ keyId }) => keyId), ["b"]);
    assert.deepEqual(rest.map(({ key }) => key), []);
  }));

Deno.test("HealthKeeper.open() ignores records of keys that are no more", () =>
  withFolder(async (folder) => {
    const first = await openInstance(folder, ["a", "b"]);
    first.pool.reportCheck("b", LIMITED);
    await first.close();

    const second = await openInstance(folder, ["a"]);

    assert.deepEqual(second.pool.counts().total, 1);
    assert.equal(second.pool.healthOf("a")?.state, "ready");
    await second.close();
  }));
