import type { Ladder } from "./health.ts";
import type { ProviderPolicy } from "./provider.ts";
import type { CooldownSource, Verdict } from "./verdict.ts";

/** Until when something rests, and where that comes from. */
export interface Deadline extends Ladder {
  readonly untilMs: number;
  /** What the provider stated, when it is further away than `untilMs`. */
  readonly statedUntilMs?: number;
  readonly source: CooldownSource;
}

/** When an attempt took place. */
export interface AttemptTimes {
  readonly nowMs: number;
  /** When it began; `undefined` when it is surely later than all that is known (a check by hand). */
  readonly startedMs?: number;
}

/** A stated time beyond this is not waited for: the key is probed by one real request an hour instead. */
export const MAX_STATED_MS = 24 * 3600_000;
/** Between two probes of something that may come back at any moment: a top-up, a raised limit. */
export const PROBE_INTERVAL_MS = 3600_000;
/** A stated moment in the past means "very soon". */
const MIN_STATED_MS = 1000;

/** The deadline that the provider stated, or `undefined` if it stated none that can be read. */
export function statedDeadline(verdict: Verdict, ladder: Ladder, nowMs: number): Deadline | undefined {
  const statedMs = verdict.untilMs;
  if (statedMs === undefined || Number.isNaN(statedMs)) return undefined;
  const source = verdict.source ?? "body";
  if (statedMs - nowMs > MAX_STATED_MS) {
    const untilMs = nowMs + PROBE_INTERVAL_MS;
    return { ...ladderOf(ladder), untilMs, source, ...(statedMs < Infinity && { statedUntilMs: statedMs }) };
  }
  return { ...ladderOf(ladder), untilMs: Math.max(statedMs, nowMs + MIN_STATED_MS), source };
}

/**
 * The deadline of the next step: base × 2^n up to the cap, ±20%. Failures of the same moment climb once: while the
 * rest of the last step lasts there is nothing new (`undefined`), and an attempt that began before it repeats it.
 */
export function ladderDeadline(
  ladder: Ladder,
  restUntilMs: number | undefined,
  times: AttemptTimes,
  policy: ProviderPolicy,
  random: () => number,
): Deadline | undefined {
  const { nowMs } = times;
  if (restUntilMs !== undefined && restUntilMs > nowMs) return undefined;
  const isSameMoment = ladder.ladderStep > 0 && ladder.steppedAtMs !== undefined &&
    (times.startedMs ?? nowMs) < ladder.steppedAtMs;
  const ladderStep = isSameMoment ? ladder.ladderStep : ladder.ladderStep + 1;
  const delayMs = Math.min(policy.cooldownCapMs, policy.cooldownBaseMs * 2 ** (ladderStep - 1));
  const untilMs = nowMs + Math.round(delayMs * (0.8 + 0.4 * random()));
  return { untilMs, source: "ladder", ladderStep, steppedAtMs: nowMs };
}

function ladderOf(ladder: Ladder): Ladder {
  const { ladderStep, steppedAtMs } = ladder;
  return steppedAtMs === undefined ? { ladderStep } : { ladderStep, steppedAtMs };
}
