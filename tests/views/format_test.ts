import assert from "node:assert/strict";
import { createFormat } from "../../views/format.ts";
import { MESSAGES } from "../../views/messages.ts";

const NOW_MS = Date.UTC(2026, 10, 21, 14, 0, 0);

Deno.test("createFormat() writes durations short, and the two largest units at most", () => {
  const { duration } = createFormat("en");
  const cases = [[0, "0ms"], [310, "310ms"], [42_000, "42s"], [61_000, "1m 1s"], [3_600_000, "1h"]] as const;

  for (const [ms, text] of cases) assert.equal(duration(ms), text);
  assert.equal(duration(26 * 3_600_000), "1d 2h");
});

Deno.test("createFormat() tells times from now in the language's own words", () => {
  assert.equal(createFormat("en").relative(NOW_MS - 7_200_000, NOW_MS), "2 hours ago");
  assert.equal(createFormat("zh").relative(NOW_MS + 180_000, NOW_MS), "3分钟后");
});

Deno.test("createFormat() gives small amounts of money the digits that they need", () => {
  const { money } = createFormat("en");

  assert.deepEqual([0, 1_234_500, 12_340_000_000].map(money), ["$0.00", "$0.00123", "$12.34"]);
});

Deno.test("the catalogues have the same texts, and none is empty", () => {
  const namesOf = (value: unknown, path = ""): string[] =>
    typeof value === "object" && value !== null
      ? Object.entries(value).flatMap(([name, member]) => namesOf(member, `${path}.${name}`))
      : [`${path} ${value === "" ? "empty" : typeof value}`];

  assert.deepEqual(namesOf(MESSAGES.zh).sort(), namesOf(MESSAGES.en).sort());
  assert.ok(!namesOf(MESSAGES.en).some((name) => name.endsWith(" empty")));
});
