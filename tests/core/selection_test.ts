import assert from "node:assert/strict";
import fc from "fast-check";
import { DeadlineHeap } from "../../src/core/deadline_heap.ts";
import { createLane } from "../../src/core/create_lane.ts";
import type { Lane, SlotTraits } from "../../src/core/lane.ts";
import { STRATEGIES } from "../../src/core/provider.ts";
import { SlotBag } from "../../src/core/slot_bag.ts";
import { SlotHeap } from "../../src/core/slot_heap.ts";
import { SlotSet } from "../../src/core/slot_set.ts";

const slots = fc.integer({ min: 0, max: 5000 });
const edits = fc.array(fc.record({ slot: slots, isAdded: fc.boolean() }), { maxLength: 300, size: "max" });

Deno.test("SlotSet finds the next member like a sorted list, whatever was added, deleted and grown", () => {
  fc.assert(fc.property(edits, fc.array(slots, { minLength: 1, maxLength: 20 }), (changes, starts) => {
    const set = new SlotSet(1);
    const model = new Set<number>();
    for (const { slot, isAdded } of changes) {
      assert.equal(isAdded ? set.add(slot) : set.delete(slot), isAdded !== model.has(slot));
      if (isAdded) model.add(slot);
      else model.delete(slot);
    }

    const sorted = [...model].sort((a, b) => a - b);
    for (const each of [set, set.clone()]) {
      assert.equal(each.size, model.size);
      for (const start of starts) {
        const expected = sorted.find((slot) => slot >= start) ?? sorted[0] ?? -1;
        assert.equal(each.nextFrom(start), expected);
      }
    }
  }));
});

Deno.test("SlotSet.nextFrom() begins again after the last slot", () => {
  const set = new SlotSet(64);
  set.add(3);
  set.add(1023);

  assert.deepEqual([0, 4, 1024, 999_999].map((slot) => set.nextFrom(slot)), [3, 1023, 3, 3]);
});

Deno.test("SlotBag numbers exactly its members", () => {
  fc.assert(fc.property(edits, (changes) => {
    const bag = new SlotBag(1);
    const model = new Set<number>();
    for (const { slot, isAdded } of changes) {
      if (isAdded) bag.add(slot), model.add(slot);
      else bag.delete(slot), model.delete(slot);
    }

    const numbered = Array.from({ length: bag.size }, (_, number) => bag.at(number));
    assert.deepEqual(numbered.sort(), [...model].sort());
  }));
});

Deno.test("SlotHeap gives the lowest accepted slot", () => {
  const entries = fc.array(fc.tuple(slots, fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 20 })));
  fc.assert(fc.property(entries, edits, fc.integer({ min: 2, max: 5 }), (added, changes, divisor) => {
    const heap = new SlotHeap(1);
    const model = new Map<number, readonly [number, number, number]>();
    for (const [slot, tier, rank] of added) heap.set(slot, tier, rank), model.set(slot, [tier, rank, slot]);
    for (const { slot } of changes) heap.delete(slot), model.delete(slot);

    const accepted = [...model.values()].filter(([, , slot]) => slot % divisor !== 0)
      .sort((a, b) => a[0] - b[0] || a[1] - b[1] || a[2] - b[2]);
    assert.equal(heap.size, model.size);
    assert.equal(heap.firstWhere((slot) => slot % divisor !== 0), accepted[0]?.[2] ?? -1);
  }));
});

Deno.test("DeadlineHeap gives what is due, soonest first", () => {
  const entries = fc.array(fc.tuple(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 1000 })));
  fc.assert(fc.property(entries, fc.integer({ min: 0, max: 40 }), (added, deleted) => {
    const heap = new DeadlineHeap<number>();
    const model = new Map<number, number>();
    for (const [item, dueMs] of added) heap.set(item, dueMs), model.set(item, dueMs);
    heap.delete(deleted), model.delete(deleted);

    const odd = [...model].filter(([item]) => item % 2 === 1).map(([, dueMs]) => dueMs);
    assert.equal(heap.nextDueWhere((item) => item % 2 === 1), Math.min(Infinity, ...odd));
    let lastMs = -1;
    for (let item = heap.takeDue(500); item !== undefined; item = heap.takeDue(500)) {
      const dueMs = model.get(item) ?? -1;
      assert.ok(dueMs >= lastMs && dueMs <= 500);
      lastMs = dueMs;
      model.delete(item);
    }
    assert.equal(heap.nextDueMs, Math.min(Infinity, ...model.values()));
  }));
});

function laneOf(strategy: (typeof STRATEGIES)[number], traits: readonly Partial<SlotTraits>[]): Lane {
  const lane = createLane(strategy, Math.random);
  traits.forEach((each, slot) => lane.join(slot, { weight: 1, priority: 0, usedCount: 0, ...each }));
  return lane;
}

function picks(lane: Lane, count: number): number[] {
  return Array.from({ length: count }, () => lane.pick());
}

for (const strategy of STRATEGIES) {
  Deno.test(`${strategy} lane picks none but accepted members, and all of them in time`, () => {
    const lane = laneOf(strategy, [{}, {}, {}, {}, {}]);
    lane.leave(1);

    const seen = new Set(Array.from({ length: 300 }, () => lane.pick((slot) => slot !== 3)));

    assert.deepEqual([...seen].sort(), [0, 2, 4]);
    assert.equal(lane.pick(() => false), -1);
    assert.equal(createLane(strategy, Math.random).pick(), -1);
  });

  Deno.test(`${strategy} lane goes on from a clone without touching the original`, () => {
    const lane = laneOf(strategy, [{}, {}, {}]);
    const copy = lane.clone();

    copy.leave(0);
    copy.leave(1);

    assert.deepEqual(picks(copy, 2), [2, 2]);
    assert.deepEqual([...new Set(picks(lane, 100))].sort(), [0, 1, 2]);
  });
}

Deno.test("round_robin, equal weights and equal priorities give each slot once a turn", () => {
  for (const strategy of ["round_robin", "weighted", "least_used", "priority"] as const) {
    assert.deepEqual(picks(laneOf(strategy, [{}, {}, {}]), 7), [0, 1, 2, 0, 1, 2, 0]);
  }
});

Deno.test("weighted lane spreads a heavy slot's turns", () => {
  const lane = laneOf("weighted", [{ weight: 3 }, { weight: 1 }]);

  assert.deepEqual(picks(lane, 8), [0, 0, 1, 0, 0, 0, 1, 0]);
});

Deno.test("priority lane uses the next priority only while the first is empty", () => {
  const lane = laneOf("priority", [{ priority: 5 }, { priority: -1 }, { priority: 5 }]);

  const first = picks(lane, 2);
  lane.leave(1);
  const second = picks(lane, 3);

  assert.deepEqual([first, second], [[1, 1], [0, 2, 0]]);
});

Deno.test("least_used lane counts what was used before, and spares a newcomer the backlog", () => {
  const lane = laneOf("least_used", [{ usedCount: 10 }, { usedCount: 2 }]);

  const catchingUp = picks(lane, 9);
  lane.join(2, { weight: 1, priority: 0, usedCount: 0 });
  const joined = picks(lane, 6);

  assert.deepEqual(catchingUp, [1, 1, 1, 1, 1, 1, 1, 1, 0]);
  assert.equal(joined.filter((slot) => slot === 2).length, 2);
});

Deno.test("weighted lane gives a slot that comes back its share, and not what it has missed", () => {
  const lane = laneOf("weighted", [{}, {}, {}]);
  lane.leave(1);
  picks(lane, 100);

  lane.join(1, { weight: 1, priority: 0, usedCount: 0 });

  assert.ok(picks(lane, 9).filter((slot) => slot === 1).length <= 4);
});

Deno.test("forget() lets nothing of the old key count for the next one in its slot", () => {
  const lane = laneOf("least_used", [{}, { usedCount: 50 }]);

  lane.forget(1);
  lane.join(1, { weight: 1, priority: 0, usedCount: 0 });

  assert.deepEqual(picks(lane, 4), [0, 1, 0, 1]);
});
