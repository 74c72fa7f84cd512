import type { Verdict } from "../core/verdict.ts";

/**
 * The breaker of an upstream. Closed lets all calls through; open none until `untilMs`; half open one at a time, and
 * the next one only when that has ended or `probeUntilMs` has passed. Plain data: it is kept in Deno KV.
 */
export type Breaker =
  | { readonly state: "closed"; readonly failuresInRow: number; readonly recent: RecentCalls }
  | { readonly state: "open"; readonly untilMs: number; readonly openings: number }
  | { readonly state: "half_open"; readonly probeUntilMs: number; readonly openings: number };

/** Calls of the last 15 to 30 seconds, in two stretches. */
export interface RecentCalls {
  readonly sinceMs: number;
  readonly calls: number;
  readonly failures: number;
  readonly callsBefore: number;
  readonly failuresBefore: number;
}

export const CLOSED_BREAKER: Breaker = {
  state: "closed",
  failuresInRow: 0,
  recent: { sinceMs: 0, calls: 0, failures: 0, callsBefore: 0, failuresBefore: 0 },
};

/** Asks for one call. The given breaker is the one to keep, whether or not the call is admitted. */
export function admitCall(
  breaker: Breaker,
  nowMs: number,
): { readonly isAdmitted: boolean; readonly breaker: Breaker } {
  switch (breaker.state) {
    case "closed":
      return { isAdmitted: true, breaker };
    case "open":
      if (nowMs < breaker.untilMs) return { isAdmitted: false, breaker };
      break;
    case "half_open":
      if (nowMs < breaker.probeUntilMs) return { isAdmitted: false, breaker };
  }
  return probing(breaker.openings, nowMs);
}

/**
 * Asks for one call that no other upstream could take: an open breaker lets it through before its time, as its one
 * probe, once it was open for a second. To refuse such calls any longer would make an outage longer than it is.
 */
export function admitLast(
  breaker: Breaker,
  nowMs: number,
): { readonly isAdmitted: boolean; readonly breaker: Breaker } {
  if (breaker.state !== "open") return admitCall(breaker, nowMs);
  const openedAtMs = breaker.untilMs - openMsOf(breaker.openings - 1);
  return nowMs < openedAtMs + LAST_AFTER_MS ? admitCall(breaker, nowMs) : probing(breaker.openings, nowMs);
}

/** What a verdict says of the upstream: `up`, `down`, or `undefined` when it says nothing. */
export function upstreamSign(verdict: Verdict): "up" | "down" | undefined {
  switch (verdict.kind) {
    case "provider_down":
      return "down";
    case "client_gone":
      return undefined;
    case "succeeded":
    case "ok_empty":
    case "key_dead":
    case "key_limited":
    case "key_exhausted":
    case "model_denied":
    case "request_too_big_for_key":
    case "request_bad":
      // A refusal too is an answer.
      return "up";
  }
}

/** The breaker after a call. `undefined` for a call that ended without a sign: the next probe may go at once. */
export function noteCall(
  breaker: Breaker,
  sign: "up" | "down" | undefined,
  nowMs: number,
): Breaker {
  switch (breaker.state) {
    case "open":
      // Begun before it opened: neither proof nor news.
      return breaker;
    case "half_open":
      if (sign === "up") return CLOSED_BREAKER;
      if (sign === "down") return opened(breaker.openings, nowMs);
      return { ...breaker, probeUntilMs: nowMs };
    case "closed": {
      if (sign === undefined) return breaker;
      const isDown = sign === "down";
      const recent = counted(breaker.recent, isDown, nowMs);
      const failuresInRow = isDown ? breaker.failuresInRow + 1 : 0;
      const calls = recent.calls + recent.callsBefore;
      const isHalfDown = calls >= MIN_CALLS && (recent.failures + recent.failuresBefore) * 2 >= calls;
      const isOpening = isDown && (failuresInRow >= MAX_FAILURES_IN_ROW || isHalfDown);
      return isOpening ? opened(0, nowMs) : { state: "closed", failuresInRow, recent };
    }
  }
}

const MAX_FAILURES_IN_ROW = 5;
/** From so many recent calls on, half of them failing opens it. */
const MIN_CALLS = 20;
const STRETCH_MS = 15_000;
const FIRST_OPEN_MS = 5_000;
const MAX_OPEN_MS = 60_000;
/** Between two probes of an upstream that has no other beside it. */
const LAST_AFTER_MS = 1_000;
/** A probe that has not ended by then does not keep others out any longer. */
const PROBE_PATIENCE_MS = 30_000;

function probing(openings: number, nowMs: number) {
  const breaker: Breaker = { state: "half_open", probeUntilMs: nowMs + PROBE_PATIENCE_MS, openings };
  return { isAdmitted: true, breaker };
}

function opened(openings: number, nowMs: number): Breaker {
  return { state: "open", untilMs: nowMs + openMsOf(openings), openings: openings + 1 };
}

function openMsOf(openings: number): number {
  return Math.min(MAX_OPEN_MS, FIRST_OPEN_MS * 2 ** openings);
}

function counted(recent: RecentCalls, isFailure: boolean, nowMs: number): RecentCalls {
  const failure = isFailure ? 1 : 0;
  const ageMs = nowMs - recent.sinceMs;
  if (ageMs < STRETCH_MS) return { ...recent, calls: recent.calls + 1, failures: recent.failures + failure };
  const isNext = ageMs < 2 * STRETCH_MS;
  return {
    sinceMs: isNext ? recent.sinceMs + STRETCH_MS : nowMs,
    calls: 1,
    failures: failure,
    callsBefore: isNext ? recent.calls : 0,
    failuresBefore: isNext ? recent.failures : 0,
  };
}
