import assert from "node:assert/strict";
import { createLog } from "../../src/log.ts";
import { createKeyChange, findKeyChange, type KeyChange } from "../../src/store/key_change_store.ts";
import { writeKeyChanges } from "../../src/store/key_change_items.ts";
import { listKeyHistory } from "../../src/store/key_history_store.ts";
import { deleteOldKeyRecords } from "../../src/upkeep/key_retention.ts";
import { withDatabase } from "../store/support.ts";
import { ManualTicker } from "../support/manual_ticker.ts";

const DAY_MS = 86_400_000;

Deno.test("deleteOldKeyRecords() keeps changes for a day and history for a month", () =>
  withDatabase(async (db) => {
    const ticker = new ManualTicker();
    const log = createLog("silent", () => {}, (text) => text);
    const change: KeyChange = {
      id: "c",
      action: "tag",
      actor: "Ann",
      detail: {},
      state: "done",
      total: 1,
      done: 1,
      changed: 1,
      createdAtMs: ticker.now(),
      updatedAtMs: ticker.now(),
    };
    await createKeyChange(db, change);
    const item = { keyId: "a", event: "changed", after: { tags: ["x"] }, before: { tags: [] } } as const;
    await writeKeyChanges(db, change, [item], "Ann");
    const left = async () => {
      await deleteOldKeyRecords({ db, ticker, log }, new AbortController().signal);
      return [await findKeyChange(db, "c") !== undefined, (await listKeyHistory(db, "a", 9)).length];
    };

    ticker.advance(DAY_MS - 1);
    const early = await left();
    ticker.advance(2);
    const nextDay = await left();
    ticker.advance(30 * DAY_MS);

    assert.deepEqual([early, nextDay, await left()], [[true, 1], [false, 1], [false, 0]]);
  }));
