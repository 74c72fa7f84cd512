import assert from "node:assert/strict";
import { nextMonthMs, nextPacificMidnightMs } from "../../src/dialect/calendar.ts";

const MIDNIGHTS: readonly (readonly [now: string, midnight: string, name: string])[] = [
  ["2026-11-21T08:00:00Z", "2026-11-22T08:00:00Z", "midnight itself"],
  ["2026-11-21T07:59:59.999Z", "2026-11-21T08:00:00Z", "the last millisecond of a winter day"],
  ["2026-07-04T12:00:00Z", "2026-07-05T07:00:00Z", "a summer day"],
  ["2026-07-04T03:00:00Z", "2026-07-04T07:00:00Z", "an evening there, the next day here"],
  ["2026-03-08T08:30:00Z", "2026-03-09T07:00:00Z", "the day of 23 hours"],
  ["2026-03-07T20:00:00Z", "2026-03-08T08:00:00Z", "the day before it"],
  ["2026-11-01T07:30:00Z", "2026-11-02T08:00:00Z", "the day of 25 hours"],
  ["2026-11-01T09:30:00Z", "2026-11-02T08:00:00Z", "the hour that comes twice"],
  ["2026-12-31T20:00:00Z", "2027-01-01T08:00:00Z", "the end of the year"],
];

for (const [now, midnight, name] of MIDNIGHTS) {
  Deno.test(`nextPacificMidnightMs() knows ${name}`, () => {
    const untilMs = nextPacificMidnightMs(Date.parse(now));

    assert.equal(new Date(untilMs).toISOString(), new Date(midnight).toISOString());
  });
}

Deno.test("nextMonthMs() gives the first of the next month in UTC", () => {
  assert.equal(nextMonthMs(Date.parse("2026-12-31T23:59:59Z")), Date.parse("2027-01-01T00:00:00Z"));
  assert.equal(nextMonthMs(Date.parse("2026-02-01T00:00:00Z")), Date.parse("2026-03-01T00:00:00Z"));
});
