import assert from "node:assert/strict";
import fc from "fast-check";
import { fileUrl } from "../../src/core/file_url.ts";
import { type Database, openDatabase } from "../../src/store/database.ts";
import { sumLatencies } from "../../src/store/latency_query.ts";
import { migrate } from "../../src/store/migrations.ts";
import { FAMILIES, KEY_USAGE, USAGE } from "../../src/store/usage_family.ts";
import { sumUsage } from "../../src/store/usage_query.ts";
import { deleteOldestUsage } from "../../src/store/usage_retention.ts";
import { findRollupState, rollUp } from "../../src/store/usage_rollup.ts";
import { addUsage } from "../../src/store/usage_store.ts";
import { withDatabase, withFolder } from "./support.ts";
import { latencyOf, usageOf } from "./usage_samples.ts";

const ALL = { fromMinute: 0, toMinute: 1_000_000 };

/** Rolls everything up that is over at the minute. */
async function rollAll(db: Database, untilMinute: number, pieceRows = 3): Promise<void> {
  for (const family of FAMILIES) {
    while (await rollUp(db, family, "hours", untilMinute, pieceRows));
    const { at } = await findRollupState(db, family, "hours");
    while (await rollUp(db, family, "days", Math.floor(at / 60), pieceRows));
  }
}

async function requestsOf(
  db: Database,
  question: Partial<Parameters<typeof sumUsage>[1]> = {},
): Promise<number> {
  const sums = await sumUsage(db, { ...ALL, by: [], ...question });
  return sums.reduce((all, { requests }) => all + requests, 0);
}

/** Requests in the tables themselves, whatever belongs together. */
async function stored(db: Database, table: string): Promise<unknown> {
  const [row] = await db.read(`SELECT coalesce(sum(requests), 0) AS requests FROM ${table}`);
  return row?.["requests"];
}

Deno.test("rollUp() moves minutes to hours and days, and every sum stays what it was, at any moment of it", () =>
  withDatabase(async (db) => {
    const usage = Array.from({ length: 150 }, (_, index) =>
      usageOf({
        minute: 1420 + index * 7 % 60,
        providerKeyId: `k${index % 7}`,
        clientKeyId: `c${index % 5}`,
        model: `m${index % 3}`,
      }));
    await addUsage(db, { usage, latencies: [] });
    const questions = [
      {},
      { by: ["providerKeyId"] },
      { by: ["model"], interval: "hour" },
      { by: [], interval: "day" },
      { by: [], interval: "minute" },
      { fromMinute: 1427, toMinute: 1463 },
      { fromMinute: 1427, toMinute: 1463, by: ["providerKeyId"], only: { providerKeyId: ["k1", "k2"] } },
    ] as const;
    const ask = () => Promise.all(questions.map((question) => sumUsage(db, { ...ALL, by: [], ...question })));
    const before = await ask();

    for (const family of [USAGE, KEY_USAGE]) {
      while (await rollUp(db, family, "hours", 1470, 2)) assert.deepEqual(await ask(), before);
      while (await rollUp(db, family, "days", 24, 2)) assert.deepEqual(await ask(), before);
    }

    assert.deepEqual(await ask(), before);
    const counted = await Promise.all(
      ["usage_hours", "usage_days", "key_usage_days"].map((each) => stored(db, each)),
    );
    const untilMinute = usage.filter(({ minute }) => minute < 1470).length;
    const untilHour = usage.filter(({ minute }) => minute < 1440).length;
    assert.deepEqual(counted, [untilMinute, untilHour, untilHour]);
  }));

Deno.test("rollUp() and addUsage() of two instances at once count every request once", () =>
  withFolder(async (folder) => {
    const url = fileUrl(`${folder}/test.db`);
    const [a, b] = [await openDatabase({ url }), await openDatabase({ url })];
    await migrate(a);
    let added = 0;
    const add = async (db: Database) => {
      for (let round = 0; round < 40; round++) {
        const usage = [0, 1, 2].map((late) =>
          usageOf({ minute: 1000 + round - 20 * late, providerKeyId: `k${round}` })
        );
        await addUsage(db, { usage, latencies: [] });
        added += usage.length;
      }
    };

    await Promise.all([
      add(a),
      add(b),
      rollAll(a, 1020),
      rollAll(b, 1030),
      rollAll(a, 1035),
      rollAll(b, 1035),
    ]);
    const meanwhile = await requestsOf(a);
    await rollAll(b, 2000);

    assert.equal(added, 240);
    assert.equal(meanwhile, added);
    assert.deepEqual(await Promise.all(["usage_hours", "key_usage_hours"].map((each) => stored(b, each))), [
      added,
      added,
    ]);
    await a.close();
    await b.close();
  }));

Deno.test("rollUp() that is killed between two pieces goes on where it was", () =>
  withFolder(async (folder) => {
    const url = fileUrl(`${folder}/test.db`);
    const first = await openDatabase({ url });
    await migrate(first);
    const usage = Array.from({ length: 50 }, (_, index) => usageOf({ providerKeyId: `k${index}` }));
    await addUsage(first, { usage, latencies: [] });
    await rollUp(first, KEY_USAGE, "hours", 2000, 10);
    await rollUp(first, KEY_USAGE, "hours", 2000, 10);
    const half = await stored(first, "key_usage_hours");
    await first.close();

    const second = await openDatabase({ url });
    await addUsage(second, {
      usage: [usageOf({ providerKeyId: "k0" }), usageOf({ providerKeyId: "k49" })],
      latencies: [],
    });
    await rollAll(second, 2000, 10);

    assert.equal(half, 20);
    assert.equal(await stored(second, "key_usage_hours"), 52);
    assert.equal(await requestsOf(second, { by: ["providerKeyId"] }), 52);
    await second.close();
  }));

Deno.test("sumUsage() of any range is the sum of its minutes, whatever is rolled up", () =>
  withDatabase(async (db) => {
    const minutes = Array.from({ length: 300 }, (_, index) => 2800 + index * 17 % 4400);
    await addUsage(db, { usage: minutes.map((minute) => usageOf({ minute })), latencies: [] });
    await rollAll(db, 6000, 50);
    const range = fc.tuple(fc.integer({ min: 2700, max: 7300 }), fc.integer({ min: 0, max: 4600 }));

    await fc.assert(
      fc.asyncProperty(range, async ([fromMinute, length]) => {
        const toMinute = fromMinute + length;
        const counted = await requestsOf(db, { fromMinute, toMinute });

        assert.equal(counted, minutes.filter((minute) => minute >= fromMinute && minute < toMinute).length);
      }),
      { numRuns: 60 },
    );
  }));

Deno.test("deleteOldestUsage() deletes no more than told, and nothing that is not rolled up", () =>
  withDatabase(async (db) => {
    const usage = Array.from({ length: 100 }, (_, index) => usageOf({ minute: 1000 + index }));
    await addUsage(db, { usage, latencies: [] });
    const early = await deleteOldestUsage(db, USAGE, "minutes", 5000, 30);
    await rollAll(db, 1050);

    const first = await deleteOldestUsage(db, USAGE, "minutes", 5000, 30);
    const rest = await deleteOldestUsage(db, USAGE, "minutes", 5000, 1000);
    const byEdge = await deleteOldestUsage(db, KEY_USAGE, "minutes", 1010, 1000);

    assert.deepEqual([early, first, rest, byEdge], [0, 30, 20, 10]);
    assert.equal(await requestsOf(db), 100);
  }));

Deno.test("sumUsage() counts whole hours where the minutes at the edges are gone", () =>
  withDatabase(async (db) => {
    const usage = Array.from({ length: 120 }, (_, index) => usageOf({ minute: 1200 + index }));
    await addUsage(db, { usage, latencies: [] });
    await rollAll(db, 2000);
    await deleteOldestUsage(db, USAGE, "minutes", 1320, 1000);

    const range = { fromMinute: 1230, toMinute: 1290 };
    const blind = await requestsOf(db, range);
    const told = await requestsOf(db, { ...range, kept: { minutesFrom: 1320, hoursFrom: 0 } });

    assert.deepEqual([blind, told], [0, 120]);
  }));

Deno.test("sumLatencies() merges histograms over time, instances and what is not asked for", () =>
  withDatabase(async (db) => {
    const latencies = [
      latencyOf(10),
      latencyOf(10, { minute: 1001, clientKeyId: "d" }),
      latencyOf(20, { minute: 1500 }),
      latencyOf(5, { model: "n" }),
      latencyOf(7, { measure: "first_token" }),
    ];
    await addUsage(db, { usage: [], latencies });
    await addUsage(db, { usage: [], latencies });
    await rollAll(db, 1200);

    const sums = await sumLatencies(db, { ...ALL, by: ["model"] });
    const ofOne = await sumLatencies(db, { ...ALL, by: [], only: { clientKeyId: ["d"] } });

    const shown = sums.map((
      { model, measure, buckets },
    ) => [model, measure, buckets[5], buckets[7], buckets[10], buckets[20]]);
    assert.deepEqual(shown, [
      ["m", "duration", 0, 0, 4, 2],
      ["m", "first_token", 0, 2, 0, 0],
      ["n", "duration", 2, 0, 0, 0],
    ]);
    assert.deepEqual(ofOne.map(({ measure, buckets }) => [measure, buckets[10]]), [["duration", 2]]);
  }));
