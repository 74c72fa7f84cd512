import assert from "node:assert/strict";
import { parseDurationMs } from "../../src/dialect/duration.ts";

const DURATIONS: readonly (readonly [text: string, ms: number | undefined])[] = [
  ["12ms", 12],
  ["1s", 1000],
  ["34.4s", 34_400],
  ["6m0s", 360_000],
  ["2m59.56s", 179_560],
  ["1h2m3s", 3_723_000],
  ["1d2h", 93_600_000],
  ["500µs", 0.5],
  ["37 seconds", 37_000],
  ["1 hour 5 min", 3_900_000],
  ["1 hour, 5 minutes", 3_900_000],
  ["-5s", -5000],
  ["", undefined],
  ["5", undefined],
  ["s", undefined],
  ["5 apples", undefined],
  ["5s later", undefined],
  ["NaNs", undefined],
  ["1".repeat(200) + "s", undefined],
];

for (const [text, ms] of DURATIONS) {
  Deno.test(`parseDurationMs() reads "${text.slice(0, 20)}"`, () => {
    assert.equal(parseDurationMs(text), ms);
  });
}
