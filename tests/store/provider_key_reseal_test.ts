import assert from "node:assert/strict";
import { createSecretKey } from "node:crypto";
import { Secret } from "../../src/core/secret.ts";
import { createKeyring } from "../../src/store/keyring.ts";
import { addProviderKeys } from "../../src/store/provider_key_import.ts";
import { resealProviderKeys } from "../../src/store/provider_key_reseal.ts";
import { findProviderKey, loadProviderKeys } from "../../src/store/provider_key_store.ts";
import { testKeyring, testStamp, withProvider } from "./support.ts";

const masterKey = () => createSecretKey(crypto.getRandomValues(new Uint8Array(32)));
const entries = (...secrets: string[]) => secrets.map((secret) => ({ secret: new Secret(secret) }));

Deno.test("resealProviderKeys() makes the previous master key needless, and duplicates are still found", () =>
  withProvider(async (db, providerId) => {
    const [previous, newest, stamp] = [masterKey(), masterKey(), testStamp()];
    await addProviderKeys(db, createKeyring(previous), providerId, entries("sk-1", "sk-2", "sk-3"), stamp);

    const first = await resealProviderKeys(db, createKeyring(newest, [previous]));
    const second = await resealProviderKeys(db, createKeyring(newest, [previous]));

    assert.deepEqual([first, second].map(({ count }) => count), [3, 0]);
    assert.deepEqual(second, { count: 0, brokenIds: [], duplicateIds: [] });
    const alone = createKeyring(newest);
    const secrets = (await loadProviderKeys(db)).map((row) =>
      alone.open(row.sealedSecret, row.key.id).reveal()
    );
    assert.deepEqual(secrets, ["sk-1", "sk-2", "sk-3"]);
    assert.equal((await addProviderKeys(db, alone, providerId, entries("sk-2"), stamp)).duplicates, 1);
  }));

Deno.test("resealProviderKeys() leaves what does not open, and what was added again, as it is", () =>
  withProvider(async (db, providerId) => {
    const [previous, newest, stamp] = [masterKey(), masterKey(), testStamp()];
    const keyring = createKeyring(newest, [previous]);
    const { added: [foreign] } = await addProviderKeys(db, testKeyring(), providerId, entries("sk-1"), stamp);
    const { added: [again] } = await addProviderKeys(
      db,
      createKeyring(previous),
      providerId,
      entries("sk-2"),
      stamp,
    );
    await addProviderKeys(db, keyring, providerId, entries("sk-2"), stamp);
    const before = await findProviderKey(db, foreign?.id ?? "");

    const result = await resealProviderKeys(db, keyring);

    assert.deepEqual(result, { count: 0, brokenIds: [foreign?.id], duplicateIds: [again?.id] });
    assert.deepEqual(await findProviderKey(db, foreign?.id ?? ""), before);
  }));

Deno.test("resealProviderKeys() seals deleted keys anew, too, so that their deletion can still be undone", () =>
  withProvider(async (db, providerId) => {
    const [previous, newest] = [masterKey(), masterKey()];
    const sealed = createKeyring(previous).seal(new Secret("sk-gone"), "k-gone");
    await db.write([
      {
        sql: `INSERT INTO key_changes (id, action, actor, detail, state, total, done, changed, created_at_ms,
                updated_at_ms) VALUES ('change', 'delete', 'Ann', '{}', 'done', 1, 1, 1, 0, 0)`,
      },
      {
        sql:
          `INSERT INTO deleted_provider_keys (id, change_id, provider_id, sealed_secret, fingerprint, last_four,
                enabled, weight, priority, tags, metadata, created_at_ms)
              VALUES ('k-gone', 'change', ?, ?, 'print', 'gone', 1, 1, 0, '[]', '{}', 0)`,
        args: [providerId, sealed],
      },
    ]);

    const result = await resealProviderKeys(db, createKeyring(newest, [previous]));

    assert.equal(result.count, 1);
    const [row] = await db.read("SELECT sealed_secret, fingerprint FROM deleted_provider_keys");
    const alone = createKeyring(newest);
    assert.equal(alone.open(String(row?.["sealed_secret"]), "k-gone").reveal(), "sk-gone");
    assert.equal(row?.["fingerprint"], alone.fingerprint(new Secret("sk-gone")));
  }));
