import assert from "node:assert/strict";
import { Secret } from "../../src/core/secret.ts";
import { createClientKeyHash } from "../../src/store/client_key_hash.ts";
import {
  createClientKey,
  deleteClientKey,
  findClientKey,
  listClientKeys,
  setClientKey,
  setClientKeyHash,
} from "../../src/store/client_key_store.ts";
import { NOW_MS, testKeyring, testStamp, withDatabase } from "./support.ts";

const hash = createClientKeyHash(testKeyring().deriveKey("client_key_hash"));
const secret = new Secret("kt-0123456789abcdef");

Deno.test("createClientKey() stores the hash and never the secret", () =>
  withDatabase(async (db) => {
    const created = await createClientKey(
      db,
      hash,
      { name: "CI", secret, expiresAtMs: NOW_MS + 1 },
      testStamp(),
    );

    assert.deepEqual(await findClientKey(db, created.clientKey.id), created);
    assert.deepEqual(created, {
      hash: hash(secret.reveal()),
      clientKey: {
        id: created.clientKey.id,
        name: "CI",
        lastFour: "cdef",
        isEnabled: true,
        expiresAtMs: NOW_MS + 1,
        createdAtMs: NOW_MS,
      },
    });
    const rows = await db.read("SELECT * FROM client_keys");
    assert.doesNotMatch(JSON.stringify(rows), /kt-0123/);
  }));

Deno.test("createClientKey() refuses a secret that is stored already", () =>
  withDatabase(async (db) => {
    const stamp = testStamp();
    await createClientKey(db, hash, { name: "one", secret }, stamp);

    await assert.rejects(createClientKey(db, hash, { name: "two", secret }, stamp), { fault: "taken" });
  }));

Deno.test("setClientKey(), setClientKeyHash() and deleteClientKey() tell when there is no such key", () =>
  withDatabase(async (db) => {
    const { clientKey } = await createClientKey(db, hash, { name: "one", secret }, testStamp());
    const changed = { ...clientKey, name: "two", isEnabled: false, expiresAtMs: NOW_MS };

    assert.equal(await setClientKey(db, changed), true);
    assert.equal(await setClientKeyHash(db, clientKey.id, "other"), true);
    assert.deepEqual(await listClientKeys(db), [{ clientKey: changed, hash: "other" }]);

    assert.equal(await deleteClientKey(db, clientKey.id), true);
    assert.equal(await deleteClientKey(db, clientKey.id), false);
    assert.equal(await setClientKey(db, changed), false);
    assert.equal(await setClientKeyHash(db, clientKey.id, "other"), false);
    assert.equal(await findClientKey(db, clientKey.id), undefined);
  }));
