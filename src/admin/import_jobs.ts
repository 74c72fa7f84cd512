import type { KeyCheckTally } from "../core/key_check.ts";
import type { Imported, LeftOut, Product } from "../imports/imported.ts";
import type { GroupDeps } from "./groups.ts";
import { type Fingerprints, fingerprintsOf } from "./import_counts.ts";
import type { ImportPlan } from "./import_plan.ts";
import { type ImportChoices, type ImportReport, runImport } from "./import_run.ts";
import { createLiveWriter } from "./import_writer.ts";

/** `preview`: nothing is written yet. `checking`: everything is, and keys are being asked about. */
export type ImportState = "preview" | "running" | "checking" | "done" | "stopped" | "failed";

/** One import, from the text that was pasted to the report of what has become of it. */
export interface ImportJob {
  readonly id: string;
  readonly product: Product;
  readonly createdMs: number;
  /** Name of whoever has begun it. */
  readonly by: string;
  readonly keyCount: number;
  readonly state: ImportState;
  /** What was read; `undefined` from the moment that it is written, because it holds secrets. */
  readonly imported: Imported | undefined;
  readonly fingerprints: Fingerprints;
  /** Choices that it was begun with: of the page's form. */
  readonly choices: readonly string[];
  /** Keys to write, and those that are dealt with. */
  readonly total: number;
  readonly done: number;
  readonly check: KeyCheckTally | undefined;
  readonly report: ImportReport | undefined;
  readonly leftOut: readonly LeftOut[];
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

const KEPT_JOBS = 50;
const KEPT_MS = 86_400_000;
/** What was pasted and never begun holds secrets. */
const PREVIEW_MS = 3_600_000;
const MAX_PREVIEWS = 8;

/** The imports of this instance. They live in memory: one that breaks off is repeated whole, which adds the rest. */
export class ImportJobs {
  readonly #deps: GroupDeps;
  readonly #jobs = new Map<string, Mutable<ImportJob>>();
  readonly #aborts = new Map<string, AbortController>();
  readonly #runs = new Set<Promise<void>>();

  constructor(deps: GroupDeps) {
    this.#deps = deps;
  }

  /** Newest first. */
  list(): ImportJob[] {
    this.#forgetOld();
    return [...this.#jobs.values()].reverse();
  }

  find(id: string): ImportJob | undefined {
    this.#forgetOld();
    return this.#jobs.get(id);
  }

  /** Keeps what was read, to be looked at; the oldest of too many that nobody has begun goes. */
  async add(imported: Imported, choices: readonly string[], by: string): Promise<ImportJob> {
    const fingerprints = await fingerprintsOf(this.#deps.keyring, imported.providers);
    const job: Mutable<ImportJob> = {
      id: this.#deps.stamp().newId(),
      product: imported.product,
      createdMs: this.#deps.ticker.now(),
      by,
      keyCount: imported.providers.reduce((sum, { keys }) => sum + keys.length, 0),
      state: "preview",
      imported,
      fingerprints,
      choices,
      total: 0,
      done: 0,
      check: undefined,
      report: undefined,
      leftOut: imported.leftOut,
    };
    this.#jobs.set(job.id, job);
    this.#forgetOld();
    return job;
  }

  /** Begins to write; the answer does not wait for it. `false` when it has begun before. */
  start(id: string, plan: ImportPlan, choices: ImportChoices, isChecked: boolean): boolean {
    const job = this.#jobs.get(id);
    if (job === undefined || job.state !== "preview") return false;
    job.state = "running";
    job.leftOut = [...job.leftOut, ...plan.leftOut, ...untold(plan)];
    job.total = plan.providers.reduce(
      (sum, { source, destination }) => sum + (isTakenOver(destination.kind) ? source.keys.length : 0),
      0,
    );
    job.imported = undefined;
    job.fingerprints = [];
    const abort = new AbortController();
    this.#aborts.set(id, abort);
    const run = this.#run(job, plan, choices, isChecked, abort.signal).finally(() => {
      this.#runs.delete(run);
      this.#aborts.delete(id);
    });
    this.#runs.add(run);
    return true;
  }

  /** Breaks an import off, or forgets one that nobody has begun. `false` when there is nothing to break off. */
  stop(id: string): boolean {
    const job = this.#jobs.get(id);
    if (job?.state === "preview") return this.#jobs.delete(id);
    const abort = this.#aborts.get(id);
    abort?.abort();
    return abort !== undefined;
  }

  /** Breaks everything off and waits for its end: the stores close next. */
  async close(): Promise<void> {
    for (const abort of this.#aborts.values()) abort.abort();
    await Promise.all(this.#runs);
  }

  async #run(
    job: Mutable<ImportJob>,
    plan: ImportPlan,
    choices: ImportChoices,
    isChecked: boolean,
    signal: AbortSignal,
  ): Promise<void> {
    const { log } = this.#deps;
    try {
      const report = await runImport(plan, choices, createLiveWriter(this.#deps), {
        signal,
        onKeys: (count) => {
          job.done += count;
        },
        onReport: (soFar) => {
          job.report = soFar;
        },
      });
      job.report = report;
      job.leftOut = [...job.leftOut, ...report.leftOut];
      if (isChecked) await this.#check(job, report, signal);
      job.state = signal.aborted ? "stopped" : "done";
    } catch (error) {
      // The top of a background loop: whoever follows the page is told by the state.
      job.state = signal.aborted ? "stopped" : "failed";
      if (!signal.aborted) log.error("import.failed", { id: job.id, error });
    }
    const added = job.report?.providers.reduce((sum, each) => sum + each.added, 0) ?? 0;
    log.info("import.ended", { id: job.id, product: job.product, state: job.state, added, total: job.total });
  }

  async #check(job: Mutable<ImportJob>, report: ImportReport, signal: AbortSignal): Promise<void> {
    const { keyChecks, live } = this.#deps;
    job.state = "checking";
    const slugs = report.providers.filter(({ added }) => added > 0).map(({ slug }) => slug);
    const total = slugs.reduce((sum, slug) => sum + (live.find(slug)?.pool.counts().total ?? 0), 0);
    let before = NOTHING_CHECKED;
    job.check = { ...before, total };
    for (const slug of slugs) {
      if (signal.aborted) return;
      const ended = await keyChecks.checkProvider(slug, (tally) => {
        job.check = { ...added(before, tally), total };
      }, signal);
      if (ended !== undefined) before = added(before, ended);
      job.check = { ...before, total };
    }
  }

  #forgetOld(): void {
    const nowMs = this.#deps.ticker.now();
    const previews = [...this.#jobs.values()].filter(({ state }) => state === "preview");
    const surplus = new Set(previews.slice(0, Math.max(0, previews.length - MAX_PREVIEWS)));
    for (const job of this.#jobs.values()) {
      if (this.#aborts.has(job.id)) continue;
      const age = nowMs - job.createdMs;
      const isOver = age > (job.state === "preview" ? PREVIEW_MS : KEPT_MS) || this.#jobs.size > KEPT_JOBS;
      if (isOver || surplus.has(job)) this.#jobs.delete(job.id);
    }
  }
}

const NOTHING_CHECKED = { total: 0, checked: 0, accepted: 0, rejected: 0, failed: 0 };

function added(one: KeyCheckTally, other: KeyCheckTally): KeyCheckTally {
  return {
    total: one.total + other.total,
    checked: one.checked + other.checked,
    accepted: one.accepted + other.accepted,
    rejected: one.rejected + other.rejected,
    failed: one.failed + other.failed,
  };
}

function isTakenOver(kind: "existing" | "new" | "skip" | "ask"): boolean {
  return kind === "existing" || kind === "new";
}

/** Keys of which nobody has said whose they are, for the report. */
function untold(plan: ImportPlan): LeftOut[] {
  return plan.providers.filter(({ destination }) => destination.kind === "ask").flatMap(({ source }) =>
    source.keys.map(({ place }) => ({ place, reason: "no_provider" as const }))
  );
}
