/** How often a background job runs. */
export interface JobTimes {
  /** From start to start. */
  readonly periodMs: number;
  /** Share of the period, 0 to 1, by which a run may come early, so that instances and jobs do not run in step. */
  readonly jitter: number;
}

/** When the first run of a job is due: soon after the start, which may not last for a whole period. */
export function firstDueMs({ periodMs, jitter }: JobTimes, nowMs: number, random: () => number): number {
  return nowMs + Math.min(periodMs * jitter, FIRST_SPREAD_MS) * random();
}

/**
 * When the next run is due: one period after the start of the last one, or earlier by the jitter, never later. After
 * failures in a row it is due a minute after the first one, then twice as long each time, a period at the most.
 */
export function nextDueMs(
  { periodMs, jitter }: JobTimes,
  startedMs: number,
  nowMs: number,
  failuresInRow: number,
  random: () => number,
): number {
  const early = 1 - jitter * random();
  if (failuresInRow === 0) return Math.max(nowMs, startedMs + periodMs * early);
  return nowMs + Math.min(periodMs, FIRST_RETRY_MS * 2 ** (failuresInRow - 1)) * early;
}

const FIRST_SPREAD_MS = 10_000;
const FIRST_RETRY_MS = 60_000;
