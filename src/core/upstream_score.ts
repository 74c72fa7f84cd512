/**
 * How an upstream has done lately, from the calls that were made to it. Figures move in two ways: they fade with
 * time, so that what is long ago says nothing and a provider that was left out is tried again; and they hold no
 * more than some calls, so that one that was busy failing needs no hour of successes to be believed.
 */
export interface UpstreamFigures {
  /** The moment that the counts have faded to: milliseconds since the epoch. */
  readonly atMs: number;
  readonly successes: number;
  readonly failures: number;
  /** Sum of the latencies to the first byte, and how many calls are in it. */
  readonly latencySumMs: number;
  readonly latencyCount: number;
}

export const FRESH_FIGURES: UpstreamFigures = {
  atMs: 0,
  successes: 0,
  failures: 0,
  latencySumMs: 0,
  latencyCount: 0,
};

/** What the figures say at a moment. */
export interface UpstreamScore {
  /** Above 0, up to 1 for an upstream that is not known to fail: its factor in a share. */
  readonly health: number;
  /** Mean latency to the first byte; `undefined` when none was measured. */
  readonly latencyMs: number | undefined;
  /** How many calls stand behind `latencyMs`, faded ones counting less. */
  readonly latencyCount: number;
}

/** What one call has shown. */
export interface UpstreamCall {
  readonly isSuccess: boolean;
  /** From sending to the first byte; left out where none came, or where it says nothing (an error is fast). */
  readonly firstByteMs?: number;
}

/** The figures after one more call. */
export function noteUpstreamCall(
  figures: UpstreamFigures,
  call: UpstreamCall,
  nowMs: number,
): UpstreamFigures {
  const faded = fading(figures, nowMs);
  const outcomes = faded * bound(faded * (figures.successes + figures.failures), OUTCOME_MEMORY);
  const latencies = call.firstByteMs === undefined
    ? faded
    : faded * bound(faded * figures.latencyCount, LATENCY_MEMORY);
  return {
    atMs: Math.max(figures.atMs, nowMs),
    successes: figures.successes * outcomes + (call.isSuccess ? 1 : 0),
    failures: figures.failures * outcomes + (call.isSuccess ? 0 : 1),
    latencySumMs: figures.latencySumMs * latencies + (call.firstByteMs ?? 0),
    latencyCount: figures.latencyCount * latencies + (call.firstByteMs === undefined ? 0 : 1),
  };
}

/**
 * The score at a moment. Health is the square of the success rate, with `BENEFIT_OF_DOUBT` successes assumed
 * beforehand: one failure of an unknown upstream costs a third of its share, every second call failing three
 * quarters. As no more than `OUTCOME_MEMORY` calls count, 0.008 is always left to find out by whether it is back.
 */
export function upstreamScore(figures: UpstreamFigures, nowMs: number): UpstreamScore {
  const faded = fading(figures, nowMs);
  const successes = figures.successes * faded + BENEFIT_OF_DOUBT;
  const rate = successes / (successes + figures.failures * faded);
  return {
    health: rate * rate,
    latencyMs: figures.latencyCount === 0 ? undefined : figures.latencySumMs / figures.latencyCount,
    latencyCount: figures.latencyCount * faded,
  };
}

/** The latency that the others are held against: the lowest that was measured, 0 when none was. */
export function referenceLatencyMs(scores: Iterable<UpstreamScore>): number {
  let lowest = Infinity;
  for (const { latencyMs, latencyCount } of scores) {
    if (latencyMs !== undefined && latencyCount >= MIN_MEASURED) lowest = Math.min(lowest, latencyMs);
  }
  return lowest === Infinity ? 0 : lowest;
}

/** The latency to expect: what was measured, drawn to the reference the less is known of it. */
export function expectedLatencyMs({ latencyMs, latencyCount }: UpstreamScore, referenceMs: number): number {
  if (latencyMs === undefined) return referenceMs;
  return (latencyMs * latencyCount + referenceMs * MIN_MEASURED) / (latencyCount + MIN_MEASURED);
}

/**
 * The factor of latency in a share: 1 up to a quarter above the reference, then falling with the ratio, down to
 * `MIN_LATENCY_FACTOR`. It is a ratio to the best because three seconds are slow for a small model and quick for
 * one that reasons.
 */
export function latencyFactor(score: UpstreamScore, referenceMs: number): number {
  const expectedMs = expectedLatencyMs(score, referenceMs);
  const ratio = LATENCY_TOLERANCE * (referenceMs + LATENCY_SLACK_MS) / (expectedMs + LATENCY_SLACK_MS);
  return Math.min(1, Math.max(MIN_LATENCY_FACTOR, ratio));
}

/** In this time, what is known counts half. */
const HALF_LIFE_MS = 30_000;
const OUTCOME_MEMORY = 50;
const LATENCY_MEMORY = 20;
const BENEFIT_OF_DOUBT = 5;
/** Fewer measured calls than this are hearsay. */
const MIN_MEASURED = 0.5;
const LATENCY_TOLERANCE = 1.25;
/** Differences of some tens of milliseconds are the network's and the clock's. */
const LATENCY_SLACK_MS = 100;
const MIN_LATENCY_FACTOR = 0.1;

/** How much is left of a count at the moment; a clock that was set back fades nothing. */
function fading({ atMs }: UpstreamFigures, nowMs: number): number {
  return nowMs <= atMs ? 1 : 2 ** ((atMs - nowMs) / HALF_LIFE_MS);
}

/** The factor that makes room for one more call in a memory of so many. */
function bound(count: number, memory: number): number {
  return count + 1 <= memory ? 1 : (memory - 1) / count;
}
