import type { KeyChecks } from "./key_checks.ts";
import type { ModelLists } from "./model_lists.ts";
import { cleanStores, deleteOldUsage, type RetentionDeps } from "./retention.ts";
import type { Job } from "./scheduler.ts";

export interface JobDeps {
  readonly keyChecks: KeyChecks;
  readonly modelLists: ModelLists;
  readonly retention: RetentionDeps;
  /** 0 turns the checks off. */
  readonly healthCheckIntervalMs: number;
  /** Whether models are learned at all. */
  readonly learnsModels: boolean;
}

/** For `scheduler.runSoon()`, when keys or providers were added. */
export const MODEL_LISTS_JOB = "model_lists";

/** Every background job, in one list. */
export function backgroundJobs(deps: JobDeps): Job[] {
  const { keyChecks, modelLists, retention, healthCheckIntervalMs, learnsModels } = deps;
  const checks: Job = {
    name: "key_checks",
    periodMs: healthCheckIntervalMs,
    jitter: 0.1,
    runsOn: "one_instance",
    run: (signal) => keyChecks.checkDoubtful(signal),
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
    ...(healthCheckIntervalMs > 0 ? [checks] : []),
    ...(learnsModels ? [models] : []),
    {
      name: "usage_retention",
      periodMs: 24 * HOUR_MS,
      jitter: 0.2,
      runsOn: "one_instance",
      run: (signal) => deleteOldUsage(retention, signal),
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
