import assert from "node:assert/strict";
import { endJobLease, type JobLease, renewJobLease, takeJobLease } from "../../src/store/job_lease_store.ts";
import { openKv } from "../../src/store/kv.ts";
import { NOW_MS, withFolder } from "./support.ts";

const LIMITS = { leaseMs: 30_000, restMs: 60_000 };

function leaseAt(startedMs: number, holder = `run at ${startedMs}`): JobLease {
  return { job: "key_checks", holder, startedMs };
}

async function withKv(test: (kv: Deno.Kv, other: Deno.Kv) => Promise<void>): Promise<void> {
  await withFolder(async (folder) => {
    const target = { kind: "file", path: `${folder}/kv.db` } as const;
    const [kv, other] = [await openKv(target), await openKv(target)];
    try {
      await test(kv, other);
    } finally {
      kv.close();
      other.close();
    }
  });
}

Deno.test("takeJobLease() gives a lease to one of many who ask at the same time", () =>
  withKv(async (kv, other) => {
    const asks = Array.from({ length: 8 }, (_, index) => {
      const lease = { ...leaseAt(NOW_MS, `run ${index}`), ...LIMITS };
      return takeJobLease(index % 2 === 0 ? kv : other, lease);
    });

    const answers = await Promise.all(asks);

    assert.equal(answers.filter(({ kind }) => kind === "taken").length, 1);
    assert.deepEqual(answers.find(({ kind }) => kind === "held"), { kind: "held", untilMs: NOW_MS + 30_000 });
  }));

Deno.test("takeJobLease() waits for the end of a lease, or for the period after a run that ended well", () =>
  withKv(async (kv) => {
    const first = leaseAt(NOW_MS);
    await takeJobLease(kv, { ...first, ...LIMITS });

    const isRenewed = await renewJobLease(kv, first, NOW_MS + 50_000);
    const held = await takeJobLease(kv, { ...leaseAt(NOW_MS + 49_999), ...LIMITS });
    await endJobLease(kv, first, false);
    const recent = await takeJobLease(kv, { ...leaseAt(NOW_MS + 59_999), ...LIMITS });
    const next = await takeJobLease(kv, { ...leaseAt(NOW_MS + 60_000), ...LIMITS });

    assert.equal(isRenewed, true);
    assert.deepEqual(held, { kind: "held", untilMs: NOW_MS + 50_000 });
    assert.deepEqual(recent, { kind: "recent", untilMs: NOW_MS + 60_000 });
    assert.deepEqual(next, { kind: "taken" });
  }));

Deno.test("endJobLease() after a failure lets any instance try again at once", () =>
  withKv(async (kv, other) => {
    const failed = leaseAt(NOW_MS);
    await takeJobLease(kv, { ...failed, ...LIMITS });
    await endJobLease(kv, failed, true);

    const again = await takeJobLease(other, { ...leaseAt(NOW_MS + 1), ...LIMITS });

    assert.equal(again.kind, "taken");
  }));

Deno.test("renewJobLease() and endJobLease() leave the lease of a later run alone", () =>
  withKv(async (kv) => {
    const lost = leaseAt(NOW_MS);
    await takeJobLease(kv, { ...lost, ...LIMITS });
    await takeJobLease(kv, { ...leaseAt(NOW_MS + 30_000), ...LIMITS, restMs: 0 });

    const isRenewed = await renewJobLease(kv, lost, NOW_MS + 99_000);
    await endJobLease(kv, lost, false);
    const third = await takeJobLease(kv, { ...leaseAt(NOW_MS + 59_999), ...LIMITS });

    assert.equal(isRenewed, false);
    assert.deepEqual(third, { kind: "held", untilMs: NOW_MS + 60_000 });
  }));

Deno.test("takeJobLease() is not stopped by a clock that was wrong, nor by a value that does not read", () =>
  withKv(async (kv) => {
    const future = leaseAt(NOW_MS + 9_000_000);
    await takeJobLease(kv, { ...future, ...LIMITS });
    await endJobLease(kv, future, false);

    const now = await takeJobLease(kv, { ...leaseAt(NOW_MS), ...LIMITS });
    await kv.set(["job", "key_checks"], "odd");
    const odd = await takeJobLease(kv, { ...leaseAt(NOW_MS + 1), ...LIMITS });

    assert.deepEqual([now.kind, odd.kind], ["taken", "taken"]);
  }));
