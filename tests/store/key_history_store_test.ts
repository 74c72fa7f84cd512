import assert from "node:assert/strict";
import type { KeyTransition } from "../../src/core/key_transition.ts";
import {
  addKeyHistory,
  deleteOldKeyHistory,
  findLastFaults,
  KEPT_ENTRIES,
  listKeyHistory,
  trimKeyHistory,
} from "../../src/store/key_history_store.ts";
import { NOW_MS, withDatabase } from "./support.ts";

const rest = (atMs: number, more: Partial<KeyTransition> = {}): KeyTransition => ({
  atMs,
  model: "",
  state: "cooling",
  untilMs: atMs + 1000,
  cause: "key_limited",
  rule: "status.429",
  ...more,
});
const ready = (atMs: number): KeyTransition => ({ atMs, model: "", state: "ready" });

Deno.test("addKeyHistory() counts what two instances have observed once, and lists the newest first", () =>
  withDatabase(async (db) => {
    const observed = [
      { keyId: "a", transition: rest(NOW_MS, { reason: "<b>slow</b>", source: "header" }) },
      { keyId: "a", transition: ready(NOW_MS + 5) },
      { keyId: "b", transition: rest(NOW_MS, { model: "gpt-5" }) },
    ];

    await addKeyHistory(db, observed);
    await addKeyHistory(db, observed);

    assert.deepEqual(await listKeyHistory(db, "a", 10), [
      { atMs: NOW_MS + 5, event: "ready", model: "" },
      {
        atMs: NOW_MS,
        event: "cooling",
        model: "",
        untilMs: NOW_MS + 1000,
        source: "header",
        cause: "key_limited",
        rule: "status.429",
        reason: "<b>slow</b>",
      },
    ]);
    assert.equal((await listKeyHistory(db, "a", 1)).length, 1);
  }));

Deno.test("findLastFaults() gives the latest entry with a cause of each key that has one", () =>
  withDatabase(async (db) => {
    await addKeyHistory(db, [
      { keyId: "a", transition: rest(NOW_MS, { reason: "old" }) },
      { keyId: "a", transition: rest(NOW_MS + 1, { reason: "new" }) },
      { keyId: "a", transition: ready(NOW_MS + 2) },
      { keyId: "b", transition: ready(NOW_MS) },
    ]);

    const faults = await findLastFaults(db, ["a", "b", "c"]);

    assert.deepEqual([...faults].map(([id, { reason }]) => [id, reason]), [["a", "new"]]);
  }));

Deno.test("trimKeyHistory() leaves each key its latest entries, and other keys all", () =>
  withDatabase(async (db) => {
    const many = Array.from({ length: KEPT_ENTRIES + 20 }, (_, index) => rest(NOW_MS + index));
    await addKeyHistory(db, many.map((transition) => ({ keyId: "a", transition })));
    await addKeyHistory(db, many.map((transition) => ({ keyId: "b", transition })));

    await trimKeyHistory(db, ["a"]);

    const left = await listKeyHistory(db, "a", 1000);
    assert.equal(left.length, KEPT_ENTRIES);
    assert.equal(left[0]?.atMs, NOW_MS + KEPT_ENTRIES + 19);
    assert.equal((await listKeyHistory(db, "b", 1000)).length, KEPT_ENTRIES + 20);
  }));

Deno.test("deleteOldKeyHistory() deletes what is older, so many at a time", () =>
  withDatabase(async (db) => {
    const observed = [0, 1, 2, 3].map((at) => ({ keyId: "a", transition: rest(NOW_MS + at) }));
    await addKeyHistory(db, observed);

    const deleted = [
      await deleteOldKeyHistory(db, NOW_MS + 3, 2),
      await deleteOldKeyHistory(db, NOW_MS + 3, 2),
    ];

    assert.deepEqual(deleted, [2, 1]);
    assert.deepEqual((await listKeyHistory(db, "a", 10)).map(({ atMs }) => atMs), [NOW_MS + 3]);
  }));
