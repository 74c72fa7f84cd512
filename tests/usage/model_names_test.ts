import assert from "node:assert/strict";
import { ModelNames, OTHER_MODELS } from "../../src/usage/model_names.ts";

Deno.test("ModelNames.countedAs() counts made-up names as one, and those that have succeeded for themselves", () => {
  const names = new ModelNames();

  const failing = Array.from({ length: 300 }, (_, index) => names.countedAs(`made-up-${index}`, false));
  const good = names.countedAs("gpt-5", true);
  const failingLater = names.countedAs("gpt-5", false);

  assert.equal(new Set(failing).size, 201);
  assert.equal(failing.at(-1), OTHER_MODELS);
  assert.deepEqual([good, failingLater], ["gpt-5", "gpt-5"]);
  assert.equal(names.countedAs("made-up-299", true), "made-up-299");
});

Deno.test("ModelNames.countedAs() holds no more names than it may, and no more of one than a row takes", () => {
  const names = new ModelNames();

  const counted = new Set(Array.from({ length: 5000 }, (_, index) => names.countedAs(`m${index}`, true)));
  const long = new ModelNames().countedAs("m".repeat(100_000), true);

  assert.equal(counted.size, 2001);
  assert.equal(long.length, 200);
});
