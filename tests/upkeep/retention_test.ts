import assert from "node:assert/strict";
import { FRESH_HEALTH } from "../../src/core/health.ts";
import type { Kept } from "../../src/core/kept.ts";
import { createLog } from "../../src/log.ts";
import type { Database } from "../../src/store/database.ts";
import { openKv } from "../../src/store/kv.ts";
import { kvKeys } from "../../src/store/kv_keys.ts";
import { addProviderKeys } from "../../src/store/provider_key_import.ts";
import { listRequests } from "../../src/store/request_log_query.ts";
import { addRequests, countRequests } from "../../src/store/request_log_store.ts";
import { sumUsage } from "../../src/store/usage_query.ts";
import { addUsage } from "../../src/store/usage_store.ts";
import { cleanStores, deleteOldRequests, deleteOldUsage } from "../../src/upkeep/retention.ts";
import { rollUpUsage } from "../../src/upkeep/rollups.ts";
import { Secret } from "../../src/core/secret.ts";
import { NOW_MS, testKeyring, testStamp, withProvider } from "../store/support.ts";
import { requestOf } from "../store/request_samples.ts";
import { usageOf } from "../store/usage_samples.ts";
import { ManualTicker } from "../support/manual_ticker.ts";

const NEVER = new AbortController().signal;
const DAY_MINUTES = 24 * 60;
const NOW_MINUTE = Math.floor(NOW_MS / 60_000);

async function withStores(
  test: (
    stores: { readonly db: Database; readonly kv: Deno.Kv; readonly providerId: string },
  ) => Promise<void>,
): Promise<void> {
  await withProvider(async (db, providerId) => {
    const kv = await openKv({ kind: "memory" });
    try {
      await test({ db, kv, providerId });
    } finally {
      kv.close();
    }
  });
}

const KEPT: Kept = { minutesForDays: 2, hoursForDays: 5, daysForDays: 0, requestsForDays: 3, requests: 1000 };

function depsOf(db: Database, kv: Deno.Kv, kept: Partial<Kept> = {}) {
  const log = createLog("silent", () => {}, (text) => text);
  return { db, kv, log, ticker: new ManualTicker(NOW_MS), kept: { ...KEPT, ...kept } };
}

async function requestsOf(db: Database, more: Partial<Parameters<typeof sumUsage>[1]> = {}): Promise<number> {
  const sums = await sumUsage(db, { fromMinute: 0, toMinute: NOW_MINUTE + 10, by: [], ...more });
  return sums.reduce((sum, { requests }) => sum + requests, 0);
}

Deno.test("deleteOldUsage() deletes minutes and hours that are older than they are kept, and no sum changes", () =>
  withStores(async ({ db, kv }) => {
    const minutes = Array.from({ length: 100 }, (_, index) => NOW_MINUTE - index * 120);
    await addUsage(db, {
      usage: minutes.map((minute) => usageOf({ minute, providerKeyId: `k${minute % 3}` })),
      latencies: [],
    });
    const deps = depsOf(db, kv);

    await deleteOldUsage(deps, NEVER);
    const unrolled = await requestsOf(db);
    await rollUpUsage(deps, NEVER);
    await deleteOldUsage(deps, NEVER);
    const rolled = await requestsOf(db);
    const byKey = await requestsOf(db, { by: ["providerKeyId"] });
    const left = await requestsOf(db, { interval: "minute" });

    assert.deepEqual([unrolled, rolled, byKey], [100, 100, 100]);
    assert.equal(left, 2 * DAY_MINUTES / 120 + 1);
  }));

Deno.test("deleteOldUsage() keeps for ever what is told so, and deletes days that are not", () =>
  withStores(async ({ db, kv }) => {
    const minutes = Array.from({ length: 10 }, (_, index) => NOW_MINUTE - index * DAY_MINUTES);
    await addUsage(db, { usage: minutes.map((minute) => usageOf({ minute })), latencies: [] });
    const forEver = depsOf(db, kv, { minutesForDays: 0, hoursForDays: 0 });
    await rollUpUsage(forEver, NEVER);

    await deleteOldUsage(forEver, NEVER);
    const kept = await requestsOf(db, { interval: "minute" });
    await deleteOldUsage(depsOf(db, kv, { daysForDays: 6 }), NEVER);
    const left = await requestsOf(db);

    assert.equal(kept, 10);
    assert.ok(left >= 6 && left <= 7, `${left} days are left`);
  }));

Deno.test("deleteOldUsage() and deleteOldRequests() stop between two batches when they are told to", () =>
  withStores(async ({ db, kv }) => {
    await addRequests(db, Array.from({ length: 250 }, (_, index) => requestOf(index)), 1);

    await deleteOldUsage(depsOf(db, kv), AbortSignal.abort());
    await deleteOldRequests(depsOf(db, kv, { requests: 10 }), AbortSignal.abort());

    assert.equal(await countRequests(db), 250);
  }));

Deno.test("deleteOldRequests() keeps as many days and as many rows as told, and statistics do not notice", () =>
  withStores(async ({ db, kv }) => {
    await addUsage(db, { usage: [usageOf({ minute: NOW_MINUTE - 4 * DAY_MINUTES })], latencies: [] });
    for (let day = 0; day < 6; day++) {
      const requests = Array.from({ length: 120 }, (_, index) => requestOf(day * 1000 + index));
      await addRequests(db, requests, NOW_MS - (5 - day) * DAY_MINUTES * 60_000);
    }

    await deleteOldRequests(depsOf(db, kv, { requestsForDays: 0 }), NEVER);
    const all = await countRequests(db);
    await deleteOldRequests(depsOf(db, kv), NEVER);
    const byAge = await countRequests(db);
    await deleteOldRequests(depsOf(db, kv, { requests: 130 }), NEVER);
    const byRows = await listRequests(db, {}, 500);

    assert.deepEqual([all, byAge], [720, 480]);
    assert.equal(byRows.requests.length, 130);
    assert.equal(byRows.requests.at(-1)?.id, requestOf(4110).id);
    assert.equal(await requestsOf(db), 1);
  }));

Deno.test("cleanStores() removes what belongs to keys and providers that are no more, and keeps the rest", () =>
  withStores(async ({ db, kv, providerId }) => {
    const entries = Array.from({ length: 3 }, (_, index) => ({ secret: new Secret(`sk-key-${index}-0000`) }));
    const { added } = await addProviderKeys(db, testKeyring(), providerId, entries, testStamp());
    for (const { id } of added) await kv.set(kvKeys.health(providerId, id), FRESH_HEALTH);
    for (let index = 0; index < 450; index++) await kv.set(kvKeys.health("gone", `k${index}`), FRESH_HEALTH);
    await kv.set(kvKeys.health(providerId, "gone"), FRESH_HEALTH);
    for (const id of [providerId, "gone"]) {
      await kv.set(kvKeys.cursor(id), 7);
      await kv.set(kvKeys.modelList(id), { baseUrl: "", models: [], learnedAtMs: 0 });
    }
    await kv.set(kvKeys.job("key_checks"), { holder: "h", heldUntilMs: 0 });
    await kv.set(["throttle", "old"], { expiresAtMs: NOW_MS - 3600_001 });
    await kv.set(["throttle", "young"], { expiresAtMs: NOW_MS - 3599_999 });

    await cleanStores(depsOf(db, kv), NEVER);

    const kept: Deno.KvKey[] = [];
    for await (const { key } of kv.list({ prefix: [] })) kept.push(key);
    assert.deepEqual(
      new Set(kept.map((key) => key.join("/"))),
      new Set([
        `cursor/${providerId}`,
        ...added.map(({ id }) => `health/${providerId}/${id}`),
        "job/key_checks",
        `models/${providerId}`,
        "throttle/young",
      ]),
    );
  }));
