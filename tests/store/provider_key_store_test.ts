import assert from "node:assert/strict";
import { Secret } from "../../src/core/secret.ts";
import { addProviderKeys } from "../../src/store/provider_key_import.ts";
import {
  countProviderKeys,
  findProviderKey,
  findProviderKeyId,
  listProviderKeys,
  loadProviderKeys,
  setProviderKey,
  setSealedSecret,
} from "../../src/store/provider_key_store.ts";
import { NOW_MS, testKeyring, testStamp, withProvider } from "./support.ts";

const entries = (...secrets: string[]) => secrets.map((secret) => ({ secret: new Secret(secret) }));

Deno.test("addProviderKeys() stores every field, and the secret sealed to its row only", () =>
  withProvider(async (db, providerId) => {
    const keyring = testKeyring();
    const wanted = {
      isEnabled: false,
      weight: 5,
      priority: 2,
      account: "org-1",
      maxRequests: 100,
      tags: ["free", "eu"],
      metadata: { owner: "Ann", since: 2026 },
    };

    const { added, duplicates } = await addProviderKeys(
      db,
      keyring,
      providerId,
      [{ secret: new Secret("sk-test-abcdwxyz"), ...wanted }],
      testStamp(),
    );

    const [key] = added;
    assert.ok(key);
    assert.deepEqual(key, { ...wanted, id: key.id, providerId, lastFour: "wxyz", createdAtMs: NOW_MS });
    assert.equal(duplicates, 0);
    const stored = await findProviderKey(db, key.id);
    assert.deepEqual(stored?.key, key);
    assert.equal(keyring.open(stored.sealedSecret, key.id).reveal(), "sk-test-abcdwxyz");
    const [row] = await db.read("SELECT * FROM provider_keys");
    assert.doesNotMatch(JSON.stringify(row), /sk-test|abcd/);
  }));

Deno.test("addProviderKeys() counts secrets that are there already, or stand twice in the list", () =>
  withProvider(async (db, providerId) => {
    const [keyring, stamp] = [testKeyring(), testStamp()];
    await addProviderKeys(db, keyring, providerId, entries("sk-1", "sk-2"), stamp);

    const result = await addProviderKeys(
      db,
      keyring,
      providerId,
      entries("sk-2", "sk-3", "sk-3", "sk-4"),
      stamp,
    );

    assert.equal(result.duplicates, 2);
    assert.equal(result.added.length, 2);
    assert.deepEqual(await countProviderKeys(db), new Map([[providerId, 4]]));
    assert.equal(
      await findProviderKeyId(db, providerId, keyring.fingerprint(new Secret("sk-4"))),
      result.added[1]?.id,
    );
  }));

Deno.test("addProviderKeys() refuses a provider that does not exist", () =>
  withProvider(async (db) => {
    const added = addProviderKeys(db, testKeyring(), "none", entries("sk-1"), testStamp());

    await assert.rejects(added, { code: "SQLITE_CONSTRAINT" });
  }));

Deno.test("a secret whose row was swapped with another's does not open", () =>
  withProvider(async (db, providerId) => {
    const keyring = testKeyring();
    const { added: [a, b] } = await addProviderKeys(
      db,
      keyring,
      providerId,
      entries("sk-1", "sk-2"),
      testStamp(),
    );
    assert.ok(a && b);
    await db.write([{
      sql: "UPDATE provider_keys SET sealed_secret = (SELECT sealed_secret FROM provider_keys WHERE id = ?)",
      args: [b.id],
    }]);

    const swapped = await findProviderKey(db, a.id);

    assert.ok(swapped);
    assert.throws(() => keyring.open(swapped.sealedSecret, a.id), { name: "SealError", fault: "broken" });
  }));

Deno.test("listProviderKeys() pages through all keys in the order they were added", () =>
  withProvider(async (db, providerId) => {
    const secrets = Array.from({ length: 250 }, (_, index) => `sk-${index}`);
    const { added } = await addProviderKeys(db, testKeyring(), providerId, entries(...secrets), testStamp());

    const listed = [];
    for (let afterId = "";;) {
      const page = await listProviderKeys(db, { providerId, afterId, limit: 100 });
      listed.push(...page);
      afterId = page.at(-1)?.id ?? "";
      if (page.length < 100) break;
    }

    assert.deepEqual(listed, added);
    assert.deepEqual((await loadProviderKeys(db)).map(({ key }) => key), added);
    assert.deepEqual(await loadProviderKeys(db, "none"), []);
  }));

Deno.test("setProviderKey() replaces what an operator may change, and nothing else", () =>
  withProvider(async (db, providerId) => {
    const { added: [key] } = await addProviderKeys(
      db,
      testKeyring(),
      providerId,
      entries("sk-1"),
      testStamp(),
    );
    assert.ok(key);
    const wanted = { ...key, weight: 9, priority: 3, account: "org-2", tags: ["paid"], metadata: { a: 1 } };

    assert.equal(await setProviderKey(db, { ...wanted, lastFour: "????", createdAtMs: 0 }), true);
    assert.equal(await setProviderKey(db, { ...wanted, id: "none" }), false);

    assert.deepEqual((await findProviderKey(db, key.id))?.key, wanted);
  }));

Deno.test("setSealedSecret() seals a row anew unless it has changed meanwhile", () =>
  withProvider(async (db, providerId) => {
    const [old, renewed, secret] = [testKeyring(), testKeyring(), new Secret("sk-1")];
    const { added: [key] } = await addProviderKeys(db, old, providerId, [{ secret }], testStamp());
    assert.ok(key);
    const before = (await findProviderKey(db, key.id))?.sealedSecret ?? "";
    const anew = { sealedSecret: renewed.seal(secret, key.id), fingerprint: renewed.fingerprint(secret) };

    assert.equal(await setSealedSecret(db, key.id, before, anew), true);
    assert.equal(await setSealedSecret(db, key.id, before, anew), false);

    const after = await findProviderKey(db, key.id);
    assert.equal(renewed.open(after?.sealedSecret ?? "", key.id).reveal(), "sk-1");
  }));
