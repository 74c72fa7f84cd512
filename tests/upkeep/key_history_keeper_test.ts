import assert from "node:assert/strict";
import { SUCCEEDED } from "../../src/core/verdict.ts";
import { createLog } from "../../src/log.ts";
import { LiveProviders } from "../../src/pool/live_providers.ts";
import { type Database } from "../../src/store/database.ts";
import { listKeyHistory } from "../../src/store/key_history_store.ts";
import { KeyHistoryKeeper } from "../../src/upkeep/key_history_keeper.ts";
import { pooledKey, verdictOf } from "../pool/samples.ts";
import { DRAFT, withDatabase } from "../store/support.ts";
import { ManualTicker } from "../support/manual_ticker.ts";

function keeperOf(db: Database, logged: string[] = []) {
  const ticker = new ManualTicker();
  const live = new LiveProviders(ticker, () => 0.5);
  const { pool } = live.set({ ...DRAFT, id: "p" });
  pool.set(pooledKey("a"));
  const log = createLog("debug", (line) => void logged.push(line), (text) => text);
  return { ticker, pool, keeper: new KeyHistoryKeeper({ db, live, ticker, log }) };
}

const LIMITED = verdictOf("key_limited", { source: "header", reason: "Slow down" });

Deno.test("KeyHistoryKeeper writes once a second how states have changed, and why", () =>
  withDatabase(async (db) => {
    const { ticker, pool, keeper } = keeperOf(db);
    pool.reportCheck("a", { ...LIMITED, untilMs: ticker.now() + 60_000 });
    ticker.advance(300);
    const early = await listKeyHistory(db, "a", 10);

    pool.reportCheck("a", SUCCEEDED);
    ticker.advance(1000);
    await keeper.save();
    const found = await listKeyHistory(db, "a", 10);

    assert.deepEqual(early, []);
    assert.deepEqual(found.map(({ event, reason }) => [event, reason]), [
      ["ready", undefined],
      ["cooling", "Slow down"],
    ]);
    await keeper.close();
  }));

Deno.test("KeyHistoryKeeper leaves out what was stored or told by others, and writes the rest when it closes", () =>
  withDatabase(async (db) => {
    const { ticker, pool, keeper } = keeperOf(db);
    pool.reportCheck("a", { ...LIMITED, untilMs: ticker.now() + 60_000 });
    const health = pool.healthOf("a");
    assert.ok(health !== undefined);
    pool.set(pooledKey("b"));
    pool.setHealth("b", health);

    await keeper.close();

    assert.equal((await listKeyHistory(db, "a", 10)).length, 1);
    assert.deepEqual(await listKeyHistory(db, "b", 10), []);
  }));

Deno.test("KeyHistoryKeeper tells of a database that fails once, and goes on", async () => {
  const logged: string[] = [];
  await withDatabase(async (db) => {
    const { ticker, pool, keeper } = keeperOf(db, logged);
    await db.close();

    for (const minute of [1, 2]) {
      pool.reportCheck("a", { ...LIMITED, untilMs: ticker.now() + minute * 60_000 });
      await keeper.save();
    }

    assert.equal(logged.filter((line) => line.includes("key_history.failed")).length, 1);
    await keeper.close();
  });
});
