import { type KeyHealth, type ModelRest, modelRest, NO_LADDER, withoutRest } from "./health.ts";

/**
 * What two instances know of one key, put together: the later deadline wins, a rejection stands, and a rest that the
 * other one has ended since (by a person or a success) is void. Commutative but for ties.
 */
export function mergeHealth(mine: KeyHealth, theirs: KeyHealth): KeyHealth {
  const a = unlessReleased(mine, theirs.releasedAtMs);
  const b = unlessReleased(theirs, mine.releasedAtMs);
  const longer = restEndMs(b) > restEndMs(a) ? b : a;
  const lastSuccessMs = latest(a.lastSuccessMs, b.lastSuccessMs);
  const lastFailureMs = latest(a.lastFailureMs, b.lastFailureMs);
  const releasedAtMs = latest(a.releasedAtMs, b.releasedAtMs);
  return {
    ...longer,
    consecutiveFailures: Math.max(failuresSince(a, lastSuccessMs), failuresSince(b, lastSuccessMs)),
    isReturning: isUnproven(a, b) || isUnproven(b, a),
    usedCount: Math.max(a.usedCount, b.usedCount),
    ...(lastSuccessMs !== undefined && { lastSuccessMs }),
    ...(lastFailureMs !== undefined && { lastFailureMs }),
    ...(releasedAtMs !== undefined && { releasedAtMs }),
    models: mergeModels(a, b),
  };
}

/** A success that the other one saw after the last failure ends the row. */
function failuresSince(health: KeyHealth, lastSuccessMs = 0): number {
  return (health.lastFailureMs ?? Infinity) < lastSuccessMs ? 0 : health.consecutiveFailures;
}

/** Returning, and not proven meanwhile by a success that the other one saw. */
function isUnproven(health: KeyHealth, other: KeyHealth): boolean {
  if (!health.isReturning) return false;
  const isProven = other.state === "ready" && !other.isReturning &&
    (other.lastSuccessMs ?? 0) > Math.max(health.lastFailureMs ?? 0, health.releasedAtMs ?? 0);
  return !isProven;
}

function mergeModels(a: KeyHealth, b: KeyHealth): Readonly<Record<string, ModelRest>> {
  const merged = new Map(Object.entries(a.models));
  for (const [model, rest] of Object.entries(b.models)) {
    const mine = modelRest(a, model);
    if (mine === undefined || isStronger(rest, mine)) merged.set(model, rest);
  }
  return Object.fromEntries(merged);
}

/** The later deadline wins, unless the other one is the end of a rest that began before (`endedRest`). */
function isStronger(rest: ModelRest, other: ModelRest): boolean {
  if (rest.sinceMs > other.sinceMs && isEnded(rest)) return true;
  if (other.sinceMs > rest.sinceMs && isEnded(other)) return false;
  return rest.untilMs > other.untilMs;
}

/** What stays of a rest for a model that was ended before its time, so that no merge brings it back. */
export function endedRest(rest: ModelRest, nowMs: number): ModelRest {
  const { reason: _, ...kept } = rest;
  return { ...kept, ...NO_LADDER, untilMs: nowMs, sinceMs: nowMs, source: "manual" };
}

function isEnded({ untilMs, sinceMs }: ModelRest): boolean {
  return untilMs <= sinceMs;
}

function unlessReleased(health: KeyHealth, releasedAtMs: number | undefined): KeyHealth {
  if (releasedAtMs === undefined || health.state === "ready" || (health.sinceMs ?? 0) > releasedAtMs) {
    return health;
  }
  return { ...withoutRest(health), consecutiveFailures: 0, ladderStep: 0, isReturning: true };
}

function restEndMs(health: KeyHealth): number {
  if (health.state === "rejected") return Infinity;
  return health.state === "ready" ? 0 : health.untilMs ?? Number.MAX_VALUE;
}

function latest(a: number | undefined, b: number | undefined): number | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return Math.max(a, b);
}
