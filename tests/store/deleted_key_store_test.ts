import assert from "node:assert/strict";
import { createSecretKey } from "node:crypto";
import { Secret } from "../../src/core/secret.ts";
import { type Database } from "../../src/store/database.ts";
import { resealDeletedKeys } from "../../src/store/deleted_key_reseal.ts";
import {
  countDeletedKeys,
  DELETED_KEPT_MS,
  deleteKeysFor,
  listDeletedKeys,
  restoreKeys,
} from "../../src/store/deleted_key_store.ts";
import {
  createKeyChange,
  deleteOldKeyChanges,
  findKeyChange,
  type KeyChange,
} from "../../src/store/key_change_store.ts";
import { createKeyring } from "../../src/store/keyring.ts";
import { addProviderKeys } from "../../src/store/provider_key_import.ts";
import { loadProviderKeys } from "../../src/store/provider_key_store.ts";
import { NOW_MS, testKeyring, testStamp, withProvider } from "./support.ts";

const CHANGE: KeyChange = {
  id: "change-1",
  action: "delete",
  actor: "Ann",
  detail: { providers: ["openai"] },
  state: "done",
  total: 2,
  done: 2,
  changed: 2,
  createdAtMs: NOW_MS,
  updatedAtMs: NOW_MS,
};
const entries = (...secrets: string[]) =>
  secrets.map((secret) => ({ secret: new Secret(secret), weight: 7 }));

async function deleteAll(db: Database, ids: readonly string[]): Promise<void> {
  await createKeyChange(db, CHANGE);
  await deleteKeysFor(db, CHANGE, ids);
}

Deno.test("restoreKeys() brings keys back as they were, but not one whose secret was added again", () =>
  withProvider(async (db, providerId) => {
    const [keyring, stamp] = [testKeyring(), testStamp()];
    const { added } = await addProviderKeys(db, keyring, providerId, entries("sk-1", "sk-2"), stamp);
    const before = await loadProviderKeys(db);
    await deleteAll(db, added.map(({ id }) => id));
    const { added: [again] } = await addProviderKeys(db, keyring, providerId, entries("sk-2"), stamp);

    const deleted = await countDeletedKeys(db, [CHANGE.id, "other"]);
    const back = await restoreKeys(db, CHANGE, await listDeletedKeys(db, CHANGE.id, 10));

    assert.deepEqual([...deleted], [[CHANGE.id, 2]]);
    assert.deepEqual(back, [added[0]?.id]);
    const after = await loadProviderKeys(db);
    assert.deepEqual(after.map(({ key }) => key.id), [added[0]?.id, again?.id]);
    assert.deepEqual(after[0], before[0]);
    assert.deepEqual(await listDeletedKeys(db, CHANGE.id, 10), []);
  }));

Deno.test("deleteOldKeyChanges() forgets deleted keys for good once their time is over, and not before", () =>
  withProvider(async (db, providerId) => {
    const { added } = await addProviderKeys(
      db,
      testKeyring(),
      providerId,
      entries("sk-1", "sk-2"),
      testStamp(),
    );
    await deleteAll(db, added.map(({ id }) => id));
    const late = NOW_MS + DELETED_KEPT_MS;

    const early = await deleteOldKeyChanges(db, late, NOW_MS, 100);
    const rounds = [
      await deleteOldKeyChanges(db, late, late, 1),
      await deleteOldKeyChanges(db, late, late, 1),
      await deleteOldKeyChanges(db, late, late, 1),
    ];

    assert.deepEqual([early, rounds], [0, [1, 1, 0]]);
    assert.equal(await findKeyChange(db, CHANGE.id), undefined);
  }));

Deno.test("resealDeletedKeys() lets keys come back after the master key was rotated", () =>
  withProvider(async (db, providerId) => {
    const [old, next] = [1, 2].map((fill) => createSecretKey(new Uint8Array(32).fill(fill)));
    assert.ok(old !== undefined && next !== undefined);
    const { added } = await addProviderKeys(db, createKeyring(old), providerId, entries("sk-1"), testStamp());
    await deleteAll(db, added.map(({ id }) => id));

    const sealed = [
      await resealDeletedKeys(db, createKeyring(next, [old])),
      await resealDeletedKeys(db, createKeyring(next, [old])),
    ];
    await restoreKeys(db, CHANGE, added.map(({ id }) => id));

    const [back] = await loadProviderKeys(db);
    assert.deepEqual(sealed, [1, 0]);
    assert.ok(back !== undefined);
    assert.equal(createKeyring(next).open(back.sealedSecret, back.key.id).reveal(), "sk-1");
  }));
