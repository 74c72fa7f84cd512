import type { KeyChecks } from "./key_checks.ts";
import { deleteOldKeyRecords } from "./key_retention.ts";
import type { ModelLists } from "./model_lists.ts";
import { cleanStores, deleteOldRequests, deleteOldUsage, type RetentionDeps } from "./retention.ts";
import { repriceAsked, type RepriceDeps } from "./reprice.ts";
import { rollUpUsage } from "./rollups.ts";
import type { Job } from "./scheduler.ts";

export interface JobDeps {
  readonly keyChecks: KeyChecks;
  readonly modelLists: ModelLists;
  readonly retention: RetentionDeps;
  readonly repricing: RepriceDeps;
  /** 0 turns the checks off. It may change. */
  readonly healthCheckIntervalMs: number;
  /** Tells the other instances that this one is there. */
  readonly noteInstance: () => Promise<void>;
  /** Whether models are learned at all. */
  readonly learnsModels: boolean;
}

/** For `scheduler.runSoon()`, when its interval was changed. */
export const KEY_CHECKS_JOB = "key_checks";

/** For `scheduler.runSoon()`, when keys or providers were added. */
export const MODEL_LISTS_JOB = "model_lists";

/** For `scheduler.runSoon()`, when a re-pricing was asked for. */
export const REPRICING_JOB = "repricing";

/** Every background job, in one list. */
export function backgroundJobs(deps: JobDeps): Job[] {
  const { keyChecks, modelLists, retention, repricing, learnsModels } = deps;
  const checks: Job = {
    name: KEY_CHECKS_JOB,
    get periodMs() {
      return deps.healthCheckIntervalMs > 0 ? deps.healthCheckIntervalMs : 24 * HOUR_MS;
    },
    jitter: 0.1,
    runsOn: "one_instance",
    run: async (signal) => {
      if (deps.healthCheckIntervalMs > 0) await keyChecks.checkDoubtful(signal);
    },
  };
  const models: Job = {
    name: MODEL_LISTS_JOB,
    // Each provider has its own time; this is how often it is looked at.
    periodMs: 5 * MINUTE_MS,
    jitter: 0.1,
    runsOn: "every_instance",
    run: (signal) => modelLists.refresh(signal),
  };
  return [
    checks,
    {
      name: "instance_note",
      periodMs: MINUTE_MS,
      jitter: 0.1,
      runsOn: "every_instance",
      run: () => deps.noteInstance(),
    },
    ...(learnsModels ? [models] : []),
    {
      name: "usage_rollups",
      periodMs: MINUTE_MS,
      jitter: 0.1,
      runsOn: "one_instance",
      run: (signal) => rollUpUsage(retention, signal),
    },
    {
      name: "usage_retention",
      periodMs: HOUR_MS,
      jitter: 0.2,
      runsOn: "one_instance",
      run: (signal) => deleteOldUsage(retention, signal),
    },
    {
      name: "request_log_retention",
      periodMs: 10 * MINUTE_MS,
      jitter: 0.2,
      runsOn: "one_instance",
      run: (signal) => deleteOldRequests(retention, signal),
    },
    {
      name: "key_retention",
      periodMs: HOUR_MS,
      jitter: 0.2,
      runsOn: "one_instance",
      run: (signal) => deleteOldKeyRecords(retention, signal),
    },
    {
      name: REPRICING_JOB,
      periodMs: 10 * MINUTE_MS,
      jitter: 0.2,
      // What was asked for just now must not wait for a period that another instance has begun.
      runsOn: "every_instance",
      run: (signal) => repriceAsked(repricing, signal),
    },
    {
      name: "kv_cleaning",
      periodMs: 24 * HOUR_MS,
      jitter: 0.2,
      runsOn: "one_instance",
      run: (signal) => cleanStores(retention, signal),
    },
  ];
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
