import assert from "node:assert/strict";
import type { CredentialPlace } from "../../src/core/provider.ts";
import { Secret } from "../../src/core/secret.ts";
import { addProviderKeys } from "../../src/store/provider_key_import.ts";
import { listProviderKeys } from "../../src/store/provider_key_store.ts";
import {
  createProvider,
  deleteProvider,
  findProvider,
  listProviders,
  setProvider,
} from "../../src/store/provider_store.ts";
import { DEFAULTS, DRAFT, testKeyring, testStamp, withDatabase } from "./support.ts";

Deno.test("createProvider() stores every field", () =>
  withDatabase(async (db) => {
    const credentials: CredentialPlace[] = [
      { kind: "bearer" },
      { kind: "header", name: "x-api-key" },
      { kind: "header", name: "authorization", prefix: "Key " },
      { kind: "query", name: "key" },
      { kind: "basic" },
    ];
    const stamp = testStamp();

    for (const [index, credential] of credentials.entries()) {
      const draft = {
        ...DRAFT,
        slug: `p${index}`,
        credential,
        isEnabled: index === 0,
        allowedMethods: ["GET"],
        translate: "openai_compatible" as const,
      };
      const created = await createProvider(db, draft, DEFAULTS, stamp);

      assert.deepEqual(await findProvider(db, created.id, DEFAULTS), { ...draft, id: created.id });
    }
  }));

Deno.test("findProvider() lays the overrides over the defaults of today", () =>
  withDatabase(async (db) => {
    const policy = { ...DEFAULTS, maxAttempts: 7 };
    const { id } = await createProvider(db, { ...DRAFT, policy }, DEFAULTS, testStamp());

    const found = await findProvider(db, id, { ...DEFAULTS, maxAttempts: 2, deadlineMs: 1 });

    assert.deepEqual(found?.policy, { ...DEFAULTS, maxAttempts: 7, deadlineMs: 1 });
  }));

Deno.test("listProviders() orders by priority, then slug", () =>
  withDatabase(async (db) => {
    const stamp = testStamp();
    for (const [slug, priority] of [["c", 1], ["b", 2], ["a", 2]] as const) {
      await createProvider(db, { ...DRAFT, slug, priority }, DEFAULTS, stamp);
    }

    const listed = await listProviders(db, DEFAULTS);

    assert.deepEqual(listed.map(({ slug }) => slug), ["c", "a", "b"]);
  }));

Deno.test("setProvider() replaces the fields, and tells when there is no such provider", () =>
  withDatabase(async (db) => {
    const provider = await createProvider(db, DRAFT, DEFAULTS, testStamp());
    const renamed = { ...provider, name: "Other", isEnabled: false, models: [] };

    assert.equal(await setProvider(db, renamed, DEFAULTS), true);
    assert.equal(await setProvider(db, { ...renamed, id: "none", slug: "none" }, DEFAULTS), false);

    assert.deepEqual(await findProvider(db, provider.id, DEFAULTS), renamed);
  }));

Deno.test("createProvider() and setProvider() refuse a slug that is taken", () =>
  withDatabase(async (db) => {
    const stamp = testStamp();
    await createProvider(db, DRAFT, DEFAULTS, stamp);
    const other = await createProvider(db, { ...DRAFT, slug: "other" }, DEFAULTS, stamp);

    const taken = { fault: "taken", message: "Cannot save provider: slug openai is taken" };
    await assert.rejects(createProvider(db, DRAFT, DEFAULTS, stamp), taken);
    await assert.rejects(setProvider(db, { ...other, slug: "openai" }, DEFAULTS), taken);
  }));

Deno.test("deleteProvider() takes the keys along, and no other provider's", () =>
  withDatabase(async (db) => {
    const [stamp, keyring] = [testStamp(), testKeyring()];
    const gone = await createProvider(db, DRAFT, DEFAULTS, stamp);
    const kept = await createProvider(db, { ...DRAFT, slug: "kept" }, DEFAULTS, stamp);
    for (const { id } of [gone, kept]) {
      await addProviderKeys(db, keyring, id, [{ secret: new Secret("sk-same-secret") }], stamp);
    }

    assert.equal(await deleteProvider(db, gone.id), true);
    assert.equal(await deleteProvider(db, gone.id), false);

    const left = await listProviderKeys(db, { limit: 10 });
    assert.deepEqual(left.map(({ providerId }) => providerId), [kept.id]);
  }));

Deno.test("findProvider() names the column of a row that does not read", () =>
  withDatabase(async (db) => {
    const { id } = await createProvider(db, DRAFT, DEFAULTS, testStamp());
    await db.write([{ sql: 'UPDATE providers SET credential = \'{"kind":"sk-secret"}\'' }]);

    await assert.rejects(findProvider(db, id, DEFAULTS), {
      fault: "bad_row",
      message: "Cannot read stored row: column credential has a value of the wrong kind",
    });
  }));
