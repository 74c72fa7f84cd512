import assert from "node:assert/strict";
import { costOf, type ModelPrice } from "../../src/core/price.ts";
import { PriceBook } from "../../src/core/price_book.ts";
import type { TokenUsage } from "../../src/core/usage.ts";
import { createLog } from "../../src/log.ts";
import { LiveProviders } from "../../src/pool/live_providers.ts";
import type { Database } from "../../src/store/database.ts";
import { addPriceVersion, listPriceVersions } from "../../src/store/price_store.ts";
import { createProvider } from "../../src/store/provider_store.ts";
import { addRepricing, listRepricings } from "../../src/store/repricing_store.ts";
import { listRequests } from "../../src/store/request_log_query.ts";
import { addRequests } from "../../src/store/request_log_store.ts";
import { sumUsage } from "../../src/store/usage_query.ts";
import { addUsage } from "../../src/store/usage_store.ts";
import { repriceAsked } from "../../src/upkeep/reprice.ts";
import { rollUpUsage } from "../../src/upkeep/rollups.ts";
import { UsageFold } from "../../src/usage/usage_fold.ts";
import { attemptOf, requestOf } from "../store/request_samples.ts";
import { DEFAULTS, DRAFT, NOW_MS, testStamp, withDatabase } from "../store/support.ts";
import { ManualTicker } from "../support/manual_ticker.ts";

const NEVER = new AbortController().signal;
const HOUR_MS = 3_600_000;
const PRICE: ModelPrice = {
  inputNanoPerMillion: 37_500_000,
  outputNanoPerMillion: 300_000_001,
  cachedNanoPerMillion: 1_500_000,
  cacheWriteNanoPerMillion: 50_000_000,
  cacheWriteHourNanoPerMillion: 60_000_000,
  reasoningNanoPerMillion: 700_000_000,
};
const USAGE: TokenUsage = {
  inputTokens: 100_000,
  outputTokens: 20_001,
  cachedTokens: 30_000,
  cacheWriteTokens: 9_000,
  cacheWriteHourTokens: 4_000,
  reasoningTokens: 777,
};

/** Requests of some hours, none of them priced, in the log and in the statistics, some of which are rolled up. */
async function withRequests(
  test: (
    world: { readonly db: Database; readonly deps: ReturnType<typeof depsOf>; readonly providerId: string },
  ) => Promise<void>,
): Promise<void> {
  await withDatabase(async (db) => {
    const draft = { ...DRAFT, prices: {}, vendor: "other", modelMap: { fast: "own-name" } } as const;
    const provider = await createProvider(db, draft, DEFAULTS, testStamp());
    const deps = depsOf(db);
    deps.live.set(provider);
    const fold = new UsageFold();
    for (let hour = 0; hour < 5; hour++) {
      const requests = Array.from({ length: 30 }, (_, index) =>
        requestOf(hour * 30 + index, {
          startedMs: NOW_MS - (5 - hour) * HOUR_MS,
          model: "fast",
          providerModel: "own-name",
          usage: USAGE,
          attempts: [attemptOf({ providerId: provider.id, providerKeyId: `k${index % 3}` })],
        }));
      await addRequests(db, requests, NOW_MS - (5 - hour) * HOUR_MS + 1000);
      for (const request of requests) fold.add(request, "fast");
    }
    await addUsage(db, { usage: fold.usage(), latencies: [] });
    deps.ticker.advance(-2 * HOUR_MS);
    await rollUpUsage(deps, NEVER);
    deps.ticker.advance(2 * HOUR_MS);
    await test({ db, deps, providerId: provider.id });
  });
}

function depsOf(db: Database) {
  const ticker = new ManualTicker(NOW_MS);
  const live = new LiveProviders(ticker, () => 0);
  let book = new PriceBook([]);
  const log = createLog("silent", () => {}, (text) => text);
  const load = async () => void (book = new PriceBook(await listPriceVersions(db)));
  return { db, ticker, live, log, priceBook: () => book, load };
}

const priceFor = (providerId: string, validFromMs: number, price: ModelPrice | undefined) => ({
  providerId,
  model: "own-*",
  validFromMs,
  price,
  source: "a page",
});

async function costs(db: Database) {
  const range = { fromMinute: 0, toMinute: 1e9 };
  const [sum] = await sumUsage(db, { ...range, by: [] });
  const [ofKeys] = await sumUsage(db, { ...range, by: [], only: { providerKeyId: ["k0", "k1", "k2"] } });
  const { requests } = await listRequests(db, {}, 500);
  const logged = requests.reduce((all, { costNanoDollars = 0 }) => all + costNanoDollars, 0);
  const versions = new Set(requests.map(({ priceVersion }) => priceVersion));
  return {
    sum: sum?.costNanoDollars,
    ofKeys: ofKeys?.costNanoDollars,
    unpriced: sum?.unpriced,
    logged,
    versions,
  };
}

Deno.test("repriceAsked() counts what was unpriced at the price that is known now, in the log and at every level", () =>
  withRequests(async ({ db, deps, providerId }) => {
    const before = await costs(db);
    const { id } = await addPriceVersion(db, priceFor(providerId, 0, PRICE), testStamp());
    await deps.load();
    await addRepricing(db, { fromMs: NOW_MS - 6 * HOUR_MS, toMs: NOW_MS }, testStamp());

    await repriceAsked(deps, NEVER);
    const once = await costs(db);
    await addRepricing(db, { fromMs: NOW_MS - 6 * HOUR_MS, toMs: NOW_MS }, testStamp());
    await repriceAsked(deps, NEVER);

    const cost = costOf(USAGE, PRICE) ?? NaN;
    assert.deepEqual([before.sum, before.unpriced, before.logged], [0, 150, 0]);
    assert.deepEqual([once.logged, once.unpriced], [150 * cost, 0]);
    // A sum is rounded once, 150 requests each for itself.
    assert.ok(Math.abs((once.sum ?? NaN) - 150 * cost) <= 75, `${once.sum} for ${150 * cost}`);
    assert.ok(Math.abs((once.ofKeys ?? NaN) - 150 * cost) <= 75);
    assert.deepEqual([...once.versions], [id]);
    assert.deepEqual(await costs(db), once);
    const done = await listRepricings(db, 10);
    assert.ok(done.every(({ phase, endedMs, rows }) => phase === "done" && endedMs === NOW_MS && rows > 150));
  }));

Deno.test("repriceAsked() takes the price that held at the time, and none where it was taken back", () =>
  withRequests(async ({ db, deps, providerId }) => {
    const dear = { inputNanoPerMillion: 1_000_000, outputNanoPerMillion: 0 };
    await addPriceVersion(db, priceFor(providerId, NOW_MS - 4 * HOUR_MS - 1, dear), testStamp());
    await addPriceVersion(db, priceFor(providerId, NOW_MS - 2 * HOUR_MS - 1, undefined), testStamp());
    await deps.load();
    await addRepricing(db, { fromMs: NOW_MS - 6 * HOUR_MS, toMs: NOW_MS + 1 }, testStamp());

    await repriceAsked(deps, NEVER);

    // Of the five hours the second and the third.
    const { logged, unpriced } = await costs(db);
    assert.equal(logged, 60 * 100_000);
    assert.equal(unpriced, 90);
  }));

Deno.test("repriceAsked() touches nothing outside of the range, nor what a deleted provider has cost", () =>
  withRequests(async ({ db, deps, providerId }) => {
    await addPriceVersion(db, priceFor(providerId, 0, PRICE), testStamp());
    await deps.load();
    await addRepricing(db, { fromMs: NOW_MS - 3 * HOUR_MS, toMs: NOW_MS }, testStamp());
    await repriceAsked(deps, NEVER);
    const some = await costs(db);

    deps.live.delete(providerId);
    await addRepricing(db, { fromMs: 0, toMs: NOW_MS }, testStamp());
    await repriceAsked(deps, NEVER);

    assert.equal(some.logged, 90 * (costOf(USAGE, PRICE) ?? NaN));
    assert.deepEqual(await costs(db), some);
  }));

Deno.test("repriceAsked() that is stopped goes on where it was", () =>
  withRequests(async ({ db, deps, providerId }) => {
    await addPriceVersion(db, priceFor(providerId, 0, PRICE), testStamp());
    await deps.load();
    await addRepricing(db, { fromMs: 0, toMs: NOW_MS }, testStamp());
    let steps = 0;
    const aborter = new AbortController();
    const stopping = { ...deps, priceBook: () => (++steps === 2 && aborter.abort(), deps.priceBook()) };

    await repriceAsked(stopping, aborter.signal);
    const [half] = await listRepricings(db, 1);
    await repriceAsked(deps, NEVER);

    assert.deepEqual([half?.phase, half?.rows, half?.endedMs], ["requests", 128, undefined]);
    assert.equal((await costs(db)).logged, 150 * (costOf(USAGE, PRICE) ?? NaN));
    assert.equal((await listRepricings(db, 1))[0]?.rows, 150 + 5 * (1 + 3) + (await hoursOf(db)));
  }));

/** Rows of hours and days that were looked at besides. */
async function hoursOf(db: Database): Promise<number> {
  const counts = await Promise.all(
    ["usage_hours", "key_usage_hours", "usage_days", "key_usage_days"].map(async (table) =>
      Number((await db.read(`SELECT count(*) AS rows FROM ${table}`))[0]?.["rows"])
    ),
  );
  return counts.reduce((sum, count) => sum + count, 0);
}
