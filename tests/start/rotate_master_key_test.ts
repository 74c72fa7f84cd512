import assert from "node:assert/strict";
import { Secret } from "../../src/core/secret.ts";
import { fileUrl } from "../../src/core/file_url.ts";
import { openKeyring } from "../../src/start/open_keyring.ts";
import { rotateMasterKey } from "../../src/start/rotate_master_key.ts";
import { openDatabase } from "../../src/store/database.ts";
import { createKeyring } from "../../src/store/keyring.ts";
import {
  createMasterKey,
  isSameMasterKey,
  MasterKeyError,
  readMasterKeyFile,
  writeMasterKeys,
} from "../../src/store/master_key.ts";
import { migrate } from "../../src/store/migrations.ts";
import { addProviderKeys } from "../../src/store/provider_key_import.ts";
import { loadProviderKeys } from "../../src/store/provider_key_store.ts";
import { createProvider } from "../../src/store/provider_store.ts";
import { DEFAULTS, DRAFT, testStamp } from "../store/support.ts";

const entries = (...secrets: string[]) => secrets.map((secret) => ({ secret: new Secret(secret) }));

/** A database with a provider, and the master key that it was begun with. */
async function begunDatabase() {
  const folder = await Deno.makeTempDir();
  const db = await openDatabase({ url: fileUrl(`${folder}/test.db`) });
  await migrate(db);
  const config = {
    masterKey: undefined,
    masterKeyPrevious: undefined,
    masterKeyFile: `${folder}/master.key`,
  };
  const provider = await createProvider(db, DRAFT, DEFAULTS, testStamp());
  return {
    db,
    config,
    providerId: provider.id,
    keyring: await openKeyring(config, db),
    secrets: async () => {
      const keyring = await openKeyring(config, db);
      return (await loadProviderKeys(db)).map((row) => keyring.open(row.sealedSecret, row.key.id).reveal());
    },
    async [Symbol.asyncDispose]() {
      await db.close();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

const settle = () => Promise.resolve();

Deno.test("rotateMasterKey() takes up what broke off, and keeps the old master key until then", async () => {
  await using place = await begunDatabase();
  const { db, config, keyring, providerId } = place;
  await addProviderKeys(db, keyring, providerId, entries("sk-1", "sk-2", "sk-3"), testStamp());
  const begun = await readMasterKeyFile(config.masterKeyFile);
  const breakOff = () => Promise.reject(new Error("killed"));

  await assert.rejects(rotateMasterKey({ db, config, settle: breakOff }), /killed/);
  const between = await readMasterKeyFile(config.masterKeyFile);
  const secretsBetween = await place.secrets();
  const rotation = await rotateMasterKey({ db, config, settle });

  assert.equal(between?.previous.length, 1);
  assert.deepEqual(secretsBetween, ["sk-1", "sk-2", "sk-3"]);
  assert.deepEqual([rotation.isDone, rotation.sealed], [true, 0]);
  const ended = await readMasterKeyFile(config.masterKeyFile);
  assert.ok(begun && between && ended);
  assert.ok(
    isSameMasterKey(ended.masterKey, between.masterKey) && !isSameMasterKey(ended.masterKey, begun.masterKey),
  );
  assert.deepEqual(ended.previous, []);
  assert.deepEqual(await place.secrets(), ["sk-1", "sk-2", "sk-3"]);
  const kept = await readMasterKeyFile(rotation.keptIn ?? "");
  assert.ok(kept && isSameMasterKey(kept.masterKey, begun.masterKey));
});

Deno.test("rotateMasterKey() seals what comes in while it settles", async () => {
  await using place = await begunDatabase();
  const { db, config, providerId } = place;
  const begun = await readMasterKeyFile(config.masterKeyFile);
  assert.ok(begun);
  // An instance that has begun a write before it could know of the new master key.
  const late = () =>
    addProviderKeys(db, createKeyring(begun.masterKey), providerId, entries("sk-late"), testStamp());

  const rotation = await rotateMasterKey({ db, config, settle: async () => void await late() });

  assert.equal(rotation.isDone, true);
  assert.deepEqual(await place.secrets(), ["sk-late"]);
});

Deno.test("rotateMasterKey() is not done while a key stands there twice, and is once one is gone", async () => {
  await using place = await begunDatabase();
  const { db, config, keyring, providerId } = place;
  await addProviderKeys(db, keyring, providerId, entries("sk-1"), testStamp());
  const begun = await readMasterKeyFile(config.masterKeyFile);
  assert.ok(begun);
  const newest = createMasterKey();
  await writeMasterKeys(config.masterKeyFile, [newest, begun.masterKey]);
  // The same key again, whose old row has a fingerprint that the new master key does not give.
  const instance = createKeyring(newest, [begun.masterKey]);
  await addProviderKeys(db, instance, providerId, entries("sk-1"), testStamp());

  const rotation = await rotateMasterKey({ db, config, settle });

  assert.equal(rotation.isDone, false);
  assert.equal(rotation.duplicateIds.length, 1);
  await db.write([{ sql: "DELETE FROM provider_keys WHERE id = ?", args: [rotation.duplicateIds[0] ?? ""] }]);
  assert.equal((await rotateMasterKey({ db, config, settle })).isDone, true);
  assert.deepEqual(await place.secrets(), ["sk-1"]);
});

Deno.test("rotateMasterKey() leaves what derives from the first master key for good as it was", async () => {
  await using place = await begunDatabase();
  const { db, config, keyring } = place;

  await rotateMasterKey({ db, config, settle });

  const renewed = await openKeyring(config, db);
  assert.deepEqual(renewed.deriveKey("client_key_hash"), keyring.deriveKey("client_key_hash"));
  assert.notDeepEqual(renewed.deriveKey("session"), keyring.deriveKey("session"));
});

Deno.test("rotateMasterKey() refuses a master key file that is missing, or not the database's", async () => {
  await using place = await begunDatabase();
  const { db, config } = place;
  await writeMasterKeys(config.masterKeyFile, [createMasterKey()]);

  await assert.rejects(rotateMasterKey({ db, config, settle }), MasterKeyError);
  await Deno.remove(config.masterKeyFile);
  await assert.rejects(rotateMasterKey({ db, config, settle }), /is missing/);

  await assert.rejects(Deno.stat(config.masterKeyFile), Deno.errors.NotFound);
});

Deno.test("openKeyring() follows the file: it seals with the new master key and opens what the old one sealed", async () => {
  await using place = await begunDatabase();
  const { db, config, keyring } = place;
  const old = keyring.seal(new Secret("sk-1"), "row");

  await rotateMasterKey({ db, config, settle });

  const renewed = keyring.seal(new Secret("sk-2"), "row");
  assert.equal(keyring.open(old, "row").reveal(), "sk-1");
  assert.equal(keyring.isCurrent(old), false);
  const after = await openKeyring(config, db);
  assert.equal(after.open(renewed, "row").reveal(), "sk-2");
  assert.equal(after.fingerprint(new Secret("sk-1")), keyring.fingerprint(new Secret("sk-1")));
});
