import assert from "node:assert/strict";
import { Secret } from "../../src/core/secret.ts";
import { createClientKeyHash } from "../../src/store/client_key_hash.ts";
import {
  createClientKey,
  findClientKey,
  rotateClientKey,
  setLastUsed,
} from "../../src/store/client_key_store.ts";
import { openDatabase } from "../../src/store/database.ts";
import { createGroup, listGroups, setGroup } from "../../src/store/group_store.ts";
import { migrate } from "../../src/store/migrations.ts";
import { addProviderKeys } from "../../src/store/provider_key_import.ts";
import { loadProviderKeys } from "../../src/store/provider_key_store.ts";
import { createProvider, deleteProvider, findProvider } from "../../src/store/provider_store.ts";
import { createSetting } from "../../src/store/settings_store.ts";
import { sumLatencies } from "../../src/store/latency_query.ts";
import { repriceRequests } from "../../src/store/request_cost_store.ts";
import { findRequest, listRequests } from "../../src/store/request_log_query.ts";
import { addRequests, deleteOldestRequests, placeAt } from "../../src/store/request_log_store.ts";
import { KEY_USAGE } from "../../src/store/usage_family.ts";
import { sumUsage } from "../../src/store/usage_query.ts";
import { rollUp } from "../../src/store/usage_rollup.ts";
import { addUsage } from "../../src/store/usage_store.ts";
import { attemptOf, requestOf } from "./request_samples.ts";
import { latencyOf, usageOf } from "./usage_samples.ts";
import { findSqld, untilItAnswers, withSqld } from "./sqld.ts";
import { DEFAULTS, deleteProviderKeys, DRAFT, testKeyring, testStamp, withFolder } from "./support.ts";

const sqld = await findSqld();
const skipped = "reason" in sqld ? ` (skipped: no libSQL server, ${sqld.reason})` : "";

Deno.test({
  name: `the stores work alike on a libSQL server shared by two instances${skipped}`,
  ignore: skipped !== "",
  fn: () =>
    withFolder((folder) =>
      withSqld("path" in sqld ? sqld.path : "", folder, async (url) => {
        await untilItAnswers(url);
        const [a, b] = [await openDatabase({ url }), await openDatabase({ url })];
        const [keyring, stamp] = [testKeyring(), testStamp()];

        await Promise.all([migrate(a), migrate(b)]);
        const provider = await createProvider(a, DRAFT, DEFAULTS, stamp);
        const entries = Array.from(
          { length: 250 },
          (_, index) => ({ secret: new Secret(`sk-secret-${index}`) }),
        );
        const added = await Promise.all(
          [a, b].map((db) => addProviderKeys(db, keyring, provider.id, entries, stamp)),
        );
        const piece = {
          usage: [usageOf({ minute: 1 }), usageOf({ minute: 1, providerKeyId: "k2" })],
          latencies: [latencyOf(9, { minute: 1 })],
        };
        await Promise.all([a, b, a, b].map((db) => addUsage(db, piece)));
        await Promise.all([a, b].map((db) => rollUp(db, KEY_USAGE, "hours", 9, 1)));
        await addRequests(a, [
          requestOf(1),
          requestOf(2, { attempts: [attemptOf({ kind: "key_dead" }), attemptOf()] }),
        ], 5);
        const logged = await listRequests(b, { kind: "key_dead" }, 10);
        const repriced = await repriceRequests(b, 0, placeAt(9), 10, () => ({
          price: { inputNanoPerMillion: 1e6, outputNanoPerMillion: 0 },
          version: "v1",
        }));
        const found = await findRequest(a, requestOf(1).id);
        const deleted = await deleteOldestRequests(a, Infinity, 10);
        const settings = await Promise.all([createSetting(a, "first", "a"), createSetting(b, "first", "b")]);

        const member = { providerId: provider.id, tier: 0, weight: 3, isEnabled: true };
        const named = { slug: "team", name: "Team", isEnabled: true, strategy: "weighted" as const };
        const group = await createGroup(a, { ...named, members: [member] }, stamp);
        const regrouped = await setGroup(b, {
          ...group,
          members: [member, { ...member, providerId: "gone" }],
        });
        const hash = createClientKeyHash(keyring.deriveKey("client_key_hash"));
        const created = await createClientKey(a, hash, { name: "CI", secret: new Secret("kt-one") }, stamp);
        const { id } = created.clientKey;
        const rotated = await rotateClientKey(a, id, { hash: "two", lastFour: "two!", graceUntilMs: 9 });
        await Promise.all([a, b].map((db, index) => setLastUsed(db, [{ id, lastUsedMs: 5 + index }])));

        assert.deepEqual(regrouped, group);
        assert.deepEqual(await listGroups(b), [group]);
        await assert.rejects(createProvider(b, { ...DRAFT, slug: "team" }, DEFAULTS, stamp), {
          fault: "taken",
        });
        assert.deepEqual(rotated?.previous, { hash: created.hash, graceUntilMs: 9 });
        assert.deepEqual(await findClientKey(b, id), { ...rotated, lastUsedMs: 6 });
        assert.deepEqual(await findProvider(b, provider.id, DEFAULTS), provider);
        await assert.rejects(createProvider(b, DRAFT, DEFAULTS, stamp), { fault: "taken" });
        assert.equal(added.reduce((sum, { duplicates }) => sum + duplicates, 0), 250);
        const loaded = await loadProviderKeys(b);
        assert.equal(loaded.length, 250);
        assert.ok(
          loaded.every(({ key, sealedSecret }) => /^sk-/.test(keyring.open(sealedSecret, key.id).reveal())),
        );
        const byKey = await sumUsage(a, { fromMinute: 0, toMinute: 9, by: ["providerKeyId"] });
        assert.deepEqual(byKey.map(({ requests }) => requests), [4, 4]);
        assert.equal((await sumLatencies(b, { fromMinute: 0, toMinute: 9, by: [] }))[0]?.buckets[9], 4);
        assert.deepEqual(logged.requests.map(({ id }) => id), [requestOf(2).id]);
        assert.deepEqual([repriced.rows, found?.costNanoDollars, found?.priceVersion, deleted], [
          2,
          10,
          "v1",
          2,
        ]);
        assert.equal(settings[0], settings[1]);
        assert.equal(await deleteProviderKeys(a, loaded.slice(0, 50).map(({ key }) => key.id)), 50);
        assert.equal(await deleteProvider(b, provider.id), true);
        assert.deepEqual((await listGroups(a))[0]?.members, []);
        assert.deepEqual(await loadProviderKeys(a), []);
        await a.close();
        await b.close();
      })
    ),
});
