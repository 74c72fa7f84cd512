import {
  type AttemptTimes,
  type Deadline,
  ladderDeadline,
  PROBE_INTERVAL_MS,
  statedDeadline,
} from "./deadline.ts";
import {
  type KeyHealth,
  type KeyState,
  MAX_MODEL_RESTS,
  type ModelRest,
  modelRest,
  NO_LADDER,
  withoutModel,
  withoutRest,
} from "./health.ts";
import type { ProviderPolicy } from "./provider.ts";
import type { Verdict } from "./verdict.ts";

/** The attempt that a verdict is about. */
export interface JudgedAttempt extends AttemptTimes {
  readonly model?: string;
}

/**
 * The health after an attempt. Only the kinds that blame a key (`key_dead`, `key_limited`, `key_exhausted`,
 * `model_denied`) and `succeeded` change it. A success of an attempt that began before a rest does not end that rest.
 */
export function applyVerdict(
  health: KeyHealth,
  verdict: Verdict,
  attempt: JudgedAttempt,
  policy: ProviderPolicy,
  random: () => number,
): KeyHealth {
  switch (verdict.kind) {
    case "succeeded":
      return succeed(health, attempt);
    case "key_dead":
      return reject(health, verdict, attempt, policy, random);
    case "key_limited":
      return limit(health, verdict, attempt, policy, random);
    case "key_exhausted": {
      const deadline = statedDeadline(verdict, health, attempt.nowMs) ??
        { ...NO_LADDER, untilMs: attempt.nowMs + PROBE_INTERVAL_MS, source: "ladder" as const };
      return rest(health, "exhausted", verdict, deadline, attempt.nowMs);
    }
    case "model_denied": {
      if (attempt.model === undefined) return health;
      const untilMs = attempt.nowMs + PROBE_INTERVAL_MS;
      const deadline = { ...NO_LADDER, untilMs, source: verdict.source ?? ("ladder" as const) };
      return restForModel(health, attempt.model, verdict, deadline, attempt.nowMs);
    }
    case "request_too_big_for_key":
    case "request_bad":
    case "provider_down":
    case "client_gone":
    case "ok_empty":
      return health;
  }
}

/**
 * The health of a key whose account was limited or exhausted through another key, which went from `before` to `after`:
 * it rests as long, on the same step of the ladder. The same object when that changes nothing.
 */
export function shareRest(
  health: KeyHealth,
  before: KeyHealth,
  after: KeyHealth,
  verdict: Verdict,
  attempt: JudgedAttempt,
): KeyHealth {
  const { model, nowMs } = attempt;
  if (verdict.kind === "key_limited" && verdict.scope === "key_model" && model !== undefined) {
    const pair = modelRest(after, model);
    return pair === modelRest(before, model) ? health : restForModel(health, model, verdict, pair, nowMs);
  }
  if (verdict.kind !== "key_limited" && verdict.kind !== "key_exhausted") return health;
  const { untilMs, source, statedUntilMs, ladderStep, steppedAtMs } = after;
  if (untilMs === undefined || source === undefined || untilMs === before.untilMs) return health;
  if (restEndMs(health) >= untilMs) return health;
  const deadline: Deadline = {
    untilMs,
    source,
    ladderStep,
    ...(statedUntilMs !== undefined && { statedUntilMs }),
    ...(steppedAtMs !== undefined && { steppedAtMs }),
  };
  return rest(health, after.state, verdict, deadline, nowMs);
}

function succeed(health: KeyHealth, attempt: JudgedAttempt): KeyHealth {
  const { model, startedMs = Infinity, nowMs } = attempt;
  const pair = model === undefined ? undefined : modelRest(health, model);
  const models = model !== undefined && pair !== undefined && startedMs > pair.sinceMs
    ? withoutModel(health.models, model)
    : health.models;
  const proven = { ...NO_LADDER, consecutiveFailures: 0, isReturning: false, lastSuccessMs: nowMs, models };
  if (health.state === "ready") {
    const { steppedAtMs: _, ...kept } = health;
    return { ...kept, ...proven };
  }
  if (health.source === "quota") return { ...health, ...proven };
  if (health.sinceMs !== undefined && startedMs <= health.sinceMs) {
    // It was under way when the rest began: it shows that the key worked then, and nothing of now.
    return { ...health, lastSuccessMs: nowMs, models };
  }
  return { ...withoutRest(health), ...proven, releasedAtMs: nowMs };
}

function reject(
  health: KeyHealth,
  verdict: Verdict,
  attempt: JudgedAttempt,
  policy: ProviderPolicy,
  random: () => number,
): KeyHealth {
  const { nowMs } = attempt;
  const failed = {
    ...health,
    consecutiveFailures: health.consecutiveFailures + 1,
    lastFailureMs: nowMs,
  };
  if (verdict.isConclusive || failed.consecutiveFailures >= policy.maxConsecutiveFailures) {
    if (health.state === "rejected") return failed;
    return { ...withoutRest(failed), state: "rejected", ...causeOf(verdict), sinceMs: nowMs };
  }
  const deadline = statedDeadline(verdict, health, nowMs) ??
    ladderDeadline(health, health.untilMs, attempt, policy, random);
  return rest(failed, "cooling", verdict, deadline, nowMs);
}

function limit(
  health: KeyHealth,
  verdict: Verdict,
  attempt: JudgedAttempt,
  policy: ProviderPolicy,
  random: () => number,
): KeyHealth {
  const { model, nowMs } = attempt;
  if (verdict.scope === "key_model" && model !== undefined) {
    const before = modelRest(health, model);
    const ladder = before ?? NO_LADDER;
    const deadline = statedDeadline(verdict, ladder, nowMs) ??
      ladderDeadline(ladder, before?.untilMs, attempt, policy, random);
    return restForModel(health, model, verdict, deadline, nowMs);
  }
  const deadline = statedDeadline(verdict, health, nowMs) ??
    ladderDeadline(health, health.untilMs, attempt, policy, random);
  return rest(health, "cooling", verdict, deadline, nowMs);
}

/** Lets the key rest, unless it rests longer already. */
function rest(
  health: KeyHealth,
  state: KeyState,
  verdict: Verdict,
  deadline: Deadline | undefined,
  nowMs: number,
): KeyHealth {
  const failed = { ...health, lastFailureMs: nowMs };
  if (deadline === undefined || restEndMs(health) >= deadline.untilMs) return failed;
  return { ...withoutRest(failed), ...deadline, state, ...causeOf(verdict), sinceMs: nowMs };
}

/** When its rest is over: `Infinity` when only a person, a check or a reset can end it, 0 when it does not rest. */
function restEndMs(health: KeyHealth): number {
  return health.state === "ready" ? 0 : health.untilMs ?? Infinity;
}

function restForModel(
  health: KeyHealth,
  model: string,
  verdict: Verdict,
  deadline: Deadline | undefined,
  nowMs: number,
): KeyHealth {
  const before = modelRest(health, model);
  if (deadline === undefined || (before !== undefined && before.untilMs >= deadline.untilMs)) return health;
  if (model.length > MAX_MODEL_LENGTH) return health;
  const { statedUntilMs: _, ...until } = deadline;
  const entry: ModelRest = { ...until, ...causeOf(verdict), sinceMs: nowMs };
  const others = Object.entries(health.models).filter(([name, other]) =>
    name !== model && other.untilMs + LADDER_MEMORY_MS > nowMs
  );
  others.sort((one, two) => one[1].untilMs - two[1].untilMs);
  const remembered = others.slice(Math.max(0, others.length - MAX_MODEL_RESTS + 1));
  return { ...health, lastFailureMs: nowMs, models: Object.fromEntries([...remembered, [model, entry]]) };
}

/** Model names longer than this are nobody's, and not remembered. */
const MAX_MODEL_LENGTH = 200;
/** How long after its end a rest for a model is kept for the sake of its ladder. */
const LADDER_MEMORY_MS = 3600_000;

function causeOf(verdict: Verdict) {
  const { kind: cause, rule, reason } = verdict;
  return reason === undefined ? { cause, rule } : { cause, rule, reason };
}
