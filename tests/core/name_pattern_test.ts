import assert from "node:assert/strict";
import fc from "fast-check";
import { compileNamePatterns } from "../../src/core/name_pattern.ts";

Deno.test("compileNamePatterns() lets every name pass without patterns", () => {
  assert.ok(compileNamePatterns([])("anything"));
  assert.ok(compileNamePatterns(["x", "*"])(""));
});

const CASES: readonly (readonly [pattern: string, matching: readonly string[], others: readonly string[]])[] =
  [
    ["gpt-5", ["gpt-5"], ["gpt-5-mini", "GPT-5", "agpt-5", ""]],
    ["gpt-*", ["gpt-", "gpt-5-mini"], ["gpt", "agpt-5"]],
    ["*-mini", ["gpt-5-mini", "-mini"], ["mini", "gpt-mini-5"]],
    ["*/claude-*-4*", ["a/claude-opus-4", "a/claude--4.5"], ["claude-opus-4", "a/claude-4"]],
    ["a*a", ["aa", "aba"], ["a", "ab"]],
    ["a*b*b", ["abb", "axbxb"], ["ab", "abx"]],
    ["a**b", ["ab", "axb"], ["a"]],
    ["gpt.5*", ["gpt.5"], ["gpt-5", "gptx5"]],
  ];

for (const [pattern, matching, others] of CASES) {
  Deno.test(`compileNamePatterns() reads ${pattern} with * for any characters`, () => {
    const test = compileNamePatterns([pattern, "never"]);

    assert.deepEqual(matching.filter((name) => !test(name)), []);
    assert.deepEqual(others.filter((name) => test(name)), []);
  });
}

Deno.test("compileNamePatterns() agrees with a regular expression", () => {
  const letters = fc.string({ unit: fc.constantFrom("a", "b", "*"), maxLength: 8 });
  const names = fc.string({ unit: fc.constantFrom("a", "b"), maxLength: 12 });
  fc.assert(
    fc.property(letters, names, (pattern, name) => {
      const regular = new RegExp(`^${pattern.replaceAll("*", ".*")}$`);

      assert.equal(pattern === "" ? name === "" : regular.test(name), compileNamePatterns([pattern])(name));
    }),
    { numRuns: 2_000 },
  );
});

Deno.test("compileNamePatterns() walks a pattern that would trap a regular expression once", () => {
  const test = compileNamePatterns(["a*".repeat(2_000) + "b"]);

  assert.ok(!test("a".repeat(100_000)));
});
