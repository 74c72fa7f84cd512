import assert from "node:assert/strict";
import { FRESH_HEALTH } from "../../src/core/health.ts";
import type { UsageMinute } from "../../src/core/usage.ts";
import { createLog } from "../../src/log.ts";
import type { Database } from "../../src/store/database.ts";
import { openKv } from "../../src/store/kv.ts";
import { kvKeys } from "../../src/store/kv_keys.ts";
import { addProviderKeys } from "../../src/store/provider_key_import.ts";
import { addUsage, listUsage } from "../../src/store/usage_store.ts";
import { cleanStores, deleteOldUsage } from "../../src/upkeep/retention.ts";
import { Secret } from "../../src/core/secret.ts";
import { NOW_MS, testKeyring, testStamp, withProvider } from "../store/support.ts";
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

function depsOf(db: Database, kv: Deno.Kv, usageRetentionDays = 400) {
  const log = createLog("silent", () => {}, (text) => text);
  return { db, kv, log, ticker: new ManualTicker(NOW_MS), usageRetentionDays };
}

function usageOf(minute: number, model: string): UsageMinute {
  return {
    minute,
    providerId: "p",
    providerKeyId: "k",
    clientKeyId: "c",
    model,
    requests: 1,
    failures: 0,
    attempts: 1,
    inputTokens: 1,
    outputTokens: 1,
    cachedTokens: 0,
    reasoningTokens: 0,
  };
}

Deno.test("deleteOldUsage() deletes what is older than it is kept for, however much that is", () =>
  withStores(async ({ db, kv }) => {
    const edge = NOW_MINUTE - 10 * DAY_MINUTES;
    const old = Array.from({ length: 1234 }, (_, index) => usageOf(edge - 1 - index % 7, `m${index}`));
    await addUsage(db, [...old, usageOf(edge, "edge"), usageOf(NOW_MINUTE, "now")]);

    await deleteOldUsage(depsOf(db, kv, 0), NEVER);
    const keptForEver = await listUsage(db, { fromMinute: 0, toMinute: NOW_MINUTE + 1 });
    await deleteOldUsage(depsOf(db, kv, 10), NEVER);
    const kept = await listUsage(db, { fromMinute: 0, toMinute: NOW_MINUTE + 1 });

    assert.equal(keptForEver.length, 1236);
    assert.deepEqual(kept.map(({ model }) => model), ["edge", "now"]);
  }));

Deno.test("deleteOldUsage() stops between two batches when it is told to", () =>
  withStores(async ({ db, kv }) => {
    await addUsage(db, Array.from({ length: 500 }, (_, index) => usageOf(1, `m${index}`)));

    await deleteOldUsage(depsOf(db, kv, 10), AbortSignal.abort());

    assert.equal((await listUsage(db, { fromMinute: 0, toMinute: 2 })).length, 500);
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
