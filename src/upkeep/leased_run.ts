import type { Ticker } from "../core/watch.ts";
import type { Log } from "../log.ts";
import { endJobLease, type JobLease, renewJobLease, takeJobLease } from "../store/job_lease_store.ts";

export interface LeaseDeps {
  readonly kv: Deno.Kv;
  readonly ticker: Ticker;
  readonly log: Log;
}

/**
 * Runs a job if no other instance does, or did within `restMs`; else gives when to ask again. The lease is renewed
 * while it runs. When it is lost all the same (this machine slept), `aborter` ends the run.
 * @throws what `run` throws, after giving the lease back.
 */
export async function runLeased(
  deps: LeaseDeps,
  job: string,
  restMs: number,
  aborter: AbortController,
  run: () => Promise<void>,
): Promise<{ readonly askAgainMs: number } | undefined> {
  const { kv, ticker } = deps;
  const lease: JobLease = { job, holder: crypto.randomUUID(), startedMs: ticker.now() };
  const answer = await takeJobLease(kv, { ...lease, leaseMs: LEASE_MS, restMs });
  if (answer.kind !== "taken") return { askAgainMs: answer.untilMs };
  const stopRenewing = keepLease(deps, lease, aborter);
  let hasFailed = true;
  try {
    await run();
    hasFailed = false;
  } finally {
    await stopRenewing();
    await giveBack(deps, lease, hasFailed);
  }
  return undefined;
}

/** So long a job stands still when the instance that ran it dies. */
const LEASE_MS = 30_000;
const RENEW_MS = 10_000;

/** Renews the lease until it is told to stop. */
function keepLease(
  { kv, ticker, log }: LeaseDeps,
  lease: JobLease,
  aborter: AbortController,
): () => Promise<void> {
  let renewing: Promise<void> = Promise.resolve();
  const renewal = {
    dueMs: ticker.now() + RENEW_MS,
    expire: () => {
      renewing = renew();
    },
  };
  const renew = async () => {
    try {
      const isHeld = await renewJobLease(kv, lease, ticker.now() + LEASE_MS);
      if (!isHeld) aborter.abort(new Error(`Cannot go on with job ${lease.job}: its lease is lost`));
    } catch (error) {
      // Top of a background loop: two more renewals may come before the lease ends.
      log.warn("job.lease_not_renewed", { job: lease.job, error });
    }
    if (isStopped) return;
    renewal.dueMs = ticker.now() + RENEW_MS;
    ticker.watch(renewal);
  };
  let isStopped = false;
  ticker.watch(renewal);
  return async () => {
    isStopped = true;
    ticker.unwatch(renewal);
    await renewing;
  };
}

async function giveBack({ kv, log }: LeaseDeps, lease: JobLease, hasFailed: boolean): Promise<void> {
  try {
    await endJobLease(kv, lease, hasFailed);
  } catch (error) {
    // It ends by itself; what the run did is done.
    log.warn("job.lease_not_ended", { job: lease.job, error });
  }
}
