import assert from "node:assert/strict";
import {
  addFailure,
  ADDRESS_POLICY,
  type Failures,
  throttledAddress,
  waitMs,
} from "../../src/access/login_throttle.ts";

const NOW_MS = 1_800_000_000_000;

function after(count: number): Failures | undefined {
  let failures: Failures | undefined;
  for (let number = 0; number < count; number++) failures = addFailure(failures, ADDRESS_POLICY, NOW_MS);
  return failures;
}

Deno.test("waitMs() lets the first tries be, then doubles up to its cap", () => {
  const waits = [0, 4, 5, 6, 7, 100].map((count) => waitMs(after(count), ADDRESS_POLICY, NOW_MS));

  assert.deepEqual(waits, [0, 0, 2_000, 4_000, 8_000, ADDRESS_POLICY.capMs]);
});

Deno.test("waitMs() and addFailure() forget what is long ago", () => {
  const later = NOW_MS + ADDRESS_POLICY.forgetMs;

  assert.equal(waitMs(after(100), ADDRESS_POLICY, later), 0);
  assert.deepEqual(addFailure(after(100), ADDRESS_POLICY, later), { count: 1, lastMs: later });
});

Deno.test("throttledAddress() takes the /64 of an IPv6 address as one", () => {
  const cases = [
    ["203.0.113.7", "203.0.113.7"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
    ["2001:db8:1:2::9", "2001:db8:1:2::/64"],
    ["2001:db8::9", "2001:db8:0:0::/64"],
    ["::1", "0:0:0:0::/64"],
    ["fe80::1%eth0", "fe80:0:0:0::/64"],
    [undefined, "unknown"],
  ] as const;

  for (const [address, expected] of cases) assert.equal(throttledAddress(address), expected);
});
