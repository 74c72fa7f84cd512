import assert from "node:assert/strict";
import { GROUP_STRATEGIES } from "../../src/core/group.ts";
import type { Database } from "../../src/store/database.ts";
import {
  createGroup,
  deleteGroup,
  findGroup,
  type GroupDraft,
  listGroups,
  setGroup,
} from "../../src/store/group_store.ts";
import { createProvider, deleteProvider, setProvider } from "../../src/store/provider_store.ts";
import type { Stamp } from "../../src/store/stamp.ts";
import { DEFAULTS, DRAFT, testStamp, withDatabase } from "./support.ts";

const GROUP: GroupDraft = { slug: "team", name: "Team", isEnabled: true, strategy: "weighted", members: [] };

/** A fresh database with the providers "a", "b" and "c"; gives their ids. */
function withProviders(
  test: (db: Database, ids: [string, string, string], stamp: Stamp) => Promise<void>,
): Promise<void> {
  return withDatabase(async (db) => {
    const stamp = testStamp();
    const create = async (slug: string) => (await createProvider(db, { ...DRAFT, slug }, DEFAULTS, stamp)).id;
    await test(db, [await create("a"), await create("b"), await create("c")], stamp);
  });
}

function member(providerId: string, fields = {}) {
  return { providerId, tier: 0, weight: 1, isEnabled: true, ...fields };
}

Deno.test("createGroup() stores every field, and the members in their order", () =>
  withProviders(async (db, [a, b, c], stamp) => {
    const members = [member(c, { tier: 1, weight: 1000 }), member(a, { isEnabled: false }), member(b)];

    for (const strategy of GROUP_STRATEGIES) {
      const draft = { ...GROUP, slug: `g-${strategy}`, strategy, isEnabled: false, members };
      const created = await createGroup(db, draft, stamp);

      assert.deepEqual(created, { ...draft, id: created.id });
      assert.deepEqual(await findGroup(db, created.id), created);
    }
    assert.deepEqual(
      (await listGroups(db)).map(({ strategy }) => strategy),
      GROUP_STRATEGIES.toSorted(),
    );
  }));

Deno.test("createGroup() and setGroup() leave out members whose provider is gone", () =>
  withProviders(async (db, [a, b], stamp) => {
    const created = await createGroup(db, { ...GROUP, members: [member("gone"), member(a)] }, stamp);

    const changed = await setGroup(db, { ...created, members: [member(b), member("gone")] });

    assert.deepEqual(created.members, [member(a)]);
    assert.deepEqual(changed?.members, [member(b)]);
    assert.deepEqual(await findGroup(db, created.id), changed);
  }));

Deno.test("setGroup() replaces fields and members, and gives undefined when there is no such group", () =>
  withProviders(async (db, [a, b], stamp) => {
    const created = await createGroup(db, { ...GROUP, members: [member(a), member(b)] }, stamp);
    const changed = { ...created, slug: "other", name: "Other", members: [member(b, { weight: 7 })] };

    assert.deepEqual(await setGroup(db, changed), changed);
    assert.equal(await setGroup(db, { ...changed, id: "none", slug: "none" }), undefined);

    assert.deepEqual(await listGroups(db), [changed]);
    assert.equal((await createGroup(db, GROUP, stamp)).slug, "team", "a slug that was given up is free");
  }));

Deno.test("groups and providers refuse each other's slugs, and nothing is half written", () =>
  withProviders(async (db, [a], stamp) => {
    const group = await createGroup(db, { ...GROUP, members: [member(a)] }, stamp);
    const provider = { ...DRAFT, id: a, slug: "a" };
    const taken = (what: string, slug: string) => ({
      fault: "taken",
      message: `Cannot save ${what}: slug ${slug} is taken`,
    });

    await assert.rejects(createGroup(db, { ...GROUP, slug: "a" }, stamp), taken("group", "a"));
    await assert.rejects(createGroup(db, GROUP, stamp), taken("group", "team"));
    await assert.rejects(setGroup(db, { ...group, slug: "b", members: [] }), taken("group", "b"));
    await assert.rejects(
      createProvider(db, { ...DRAFT, slug: "team" }, DEFAULTS, stamp),
      taken("provider", "team"),
    );
    await assert.rejects(
      setProvider(db, { ...provider, slug: "team" }, DEFAULTS),
      taken("provider", "team"),
    );

    assert.deepEqual(await listGroups(db), [group]);
  }));

Deno.test("of a group and a provider that take one slug at the same time, one gets it", () =>
  withDatabase(async (db) => {
    const stamp = testStamp();

    const results = await Promise.allSettled([
      createGroup(db, { ...GROUP, slug: "wanted" }, stamp),
      createProvider(db, { ...DRAFT, slug: "wanted" }, DEFAULTS, stamp),
    ]);

    assert.deepEqual(results.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
  }));

Deno.test("deleteProvider() takes its places in groups along, and frees its slug", () =>
  withProviders(async (db, [a, b], stamp) => {
    const { id } = await createGroup(db, { ...GROUP, members: [member(a), member(b)] }, stamp);

    await deleteProvider(db, a);

    assert.deepEqual((await findGroup(db, id))?.members, [member(b)]);
    assert.equal((await createGroup(db, { ...GROUP, slug: "a" }, stamp)).slug, "a");
  }));

Deno.test("deleteGroup() leaves its providers, frees its slug, and tells when there is no such group", () =>
  withProviders(async (db, [a], stamp) => {
    const { id } = await createGroup(db, { ...GROUP, members: [member(a)] }, stamp);

    assert.equal(await deleteGroup(db, id), true);
    assert.equal(await deleteGroup(db, id), false);

    assert.equal(await findGroup(db, id), undefined);
    assert.equal((await db.read("SELECT * FROM group_members")).length, 0);
    assert.equal((await createProvider(db, { ...DRAFT, slug: "team" }, DEFAULTS, stamp)).slug, "team");
    assert.equal((await db.read("SELECT * FROM providers")).length, 4);
  }));

Deno.test("findGroup() refuses a strategy that it does not know", () =>
  withProviders(async (db, _ids, stamp) => {
    const { id } = await createGroup(db, GROUP, stamp);
    await db.write([{ sql: "UPDATE groups SET strategy = 'psychic'" }]);

    await assert.rejects(findGroup(db, id), {
      fault: "bad_row",
      message: "Cannot read stored group: unknown strategy psychic",
    });
  }));
