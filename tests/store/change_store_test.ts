import assert from "node:assert/strict";
import { changesSince, noteChange } from "../../src/store/change_store.ts";
import { appendToJournal, journalEpoch, readJournal } from "../../src/store/journal.ts";
import { healthNotedSince, noteHealth } from "../../src/store/health_journal.ts";
import { openKv } from "../../src/store/kv.ts";
import { kvKeys } from "../../src/store/kv_keys.ts";
import { withFolder } from "./support.ts";

/** Two instances on one file. */
async function withInstances(test: (a: Deno.Kv, b: Deno.Kv) => Promise<void>): Promise<void> {
  await withFolder(async (folder) => {
    const target = { kind: "file", path: `${folder}/kv.db` } as const;
    const [a, b] = [await openKv(target), await openKv(target)];
    try {
      await test(a, b);
    } finally {
      a.close();
      b.close();
    }
  });
}

Deno.test("changesSince() gives what others have changed, each id once, providers before their keys", () =>
  withInstances(async (a, b) => {
    await noteChange(a, "a", { kind: "provider_keys", ids: ["k1", "k2"] });
    await noteChange(b, "b", { kind: "client_key", ids: ["c1"] });
    await noteChange(a, "a", { kind: "provider", ids: ["p1"] });
    await noteChange(a, "a", { kind: "provider_keys", ids: ["k2", "k3"] });

    const ofA = await changesSince(b, "b", 0);
    const ofB = await changesSince(a, "a", 0);
    const rest = await changesSince(b, "b", ofA.epoch);

    assert.deepEqual(ofA, {
      epoch: 4,
      changes: [{ kind: "provider", ids: ["p1"] }, { kind: "provider_keys", ids: ["k1", "k2", "k3"] }],
    });
    assert.deepEqual(ofB.changes, [{ kind: "client_key", ids: ["c1"] }]);
    assert.deepEqual(rest, { epoch: 4, changes: [] });
  }));

Deno.test("noteChange() tells of 25,000 keys, and loses none when two instances tell at once", () =>
  withInstances(async (a, b) => {
    const idsOf = (name: string) =>
      Array.from({ length: 25_000 }, (_, index) => `${name}-${index}`.padEnd(36, "x"));

    await Promise.all([
      noteChange(a, "a", { kind: "provider_keys", ids: idsOf("a") }),
      noteChange(b, "b", { kind: "provider_keys", ids: idsOf("b") }),
    ]);

    const { epoch, changes } = await changesSince(a, "c", 0);
    assert.equal(epoch, 50);
    assert.ok(changes !== "everything");
    assert.deepEqual(changes[0]?.ids.toSorted(), [...idsOf("a"), ...idsOf("b")].toSorted());
  }));

Deno.test("changesSince() asks for everything when entries are gone, too many, unreadable, or of another database", () =>
  withInstances(async (kv) => {
    for (let index = 0; index < 3; index++) await noteChange(kv, "a", { kind: "group", ids: ["g"] });
    await kv.delete(kvKeys.journal("changes", 2));

    const gone = await changesSince(kv, "b", 0);
    const stillThere = await changesSince(kv, "b", 2);
    const emptied = await changesSince(kv, "b", 99);
    await appendToJournal(kv, "changes", "newer", [{ kind: "quota_plan", ids: ["q"] }]);
    const unreadable = await changesSince(kv, "b", 3);
    await appendToJournal(
      kv,
      "changes",
      "a",
      Array.from({ length: 500 }, () => ({ kind: "group", ids: [] })),
    );
    const tooMany = await changesSince(kv, "b", 4);

    assert.deepEqual(gone, { epoch: 3, changes: "everything" });
    assert.deepEqual(stillThere.changes, [{ kind: "group", ids: ["g"] }]);
    assert.deepEqual(emptied, { epoch: 3, changes: "everything" });
    assert.deepEqual(unreadable, { epoch: 4, changes: "everything" });
    assert.deepEqual(tooMany, { epoch: 504, changes: "everything" });
  }));

Deno.test("healthNotedSince() gives the keys that others have told of, by provider, and never one's own", () =>
  withInstances(async (a, b) => {
    const keyIds = Array.from({ length: 2500 }, (_, index) => `k${index}`);
    await noteHealth(a, "a", [{ providerId: "p1", keyIds }, { providerId: "p2", keyIds: ["x"] }]);
    await noteHealth(b, "b", [{ providerId: "p2", keyIds: ["y"] }]);

    const ofA = await healthNotedSince(b, "b", 0);
    const ofB = await healthNotedSince(a, "a", 0);

    assert.deepEqual(ofA.keys, [{ providerId: "p1", keyIds }, { providerId: "p2", keyIds: ["x"] }]);
    assert.deepEqual(ofB.keys, [{ providerId: "p2", keyIds: ["y"] }]);
    assert.equal(ofA.epoch, 5);
  }));

Deno.test("readJournal() keeps the two journals apart", () =>
  withInstances(async (kv) => {
    await noteChange(kv, "a", { kind: "setting", ids: ["s"] });

    const pages = await readJournal(kv, "health", 0);

    assert.deepEqual(pages, { isTorn: false, epoch: 0, entries: [] });
    assert.equal(await journalEpoch(kv, "changes"), 1);
  }));
