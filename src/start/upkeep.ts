import type { LiveProviders } from "../pool/live_providers.ts";
import { backgroundJobs, KEY_CHECKS_JOB, MODEL_LISTS_JOB, REPRICING_JOB } from "../upkeep/jobs.ts";
import { type KeyCheckDeps, KeyChecks } from "../upkeep/key_checks.ts";
import { ModelLists } from "../upkeep/model_lists.ts";
import type { RepriceDeps } from "../upkeep/reprice.ts";
import type { RetentionDeps } from "../upkeep/retention.ts";
import { type JobState, Scheduler } from "../upkeep/scheduler.ts";

export interface UpkeepDeps extends KeyCheckDeps, RetentionDeps, RepriceDeps {
  readonly live: LiveProviders;
  /** How often keys that are in doubt are checked; 0 for never. It may change. */
  readonly healthCheckIntervalMs: number;
  /** Tells the other instances that this one is there; left out, they are not told. */
  readonly noteInstance?: () => Promise<void>;
  /** How old a learned list of models may be; 0 learns none, left out it is six hours. */
  readonly modelListFreshMs?: number;
  /** Takes the models that a provider was found to have, when its operator told none. */
  readonly onModels: (providerId: string, models: readonly string[]) => void;
}

/** The background work of this instance, and the checks that a person asks for. */
export interface Upkeep {
  readonly keyChecks: KeyChecks;
  /** Providers or keys were added: their models are asked for at once. */
  lookForModels(): void;
  /** A re-pricing was asked for: it is taken up at once. */
  reprice(): void;
  /** The interval of the checks was changed. */
  rescheduleChecks(): void;
  /** How the background jobs do. */
  jobs(): readonly JobState[];
  /** Does now what is due for all instances, and resolves once it is done. */
  runAll(): Promise<void>;
  /** Ends what runs. Before the stores, the transport and the ticker are closed. */
  close(): Promise<void>;
}

export function startUpkeep(deps: UpkeepDeps): Upkeep {
  const { modelListFreshMs } = deps;
  const scheduler = new Scheduler(deps);
  const keyChecks = new KeyChecks(deps);
  const modelLists = new ModelLists({
    ...deps,
    ...(modelListFreshMs !== undefined && { freshMs: modelListFreshMs }),
  });
  const jobs = backgroundJobs({
    keyChecks,
    modelLists,
    retention: deps,
    repricing: deps,
    get healthCheckIntervalMs() {
      return deps.healthCheckIntervalMs;
    },
    noteInstance: deps.noteInstance ?? (() => Promise.resolve()),
    learnsModels: modelListFreshMs !== 0,
  });
  for (const job of jobs) scheduler.add(job);
  return {
    keyChecks,
    lookForModels: () => scheduler.runSoon(MODEL_LISTS_JOB),
    reprice: () => scheduler.runSoon(REPRICING_JOB),
    rescheduleChecks: () => scheduler.runSoon(KEY_CHECKS_JOB),
    jobs: () => scheduler.states(),
    runAll: () => scheduler.runAll(),
    close: () => scheduler.close(),
  };
}
