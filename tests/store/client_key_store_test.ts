import assert from "node:assert/strict";
import { Secret } from "../../src/core/secret.ts";
import { createClientKeyHash } from "../../src/store/client_key_hash.ts";
import {
  createClientKey,
  deleteClientKey,
  findClientKey,
  listClientKeys,
  rotateClientKey,
  setClientKey,
  setLastUsed,
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
        targets: [],
        models: [],
        networks: [],
        limits: {},
      },
    });
    const rows = await db.read("SELECT * FROM client_keys");
    assert.doesNotMatch(JSON.stringify(rows), /kt-0123/);
  }));

const BOUNDS = {
  targets: ["team", "openai"],
  models: ["gpt-*"],
  networks: ["10.0.0.0/8", "::1"],
  limits: { requestsPerMinute: 60, nanoDollarsPerMonth: 5_000_000_000 },
};

Deno.test("createClientKey() and setClientKey() store what the key is bound to", () =>
  withDatabase(async (db) => {
    const draft = { name: "CI", secret, ...BOUNDS, isEnabled: false };

    const { clientKey } = await createClientKey(db, hash, draft, testStamp());
    const created = await findClientKey(db, clientKey.id);
    const changed = { ...clientKey, targets: [], limits: { concurrency: 3 } };
    await setClientKey(db, changed);

    assert.deepEqual(created?.clientKey, {
      id: clientKey.id,
      name: "CI",
      lastFour: "cdef",
      createdAtMs: NOW_MS,
      isEnabled: false,
      ...BOUNDS,
    });
    assert.deepEqual((await findClientKey(db, clientKey.id))?.clientKey, changed);
  }));

Deno.test("findClientKey() drops a limit that it does not know, and names a limit of the wrong kind", () =>
  withDatabase(async (db) => {
    const { clientKey: { id } } = await createClientKey(db, hash, { name: "CI", secret }, testStamp());
    const store = (limits: string) =>
      db.write([{ sql: "UPDATE client_keys SET limits = ?", args: [limits] }]);

    await store('{"concurrency":2,"haikusPerDay":5}');
    assert.deepEqual((await findClientKey(db, id))?.clientKey.limits, { concurrency: 2 });

    await store('{"concurrency":"2"}');
    await assert.rejects(findClientKey(db, id), { fault: "bad_row", message: /column limits/ });
  }));

Deno.test("rotateClientKey() keeps the hash before until the grace ends, and none without grace", () =>
  withDatabase(async (db) => {
    const stamp = testStamp();
    const { clientKey } = await createClientKey(db, hash, { name: "CI", secret, ...BOUNDS }, stamp);
    const other = await createClientKey(db, hash, { name: "other", secret: new Secret("kt-other") }, stamp);

    const first = await rotateClientKey(db, clientKey.id, {
      hash: "second",
      lastFour: "2222",
      graceUntilMs: NOW_MS + 60_000,
    });
    const found = await findClientKey(db, clientKey.id);
    const last = await rotateClientKey(db, clientKey.id, { hash: "third", lastFour: "3333" });

    assert.deepEqual(first, {
      clientKey: { ...clientKey, lastFour: "2222" },
      hash: "second",
      previous: { hash: hash(secret.reveal()), graceUntilMs: NOW_MS + 60_000 },
    });
    assert.deepEqual(found, first);
    assert.deepEqual(last, { clientKey: { ...clientKey, lastFour: "3333" }, hash: "third" });
    assert.deepEqual(await findClientKey(db, other.clientKey.id), other);
    await assert.rejects(rotateClientKey(db, other.clientKey.id, { hash: "third", lastFour: "" }), {
      fault: "taken",
    });
    assert.equal(await rotateClientKey(db, "none", { hash: "fourth", lastFour: "" }), undefined);
  }));

Deno.test("setLastUsed() keeps the latest time of each key, and passes over unknown ones", () =>
  withDatabase(async (db) => {
    const stamp = testStamp();
    const ids: string[] = [];
    for (const name of ["one", "two", "never"]) {
      const draft = { name, secret: new Secret(`kt-secret-${name}`) };
      ids.push((await createClientKey(db, hash, draft, stamp)).clientKey.id);
    }
    const [one = "", two = ""] = ids;
    const many = Array.from({ length: 1200 }, (_, index) => ({ id: `gone-${index}`, lastUsedMs: 1 }));

    await setLastUsed(db, []);
    await setLastUsed(db, [{ id: one, lastUsedMs: 500 }, ...many, { id: two, lastUsedMs: 700 }]);
    await setLastUsed(db, [{ id: one, lastUsedMs: 400 }, { id: two, lastUsedMs: 800 }]);

    const stored = await listClientKeys(db);
    assert.deepEqual(stored.map(({ lastUsedMs }) => lastUsedMs), [500, 800, undefined]);
  }));

Deno.test("createClientKey() refuses a secret that is stored already", () =>
  withDatabase(async (db) => {
    const stamp = testStamp();
    await createClientKey(db, hash, { name: "one", secret }, stamp);

    await assert.rejects(createClientKey(db, hash, { name: "two", secret }, stamp), { fault: "taken" });
  }));

Deno.test("setClientKey() and deleteClientKey() tell when there is no such key", () =>
  withDatabase(async (db) => {
    const { clientKey } = await createClientKey(db, hash, { name: "one", secret }, testStamp());
    const changed = { ...clientKey, name: "two", isEnabled: false, expiresAtMs: NOW_MS };

    assert.equal(await setClientKey(db, changed), true);
    assert.deepEqual(await listClientKeys(db), [{ clientKey: changed, hash: hash(secret.reveal()) }]);

    assert.equal(await deleteClientKey(db, clientKey.id), true);
    assert.equal(await deleteClientKey(db, clientKey.id), false);
    assert.equal(await setClientKey(db, changed), false);
    assert.equal(await findClientKey(db, clientKey.id), undefined);
  }));
