import type { Watched } from "../core/watch.ts";
import { firstDueMs, type JobTimes, nextDueMs } from "./job_times.ts";
import { type LeaseDeps, runLeased } from "./leased_run.ts";
import { waitUntil } from "./wait.ts";

/** Something that is done again and again in the background. */
export interface Job extends JobTimes {
  readonly name: string;
  /** Whether one of several instances does it for all, or each one for itself. */
  readonly runsOn: "one_instance" | "every_instance";
  /** Ends early when the signal aborts: the program stops, or another instance has taken over. */
  run(signal: AbortSignal): Promise<void>;
}

/** How a job does on this instance. */
export interface JobState {
  readonly name: string;
  readonly isRunning: boolean;
  /** `undefined` before the first run. Where one instance does it for all, it may have found nothing to do. */
  readonly lastStartedMs: number | undefined;
  readonly lastDurationMs: number | undefined;
  readonly failuresInRow: number;
  readonly dueMs: number;
}

export interface SchedulerDeps extends LeaseDeps {
  readonly random: () => number;
}

/**
 * Runs the background jobs, each when it is due and never beside itself. A failure is logged and tried again, later
 * each time. Nothing runs before `add()`.
 */
export class Scheduler {
  readonly #deps: SchedulerDeps;
  readonly #planned = new Map<string, PlannedJob>();

  constructor(deps: SchedulerDeps) {
    this.#deps = deps;
  }

  add(job: Job): void {
    this.#planned.set(job.name, new PlannedJob(job, this.#deps));
  }

  /** Runs the job at the next tick; once more after the run that is under way. Unknown names are ignored. */
  runSoon(name: string): void {
    this.#planned.get(name)?.runSoon();
  }

  /** Runs every job now that its lease lets run, and resolves once nothing runs: where nobody else keeps the time. */
  async runAll(): Promise<void> {
    for (const planned of this.#planned.values()) planned.runNow();
    await this.settled();
  }

  /** How each of them does. */
  states(): JobState[] {
    return [...this.#planned.values()].map((planned) => planned.state());
  }

  /** Resolves once nothing runs. */
  async settled(): Promise<void> {
    await Promise.all([...this.#planned.values()].map((planned) => planned.running));
  }

  /** Starts nothing any more, tells what runs to end, and waits for it, `graceMs` at the longest. */
  async close(graceMs = 3000): Promise<void> {
    const { ticker, log } = this.#deps;
    for (const planned of this.#planned.values()) planned.close();
    const patience = new AbortController();
    const settled = this.settled().then(() => patience.abort());
    await Promise.race([settled, waitUntil(ticker, ticker.now() + graceMs, patience.signal)]);
    const late = [...this.#planned.values()].filter((planned) => planned.isRunning);
    if (late.length > 0) log.warn("job.not_ended", { jobs: late.map(({ job }) => job.name) });
  }
}

/** A job and its clock. */
class PlannedJob implements Watched {
  readonly job: Job;
  dueMs: number;
  running: Promise<void> = Promise.resolve();
  isRunning = false;
  readonly #deps: SchedulerDeps;
  readonly #aborter = new AbortController();
  #failuresInRow = 0;
  #lastStartedMs: number | undefined;
  #lastDurationMs: number | undefined;
  #isWanted = false;

  constructor(job: Job, deps: SchedulerDeps) {
    this.job = job;
    this.#deps = deps;
    this.dueMs = firstDueMs(job, deps.ticker.now(), deps.random);
    deps.ticker.watch(this);
  }

  state(): JobState {
    return {
      name: this.job.name,
      isRunning: this.isRunning,
      lastStartedMs: this.#lastStartedMs,
      lastDurationMs: this.#lastDurationMs,
      failuresInRow: this.#failuresInRow,
      dueMs: this.dueMs,
    };
  }

  expire(): void {
    this.isRunning = true;
    this.running = this.#run();
  }

  runSoon(): void {
    if (this.#aborter.signal.aborted) return;
    this.#isWanted = this.isRunning;
    if (!this.isRunning) this.dueMs = this.#deps.ticker.now();
  }

  runNow(): void {
    if (this.#aborter.signal.aborted || this.isRunning) return;
    this.#deps.ticker.unwatch(this);
    this.expire();
  }

  close(): void {
    this.#deps.ticker.unwatch(this);
    this.#aborter.abort(new Error("The program stops"));
  }

  async #run(): Promise<void> {
    const { job } = this;
    const { ticker, log, random } = this.#deps;
    const startedMs = ticker.now();
    this.#lastStartedMs = startedMs;
    let askAgainMs: number | undefined;
    try {
      askAgainMs = await this.#runOnce();
      this.#failuresInRow = 0;
    } catch (error) {
      // Top of a background loop.
      this.#failuresInRow++;
      log.error("job.failed", { job: job.name, failuresInRow: this.#failuresInRow, error });
    }
    this.isRunning = false;
    this.#lastDurationMs = ticker.now() - startedMs;
    if (this.#aborter.signal.aborted) return;
    const nowMs = ticker.now();
    this.dueMs = this.#isWanted
      ? nowMs
      : askAgainMs ?? nextDueMs(job, startedMs, nowMs, this.#failuresInRow, random);
    this.#isWanted = false;
    ticker.watch(this);
  }

  /** Gives when to ask again, when another instance does it. */
  async #runOnce(): Promise<number | undefined> {
    const { job } = this;
    const aborter = new AbortController();
    const end = () => aborter.abort(this.#aborter.signal.reason);
    this.#aborter.signal.addEventListener("abort", end);
    try {
      if (job.runsOn === "every_instance") {
        await job.run(aborter.signal);
        return undefined;
      }
      // The whole jitter early is the earliest that any instance comes again.
      const restMs = job.periodMs * (1 - job.jitter);
      const skipped = await runLeased(this.#deps, job.name, restMs, aborter, () => job.run(aborter.signal));
      return skipped?.askAgainMs;
    } finally {
      this.#aborter.signal.removeEventListener("abort", end);
    }
  }
}
