import { z } from "zod";
import { tryCommit } from "./kv_commit.ts";
import { kvKeys } from "./kv_keys.ts";

/** The right to run a job now, held by one of several instances. */
export interface JobLease {
  readonly job: string;
  /** Id of this run, not of the instance: a run that lost its lease must not renew that of the next one. */
  readonly holder: string;
  readonly startedMs: number;
}

export interface JobLeaseAsk extends JobLease {
  /** How long it is held unless it is renewed or ended. */
  readonly leaseMs: number;
  /** A run that began less than this before `startedMs`, on whatever instance, was the one of this period. */
  readonly restMs: number;
}

/** `untilMs`: when asking again makes sense. */
export type JobLeaseAnswer =
  | { readonly kind: "taken" }
  | { readonly kind: "held" | "recent"; readonly untilMs: number };

/**
 * Takes the lease of a job unless another run holds it, or one has begun within `restMs`.
 * @throws {Error} when Deno KV cannot be used.
 */
export async function takeJobLease(kv: Deno.Kv, ask: JobLeaseAsk): Promise<JobLeaseAnswer> {
  const key = kvKeys.job(ask.job);
  const { holder, startedMs, leaseMs, restMs } = ask;
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const { value, versionstamp } = await kv.get<unknown>(key);
    const stored = storedLease.safeParse(value).data;
    if (stored !== undefined) {
      if (stored.heldUntilMs > startedMs) return { kind: "held", untilMs: stored.heldUntilMs };
      const { startedMs: lastMs = -Infinity } = stored;
      // A moment in the future was set by a clock that is wrong, and stops nobody.
      if (lastMs + restMs > startedMs && lastMs <= startedMs) {
        return { kind: "recent", untilMs: lastMs + restMs };
      }
    }
    const lease: StoredLease = { holder, startedMs, heldUntilMs: startedMs + leaseMs };
    if (await tryCommit(kv.atomic().check({ key, versionstamp }).set(key, lease)) !== undefined) {
      return { kind: "taken" };
    }
  }
  return { kind: "held", untilMs: startedMs + leaseMs };
}

/** Holds the lease until `untilMs`; `false` when it is lost: another run may have begun. */
export function renewJobLease(kv: Deno.Kv, lease: JobLease, untilMs: number): Promise<boolean> {
  const { holder, startedMs } = lease;
  return change(kv, lease, { holder, startedMs, heldUntilMs: untilMs });
}

/** Gives the lease back. After a failure any instance may try again before the period is over. */
export async function endJobLease(kv: Deno.Kv, lease: JobLease, hasFailed: boolean): Promise<void> {
  const { holder, startedMs } = lease;
  await change(kv, lease, { holder, heldUntilMs: 0, ...(!hasFailed && { startedMs }) });
}

const storedLease = z.object({
  holder: z.string(),
  /** When the last run began; absent when it has failed. */
  startedMs: z.number().exactOptional(),
  heldUntilMs: z.number(),
});
type StoredLease = z.infer<typeof storedLease>;

/** Instances that compete, and a file that is locked meanwhile, are met a few times in a row at most. */
const MAX_ATTEMPTS = 20;

async function change(kv: Deno.Kv, { job, holder }: JobLease, changed: StoredLease): Promise<boolean> {
  const key = kvKeys.job(job);
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const { value, versionstamp } = await kv.get<unknown>(key);
    if (storedLease.safeParse(value).data?.holder !== holder) return false;
    if (await tryCommit(kv.atomic().check({ key, versionstamp }).set(key, changed)) !== undefined) {
      return true;
    }
  }
  return false;
}
