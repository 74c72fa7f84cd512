import assert from "node:assert/strict";
import { SUCCEEDED } from "../../src/core/verdict.ts";
import { startSimulatedProvider } from "../../src/demo/simulated_provider.ts";
import { startUpkeep } from "../../src/start/upkeep.ts";
import { PriceBook } from "../../src/core/price_book.ts";
import { openKv } from "../../src/store/kv.ts";
import { verdictOf } from "../pool/samples.ts";
import { withDatabase } from "../store/support.ts";
import { UpstreamUnderTest, whileTimePasses } from "../upkeep/upstream_under_test.ts";

const INTERVAL_MS = 300_000;

Deno.test("startUpkeep() brings a key back within one interval, learns models, and ends all of it", () =>
  withDatabase(async (db) => {
    const provider = startSimulatedProvider({
      dialect: "openai",
      keys: [{ secret: "key-0001", behaviour: "revoked" }, { secret: "key-0002", behaviour: "ok" }],
    });
    const kv = await openKv({ kind: "memory" });
    using world = new UpstreamUnderTest();
    const live = world.addSimulated(provider);
    live.pool.reportCheck("key-0001", SUCCEEDED);
    live.pool.reportCheck("key-0001", verdictOf("key_dead", { isConclusive: true }));
    const { transport, ticker, log, openSecret, saveHealth } = world;
    let models: readonly string[] = [];
    const upkeep = startUpkeep({
      transport,
      ticker,
      random: () => 0,
      log,
      live: world.live,
      openSecret,
      saveHealth,
      db,
      kv,
      kept: { minutesForDays: 7, hoursForDays: 90, daysForDays: 0, requestsForDays: 30, requests: 1000 },
      priceBook: () => new PriceBook([]),
      healthCheckIntervalMs: INTERVAL_MS,
      onModels: (_providerId, found) => models = found,
    });
    const isBack = () => live.pool.healthOf("key-0001")?.state === "ready";
    const settle = () => new Promise((resolve) => setTimeout(resolve, 150));

    ticker.advance(0);
    await settle();
    provider.setKey("key-0001", "ok");
    const wasBack = isBack();
    ticker.advance(INTERVAL_MS);
    for (let tries = 0; !isBack() && tries < 100; tries++) await settle();
    await whileTimePasses(ticker, upkeep.close(), 1);
    const idleCount = ticker.watchedCount;
    kv.close();
    await provider.close();

    assert.equal(wasBack, false);
    assert.equal(isBack(), true);
    assert.deepEqual(models, provider.models);
    assert.ok(idleCount <= 1, "nothing waits but the idle connections");
  }));
