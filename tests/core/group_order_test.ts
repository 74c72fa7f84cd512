import assert from "node:assert/strict";
import fc from "fast-check";
import { GROUP_STRATEGIES, type GroupMember, type GroupStrategy } from "../../src/core/group.ts";
import { type MemberState, orderMembers } from "../../src/core/group_order.ts";
import { memberOf, READY, seededRandom } from "./group_samples.ts";

const ids = (members: readonly GroupMember[]) => members.map(({ providerId }) => providerId).join("");

/** Orders of so many requests one after the other, each as its members' ids. */
function orders(
  strategy: GroupStrategy,
  members: readonly GroupMember[],
  count: number,
  stateOf: (providerId: string) => MemberState = () => READY,
  firstCursor = 0,
): string[] {
  const random = seededRandom(1);
  return Array.from(
    { length: count },
    (_, index) => ids(orderMembers({ strategy, members }, stateOf, firstCursor + index, random)),
  );
}

/** How often a member stands at a place, as a part of all. */
function shareAt(found: readonly string[], place: number, providerId: string): number {
  return found.filter((order) => order[place] === providerId).length / found.length;
}

const anyState: fc.Arbitrary<MemberState> = fc.record({
  isReady: fc.boolean(),
  inFlight: fc.nat(50),
  score: fc.record({
    health: fc.double({ min: 0.01, max: 1, noNaN: true }),
    latencyMs: fc.option(fc.nat(60_000), { nil: undefined }),
    latencyCount: fc.double({ min: 0, max: 20, noNaN: true }),
  }),
});

const anyMembers = fc.array(
  fc.record({
    tier: fc.nat(2),
    weight: fc.integer({ min: 1, max: 1000 }),
    isEnabled: fc.boolean(),
    state: anyState,
  }),
  { maxLength: 8 },
);

Deno.test("orderMembers() gives every enabled member once: the ready by tier, then the others by tier", () => {
  fc.assert(fc.property(
    fc.constantFrom(...GROUP_STRATEGIES),
    anyMembers,
    fc.nat(2 ** 30),
    fc.nat(),
    (strategy, drawn, cursor, seed) => {
      const members = drawn.map(({ state: _, ...member }, index) => memberOf(String(index), member));
      const stateOf = (providerId: string) => drawn[Number(providerId)]?.state ?? READY;

      const ordered = orderMembers({ strategy, members }, stateOf, cursor, seededRandom(seed));

      const enabled = members.filter(({ isEnabled }) => isEnabled);
      assert.deepEqual([...ids(ordered)].sort(), [...ids(enabled)].sort());
      const ranks = ordered.map(({ providerId, tier }) => (stateOf(providerId).isReady ? 0 : 10) + tier);
      assert.deepEqual(ranks, ranks.toSorted((one, other) => one - other));
    },
  ));
});

Deno.test("orderMembers() gives equally healthy members shares within 2% of their weights", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 2, maxLength: 6 }),
      fc.nat(2 ** 30),
      (weights, firstCursor) => {
        const members = weights.map((weight, index) => memberOf(String(index), { weight }));
        const total = weights.reduce((sum, weight) => sum + weight, 0);

        const found = orders("weighted", members, 1000, () => READY, firstCursor);

        for (const { providerId, weight } of members) {
          const off = Math.abs(shareAt(found, 0, providerId) - weight / total);
          assert.ok(off < 0.02, `${providerId} of ${weights} is off by ${off}`);
        }
      },
    ),
    { numRuns: 50 },
  );
});

Deno.test("orderMembers() spreads weighted shares over a few requests, also when every second one is elsewhere", () => {
  const members = [memberOf("a", { weight: 3 }), memberOf("b")];

  const found = orders("weighted", members, 40).map((order) => order[0]);

  assert.doesNotMatch(found.join(""), /aaaaaa|bbb/);
  const everySecond = found.filter((_, index) => index % 2 === 0);
  assert.ok(Math.abs(everySecond.filter((id) => id === "b").length - 5) <= 1);
});

Deno.test("orderMembers() divides what a member cannot take by the weights of the others", () => {
  const members = [
    memberOf("a", { weight: 100 }),
    memberOf("b", { weight: 30 }),
    memberOf("c", { weight: 10 }),
  ];

  const found = orders("weighted", members, 8000);
  const afterA = found.filter((order) => order.startsWith("a"));

  assert.ok(Math.abs(shareAt(afterA, 1, "b") - 0.75) < 0.02);
});

Deno.test("orderMembers() in round robin takes turns, and evenly among those that are ready", () => {
  const members = ["a", "b", "c"].map((id) => memberOf(id));
  const withoutB = (id: string) => ({ ...READY, isReady: id !== "b" });

  assert.deepEqual(orders("round_robin", members, 4), ["abc", "bca", "cab", "abc"]);
  assert.deepEqual(orders("round_robin", members, 4, withoutB), ["acb", "cab", "acb", "cab"]);
});

Deno.test("orderMembers() at random is even at every place", () => {
  const found = orders(
    "random",
    ["a", "b", "c"].map((id) => memberOf(id, { weight: id === "a" ? 9 : 1 })),
    6000,
  );

  for (const place of [0, 1, 2]) {
    for (const id of ["a", "b", "c"]) assert.ok(Math.abs(shareAt(found, place, id) - 1 / 3) < 0.03);
  }
});

Deno.test("orderMembers() by priority keeps to tiers, then weights, then the operator's order", () => {
  const members = [
    memberOf("a", { tier: 1, weight: 1000 }),
    memberOf("b", { weight: 2 }),
    memberOf("c", { weight: 2 }),
    memberOf("d", { weight: 5 }),
    memberOf("e", { weight: 9, isEnabled: false }),
  ];

  assert.deepEqual(new Set(orders("priority", members, 20)), new Set(["dbca"]));
});

Deno.test("orderMembers() by latency asks the quickest, takes turns among equals, and tries the unmeasured", () => {
  const latencies: Record<string, number> = { a: 1000, b: 200, c: 205, d: 600 };
  const stateOf = (id: string) => ({
    ...READY,
    score: { health: 1, latencyMs: latencies[id], latencyCount: latencies[id] === undefined ? 0 : 10 },
  });
  const known = ["a", "b", "c", "d"].map((id) => memberOf(id));

  assert.deepEqual(orders("least_latency", known, 2, stateOf), ["bcda", "cbda"]);
  assert.deepEqual(orders("least_latency", [...known, memberOf("e")], 3, stateOf), [
    "bceda",
    "cebda",
    "ebcda",
  ]);
});

Deno.test("orderMembers() by load counts requests under way against the weight", () => {
  const inFlight: Record<string, number> = { a: 5, b: 1, c: 9 };
  const stateOf = (id: string) => ({ ...READY, inFlight: inFlight[id] ?? 0 });
  const members = [memberOf("a", { weight: 2 }), memberOf("b"), memberOf("c", { weight: 10 })];

  assert.deepEqual(orders("least_busy", members, 1, stateOf), ["cba"]);
});

Deno.test("orderMembers() does not take a member that fails quickly for quick or for idle", () => {
  const stateOf = (id: string): MemberState =>
    id === "broken"
      ? { isReady: true, inFlight: 0, score: { health: 0.02, latencyMs: 5, latencyCount: 3 } }
      : { isReady: true, inFlight: 6, score: { health: 1, latencyMs: 800, latencyCount: 20 } };
  const members = [memberOf("broken"), memberOf("good")];

  for (const strategy of ["least_latency", "least_busy"] as const) {
    const [first] = orderMembers({ strategy, members }, stateOf, 0, seededRandom(1));
    assert.equal(first?.providerId, "good", strategy);
  }
});
