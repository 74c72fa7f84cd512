import assert from "node:assert/strict";
import { createIdSource } from "../../src/core/id.ts";

Deno.test("createIdSource() makes UUIDs of version 7 that carry their time", () => {
  const newId = createIdSource(() => 0x0123456789ab, (bytes) => void bytes.fill(0xff));

  assert.equal(newId(), "01234567-89ab-7000-bfff-ffffffffffff");
});

Deno.test("createIdSource() never goes back, within a millisecond or when the clock does", () => {
  let clockMs = 1000;
  const newId = createIdSource(() => clockMs, (bytes) => void bytes.fill(0));

  const ids = Array.from({ length: 10_000 }, () => newId());
  clockMs = 500;
  ids.push(newId());
  clockMs = 2000;
  ids.push(newId());

  assert.deepEqual(ids, [...ids].sort());
  assert.equal(new Set(ids).size, ids.length);
});
