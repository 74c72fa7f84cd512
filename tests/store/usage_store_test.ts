import assert from "node:assert/strict";
import { noCounts, USAGE_COUNTS, type UsageCounts } from "../../src/core/usage.ts";
import { sumUsage } from "../../src/store/usage_query.ts";
import { addUsage } from "../../src/store/usage_store.ts";
import { withDatabase } from "./support.ts";
import { usageOf } from "./usage_samples.ts";

const ALL = { fromMinute: 0, toMinute: 100_000 };

Deno.test("addUsage() adds every count to what is stored, with the provider key and without", () =>
  withDatabase(async (db) => {
    const counts: Record<keyof UsageCounts, number> = noCounts();
    USAGE_COUNTS.forEach((name, index) => counts[name] = index + 1);
    await addUsage(db, { usage: [usageOf({}, counts)], latencies: [] });
    await addUsage(db, {
      usage: [usageOf({}, counts), usageOf({ providerKeyId: "k2" }, counts)],
      latencies: [],
    });
    await addUsage(db, { usage: [], latencies: [] });

    const [all] = await sumUsage(db, { ...ALL, by: [] });
    const byKey = await sumUsage(db, { ...ALL, by: ["providerKeyId"] });

    USAGE_COUNTS.forEach((name, index) => assert.equal(all?.[name], 3 * (index + 1), name));
    assert.deepEqual(byKey.map(({ providerKeyId, failures }) => [providerKeyId, failures]), [
      ["k", 2 * counts.failures],
      ["k2", counts.failures],
    ]);
  }));

Deno.test("addUsage() takes thousands of rows, all of them or none", () =>
  withDatabase(async (db) => {
    const many = Array.from({ length: 2500 }, (_, index) => usageOf({ model: `m'${index}` }));
    await addUsage(db, { usage: many, latencies: [] });

    await assert.rejects(addUsage(db, { usage: [...many, usageOf({}, { requests: 0.5 })], latencies: [] }));

    const [sum] = await sumUsage(db, { ...ALL, by: [] });
    assert.equal(sum?.requests, 2500);
  }));

Deno.test("sumUsage() adds up by the dimensions that are asked for, in the range, and filters by each", () =>
  withDatabase(async (db) => {
    const usage = [
      usageOf(),
      usageOf({ minute: 1001, model: "n", group: "g" }),
      usageOf({ minute: 1002, providerId: "q", clientKeyId: "" }),
      usageOf({ minute: 1003, statusClass: 5, usageSource: "none" }),
      usageOf({ minute: 2000 }),
    ];
    await addUsage(db, { usage, latencies: [] });
    const range = { fromMinute: 1000, toMinute: 2000 };
    const requests = async (only: Parameters<typeof sumUsage>[1]["only"]) =>
      (await sumUsage(db, { ...range, by: [], only: only ?? {} }))[0]?.requests;

    const byProvider = await sumUsage(db, { ...range, by: ["providerId"] });
    const byAll = await sumUsage(db, { ...range, by: ["statusClass", "usageSource", "clientKeyId"] });
    const filtered = [
      await requests({ providerId: ["q"] }),
      await requests({ model: ["n", "nobody"] }),
      await requests({ group: ["g"] }),
      await requests({ clientKeyId: [""] }),
      await requests({ statusClass: ["5"] }),
      await requests({ usageSource: ["reported"] }),
      await requests({ providerKeyId: ["k"] }),
      await requests({ providerKeyId: ["other"] }),
    ];

    assert.deepEqual(byProvider.map(({ providerId, requests }) => [providerId, requests]), [["p", 3], [
      "q",
      1,
    ]]);
    assert.ok(byProvider.every((row) => !("model" in row) && !("startMs" in row)));
    assert.deepEqual(
      byAll.map(({ statusClass, usageSource, clientKeyId }) => [statusClass, usageSource, clientKeyId]),
      [
        [2, "reported", ""],
        [2, "reported", "c"],
        [5, "none", "c"],
      ],
    );
    assert.deepEqual(filtered, [1, 1, 1, 1, 1, 3, 4, 0]);
  }));

Deno.test("sumUsage() gives the largest first, and no more than are wanted", () =>
  withDatabase(async (db) => {
    const usage = [["a", 3], ["b", 9], ["c", 6]] as const;
    await addUsage(db, {
      usage: usage.map(([model, requests]) => usageOf({ model }, { requests })),
      latencies: [],
    });

    const top = await sumUsage(db, { ...ALL, by: ["model"], largestBy: "requests", limit: 2 });

    assert.deepEqual(top.map(({ model, requests }) => [model, requests]), [["b", 9], ["c", 6]]);
  }));

Deno.test("sumUsage() answers an empty range, and one where nothing was counted, with zeros", () =>
  withDatabase(async (db) => {
    await addUsage(db, { usage: [usageOf()], latencies: [] });

    const sums = [
      await sumUsage(db, { fromMinute: 1000, toMinute: 1000, by: [] }),
      await sumUsage(db, { fromMinute: 5000, toMinute: 9000, by: [] }),
      await sumUsage(db, { fromMinute: 5000, toMinute: 9000, by: ["model"], interval: "hour" }),
    ];

    assert.deepEqual(sums.map((rows) => rows.map(({ requests }) => requests)), [[0], [0], []]);
  }));
