import assert from "node:assert/strict";
import type { UsageMinute } from "../../src/core/usage.ts";
import { addUsage, deleteUsageBefore, listUsage, sumUsage } from "../../src/store/usage_store.ts";
import { withDatabase } from "./support.ts";

const USAGE: UsageMinute = {
  minute: 100,
  providerId: "p",
  providerKeyId: "k",
  clientKeyId: "c",
  model: "m",
  requests: 1,
  failures: 2,
  attempts: 3,
  inputTokens: 4,
  outputTokens: 5,
  cachedTokens: 6,
  reasoningTokens: 7,
};
const ALL = { fromMinute: 0, toMinute: 1000 };

Deno.test("addUsage() adds to what is stored, and to rows of the same call", () =>
  withDatabase(async (db) => {
    await addUsage(db, [USAGE]);
    await addUsage(db, [USAGE, USAGE, { ...USAGE, model: "" }]);
    await addUsage(db, []);

    const stored = await listUsage(db, ALL);

    assert.deepEqual(stored.find(({ model }) => model === "m"), {
      ...USAGE,
      requests: 3,
      failures: 6,
      attempts: 9,
      inputTokens: 12,
      outputTokens: 15,
      cachedTokens: 18,
      reasoningTokens: 21,
    });
    assert.deepEqual(stored.find(({ model }) => model === ""), { ...USAGE, model: "" });
    assert.equal(stored.length, 2);
  }));

Deno.test("addUsage() takes thousands of rows, all of them or none", () =>
  withDatabase(async (db) => {
    const many = Array.from({ length: 2500 }, (_, index) => ({ ...USAGE, model: `m${index}` }));
    await addUsage(db, many);

    await assert.rejects(addUsage(db, [...many, { ...USAGE, requests: 0.5 }]));

    const [sum] = await sumUsage(db, ALL, []);
    assert.equal(sum?.requests, 2500);
  }));

Deno.test("sumUsage() adds up by the dimensions that are asked for, in the range", () =>
  withDatabase(async (db) => {
    await addUsage(db, [
      USAGE,
      { ...USAGE, minute: 101, model: "n" },
      { ...USAGE, minute: 102, providerId: "q" },
      { ...USAGE, minute: 200 },
    ]);

    const sums = await sumUsage(db, { fromMinute: 100, toMinute: 200 }, ["providerId"]);

    assert.deepEqual(
      sums.map(({ providerId, model, minute, requests }) => ({ providerId, model, minute, requests })),
      [{ providerId: "p", model: "", minute: 0, requests: 2 }, {
        providerId: "q",
        model: "",
        minute: 0,
        requests: 1,
      }],
    );
  }));

Deno.test("deleteUsageBefore() keeps the minute itself", () =>
  withDatabase(async (db) => {
    await addUsage(db, [{ ...USAGE, minute: 99 }, USAGE]);

    assert.equal(await deleteUsageBefore(db, 100), 1);

    assert.deepEqual((await listUsage(db, ALL)).map(({ minute }) => minute), [100]);
  }));
