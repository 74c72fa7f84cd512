import assert from "node:assert/strict";
import type { WindowRecord } from "../../src/core/window_slices.ts";
import { openKv } from "../../src/store/kv.ts";
import { kvKeys } from "../../src/store/kv_keys.ts";
import { deleteWindows, exchangeWindows, listWindows } from "../../src/store/window_store.ts";
import { withFolder } from "./support.ts";

const EMPTY: WindowRecord = { uses: {}, holders: {} };

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

/** One more request of this minute. */
function counted(record: WindowRecord): { record: WindowRecord; count: number } {
  const count = (record.uses.requestsPerMinute?.[0]?.[1] ?? 0) + 1;
  return { record: { ...record, uses: { requestsPerMinute: [[1, count]] } }, count };
}

Deno.test("exchangeWindows() loses no change of instances that write at the same time", () =>
  withInstances(async (a, b) => {
    const counts = await Promise.all(
      Array.from({ length: 40 }, async (_, index) => {
        return (await exchangeWindows(index % 2 === 0 ? a : b, "c1", counted)).count;
      }),
    );

    assert.deepEqual(counts.sort((x, y) => x - y), Array.from({ length: 40 }, (_, index) => index + 1));
    assert.deepEqual((await windowsOf(a, "c1")).uses.requestsPerMinute, [[1, 40]]);
    assert.deepEqual(await windowsOf(a, "c2"), EMPTY);
  }));

Deno.test("exchangeWindows() writes every field and reads it again", () =>
  withInstances(async (a, b) => {
    const record: WindowRecord = {
      uses: {
        requestsPerMinute: [[1, 2], [3, 4]],
        tokensPerMinute: [],
        requestsPerDay: [[5, 6]],
        requestsPerMonth: [[7, 8]],
        tokensPerDay: [[9, 10]],
        tokensPerMonth: [[11, 12]],
        nanoDollarsPerDay: [[13, 1e15]],
        nanoDollarsPerMonth: [[15, 16]],
      },
      holders: { x: { seenMs: 17, held: { requestsPerMinute: 18, nanoDollarsPerMonth: 19 } } },
    };

    await exchangeWindows(a, "c1", () => ({ record }));

    assert.deepEqual(await windowsOf(b, "c1"), record);
    await deleteWindows(a, "c1");
    assert.deepEqual(await windowsOf(b, "c1"), EMPTY);
  }));

Deno.test("exchangeWindows() writes nothing when the record comes back as it was", () =>
  withInstances(async (a) => {
    await exchangeWindows(a, "c1", counted);
    const before = await a.get(kvKeys.windows("c1"));

    const result = await exchangeWindows(a, "c1", (record) => ({ record, seen: record.uses }));

    assert.deepEqual(result.seen, { requestsPerMinute: [[1, 1]] });
    assert.equal((await a.get(kvKeys.windows("c1"))).versionstamp, before.versionstamp);
  }));

Deno.test("exchangeWindows() begins anew when what is stored does not read", () =>
  withInstances(async (a) => {
    await a.set(kvKeys.windows("c1"), { uses: "none" });

    assert.equal((await exchangeWindows(a, "c1", counted)).count, 1);
  }));

async function windowsOf(kv: Deno.Kv, clientKeyId: string): Promise<WindowRecord> {
  const [record] = await listWindows(kv, [clientKeyId]);
  assert.ok(record !== undefined);
  return record;
}
