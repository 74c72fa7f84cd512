import assert from "node:assert/strict";
import fc from "fast-check";
import { STRATEGIES } from "../../src/core/provider.ts";
import { Lanes } from "../../src/pool/lanes.ts";

const TRAITS = { weight: 2, priority: 1, usedCount: 0 };
const slot = fc.nat(7);
const model = fc.constantFrom("m1", "m2");
const steps = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constantFrom("offer" as const, "withdraw" as const, "forget" as const), slot }),
    fc.record({ kind: fc.constant("rest" as const), slot, model, ms: fc.nat(500) }),
    fc.record({ kind: fc.constant("endRest" as const), slot, model }),
    fc.record({ kind: fc.constant("advance" as const), ms: fc.nat(300) }),
    fc.record({
      kind: fc.constant("pick" as const),
      model: fc.option(model, { nil: undefined }),
      refused: slot,
    }),
  ),
  { minLength: 100, maxLength: 200, size: "max" },
);

Deno.test("Lanes pick what is offered, does not rest for the model and is accepted, in every strategy", () => {
  fc.assert(fc.property(fc.constantFrom(...STRATEGIES), steps, (strategy, given) => {
    const lanes = new Lanes(Math.random);
    const offered = new Set<number>();
    const rests = new Map<string, number>();
    let nowMs = 0;

    for (const step of given) {
      switch (step.kind) {
        case "offer":
          lanes.offer(step.slot, TRAITS);
          offered.add(step.slot);
          break;
        case "withdraw":
          lanes.withdraw(step.slot);
          offered.delete(step.slot);
          break;
        case "forget":
          lanes.forget(step.slot);
          offered.delete(step.slot);
          for (const name of ["m1", "m2"]) rests.delete(`${name} ${step.slot}`);
          break;
        case "rest":
          lanes.rest(step.model, step.slot, nowMs + 1 + step.ms);
          rests.set(`${step.model} ${step.slot}`, nowMs + 1 + step.ms);
          break;
        case "endRest":
          lanes.endRest(step.model, step.slot);
          rests.delete(`${step.model} ${step.slot}`);
          break;
        case "advance":
          nowMs += step.ms;
          lanes.endDueRests(nowMs);
          break;
        case "pick": {
          const isResting = (each: number) => (rests.get(`${step.model} ${each}`) ?? 0) > nowMs;
          const free = [...offered].filter((each) => each !== step.refused && !isResting(each));
          const picked = lanes.pick(strategy, step.model, (each) => each !== step.refused);
          assert.ok(free.length === 0 ? picked === -1 : free.includes(picked), `${picked} of ${free}`);
        }
      }
    }
  }));
});
