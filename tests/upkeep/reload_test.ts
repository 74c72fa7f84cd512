import assert from "node:assert/strict";
import { ClientKeys } from "../../src/access/client_keys.ts";
import { UNBOUND } from "../../src/core/client_key.ts";
import { Secret } from "../../src/core/secret.ts";
import { LiveProviders } from "../../src/pool/live_providers.ts";
import { createClientKey, deleteClientKey, setClientKey } from "../../src/store/client_key_store.ts";
import type { Database } from "../../src/store/database.ts";
import { addProviderKeys } from "../../src/store/provider_key_import.ts";
import { loadProviderKeys, setProviderKey } from "../../src/store/provider_key_store.ts";
import { createProvider, deleteProvider, setProvider } from "../../src/store/provider_store.ts";
import { createReloads, reload } from "../../src/upkeep/reload.ts";
import type { ReloadedKeys } from "../../src/upkeep/reload_keys.ts";
import { use, verdictOf } from "../pool/samples.ts";
import {
  DEFAULTS,
  deleteProviderKeys,
  DRAFT,
  testKeyring,
  testStamp,
  withDatabase,
} from "../store/support.ts";
import { ManualTicker } from "../support/manual_ticker.ts";

const keyring = testKeyring();
const stamp = testStamp();

/** The memory of one instance over a database that others write. */
function memoryOver(db: Database) {
  const live = new LiveProviders(new ManualTicker(), () => 0.5);
  const clientKeys = new ClientKeys((presented) => `hash of ${presented}`, false);
  const told: ReloadedKeys[] = [];
  const reloads = createReloads({
    db,
    live,
    clientKeys,
    policy: DEFAULTS,
    onKeys: (keys) => Promise.resolve(void told.push(keys)),
  });
  return { live, clientKeys, told, reloads };
}

function entriesOf(count: number) {
  return Array.from({ length: count }, (_, index) => ({ secret: new Secret(`sk-reload-${index}`) }));
}

Deno.test("reload() takes a new provider over with its keys, changes it, and forgets it", () =>
  withDatabase(async (db) => {
    const { live, told, reloads } = memoryOver(db);
    const provider = await createProvider(db, DRAFT, DEFAULTS, stamp);
    const { added } = await addProviderKeys(db, keyring, provider.id, entriesOf(3), stamp);
    const change = [{ kind: "provider", ids: [provider.id] }] as const;

    await reload(reloads, change);
    const pool = live.find("openai")?.pool;
    const total = pool?.counts().total;
    await setProvider(db, { ...provider, slug: "renamed" }, DEFAULTS);
    await reload(reloads, change);
    const renamed = live.find("renamed");
    await deleteProvider(db, provider.id);
    await reload(reloads, change);

    assert.equal(total, 3);
    assert.equal(renamed?.pool, pool);
    assert.deepEqual(live.list(), []);
    const keyIds = added.map(({ id }) => id);
    assert.deepEqual(told, [
      { added: [{ providerId: provider.id, keyIds }], removed: [] },
      { added: [], removed: [{ providerId: provider.id, keyIds }] },
    ]);
  }));

Deno.test("reload() reads one row for one changed key of many, and leaves the others in their place", () =>
  withDatabase(async (db) => {
    let rows = 0;
    const counting: Database = {
      ...db,
      write: (statements) => db.write(statements),
      close: () => db.close(),
      read: async (sql, args) => {
        const found = await db.read(sql, args);
        rows += found.length;
        return found;
      },
    };
    const { live, reloads } = memoryOver(counting);
    const provider = await createProvider(db, DRAFT, DEFAULTS, stamp);
    const { added } = await addProviderKeys(db, keyring, provider.id, entriesOf(1000), stamp);
    await reload(reloads, "everything");
    const pool = live.find("openai")?.pool;
    const [first, second, third] = added;
    assert.ok(pool !== undefined && first !== undefined && second !== undefined && third !== undefined);
    pool.reportCheck(third.id, verdictOf("key_dead", { isConclusive: true }));
    use(pool);
    rows = 0;

    await setProviderKey(db, { ...first, isEnabled: false });
    await reload(reloads, [{ kind: "provider_keys", ids: [first.id] }]);
    const rowsForOne = rows;
    await deleteProviderKeys(db, [second.id]);
    await reload(reloads, [{ kind: "provider_keys", ids: [second.id, third.id, "of nobody"] }]);

    assert.equal(rowsForOne, 1);
    assert.equal(rows, 2);
    assert.deepEqual(pool.counts(), {
      total: 999,
      ready: 997,
      cooling: 0,
      exhausted: 0,
      rejected: 1,
      disabled: 1,
      inFlight: 0,
    });
    assert.equal(use(pool), added[3]?.id);
  }));

Deno.test("reload() of everything makes the memory equal to the database", () =>
  withDatabase(async (db) => {
    const { live, clientKeys, reloads } = memoryOver(db);
    clientKeys.set({
      hash: "hash of env",
      clientKey: {
        ...UNBOUND,
        id: "env-1",
        name: "environment 1",
        lastFour: "",
        isEnabled: true,
        createdAtMs: 0,
      },
    });
    const [gone, kept] = [
      await createProvider(db, { ...DRAFT, slug: "gone" }, DEFAULTS, stamp),
      await createProvider(db, { ...DRAFT, slug: "kept" }, DEFAULTS, stamp),
    ];
    const draft = { ...UNBOUND, name: "mine", secret: new Secret("kt_mine_00001") };
    const { clientKey } = await createClientKey(db, (key) => `hash of ${key}`, draft, stamp);
    await addProviderKeys(db, keyring, kept.id, entriesOf(5), stamp);
    await reload(reloads, "everything");
    const ofKept = live.find("kept")?.pool;

    await deleteProvider(db, gone.id);
    await createProvider(db, { ...DRAFT, slug: "new" }, DEFAULTS, stamp);
    const [deleted] = await loadProviderKeys(db, kept.id);
    await deleteProviderKeys(db, [deleted?.key.id ?? ""]);
    await addProviderKeys(db, keyring, kept.id, [{ secret: new Secret("sk-one-more") }], stamp);
    await deleteClientKey(db, clientKey.id);
    await reload(reloads, "everything");

    assert.deepEqual(live.list().map(({ provider }) => provider.slug), ["kept", "new"]);
    assert.equal(live.find("kept")?.pool, ofKept);
    const stored = await loadProviderKeys(db, kept.id);
    assert.deepEqual(
      ofKept?.entries(0, 10).map(({ key }) => key.id).toSorted(),
      stored.map(({ key }) => key.id).toSorted(),
    );
    assert.deepEqual(clientKeys.list().map(({ id }) => id), ["env-1"]);
  }));

Deno.test("reload() keeps slugs apart that two providers have exchanged", () =>
  withDatabase(async (db) => {
    const { live, reloads } = memoryOver(db);
    const one = await createProvider(db, { ...DRAFT, slug: "x" }, DEFAULTS, stamp);
    const other = await createProvider(db, { ...DRAFT, slug: "y" }, DEFAULTS, stamp);
    await reload(reloads, "everything");
    await setProvider(db, { ...one, slug: "z" }, DEFAULTS);
    await setProvider(db, { ...other, slug: "x" }, DEFAULTS);
    await setProvider(db, { ...one, slug: "y" }, DEFAULTS);

    await reload(reloads, [{ kind: "provider", ids: [one.id, other.id] }]);

    assert.equal(live.find("x")?.provider.id, other.id);
    assert.equal(live.find("y")?.provider.id, one.id);
    assert.equal(live.find("z"), undefined);
  }));

Deno.test("reload() refuses a client key from the moment it is disabled or deleted", () =>
  withDatabase(async (db) => {
    const { clientKeys, reloads } = memoryOver(db);
    const draft = { ...UNBOUND, name: "mine", secret: new Secret("kt_mine_00001") };
    const { clientKey } = await createClientKey(db, (key) => `hash of ${key}`, draft, stamp);
    const change = [{ kind: "client_key", ids: [clientKey.id] }] as const;
    const isServed = () => clientKeys.authenticate("kt_mine_00001", 0) !== undefined;

    await reload(reloads, change);
    const atFirst = isServed();
    await setClientKey(db, { ...clientKey, isEnabled: false });
    await reload(reloads, change);
    const disabled = isServed();
    await setClientKey(db, clientKey);
    await reload(reloads, change);
    const again = isServed();
    await deleteClientKey(db, clientKey.id);
    await reload(reloads, change);

    assert.deepEqual([atFirst, disabled, again, isServed()], [true, false, true, false]);
  }));
