import type { ProviderPolicy } from "./provider.ts";
import type { CooldownSource, VerdictKind } from "./verdict.ts";

/**
 * What was observed of a provider key. Plain data, safe for JSON and Deno KV. Times are milliseconds since the epoch.
 * Made by `applyVerdict()`; a deadline that has passed counts only once `settleHealth()` has seen it.
 */
export interface KeyHealth extends Ladder {
  readonly state: KeyState;
  /** When it may be used again; absent when ready, rejected, or exhausted until its use is reset. */
  readonly untilMs?: number;
  /** What the provider stated, when that is further away than `untilMs` because it is probed meanwhile. */
  readonly statedUntilMs?: number;
  readonly source?: CooldownSource;
  /** What began the rest: `key_dead`, `key_limited` or `key_exhausted`. */
  readonly cause?: VerdictKind;
  readonly rule?: string;
  /** What the provider said, scrubbed; for people. */
  readonly reason?: string;
  readonly sinceMs?: number;
  /** When a person or a success ended the last rest: what began before is void (`mergeHealth`). */
  readonly releasedAtMs?: number;
  /** Rejections in a row; a success makes it zero. */
  readonly consecutiveFailures: number;
  /** Back from a rest and not proven again: one request at a time (`leaseLimit`). */
  readonly isReturning: boolean;
  readonly lastSuccessMs?: number;
  readonly lastFailureMs?: number;
  /** Requests in the present quota period. */
  readonly usedCount: number;
  /** Rests that hold for one model only, by model id. */
  readonly models: Readonly<Record<string, ModelRest>>;
}

export type KeyState = "ready" | "cooling" | "exhausted" | "rejected";

/** How many steps of growing cooldowns were climbed without a success, and when the last one was. */
export interface Ladder {
  readonly ladderStep: number;
  readonly steppedAtMs?: number;
}

/** A key that rests for one model. Kept a while after its end, so that the ladder remembers. */
export interface ModelRest extends Ladder {
  readonly untilMs: number;
  readonly source: CooldownSource;
  readonly cause: VerdictKind;
  readonly rule: string;
  readonly reason?: string;
  readonly sinceMs: number;
}

/** Health of a key that was never used. */
export const FRESH_HEALTH: KeyHealth = {
  state: "ready",
  consecutiveFailures: 0,
  ladderStep: 0,
  isReturning: false,
  usedCount: 0,
  models: {},
};

/** The health as it stands at `nowMs`: a rest whose deadline has passed is over, and the key is returning. */
export function settleHealth(health: KeyHealth, nowMs: number): KeyHealth {
  if (health.state !== "cooling" && health.state !== "exhausted") return health;
  if (health.untilMs === undefined || health.untilMs > nowMs) return health;
  return { ...withoutRest(health), isReturning: true };
}

/** Whether the key rests for this model at `nowMs` (whatever its own state). */
export function isRestingFor(health: KeyHealth, model: string, nowMs: number): boolean {
  const rest = modelRest(health, model);
  return rest !== undefined && rest.untilMs > nowMs;
}

/** The rest of this model, over or not. Safe for any model name, `__proto__` included. */
export function modelRest(health: KeyHealth, model: string): ModelRest | undefined {
  return Object.hasOwn(health.models, model) ? health.models[model] : undefined;
}

/**
 * What a person's release makes of it: usable at once, nothing held against it; with `model` only that pair.
 * A key that rested comes back one request at a time. Its use is reset if that was what it rested for.
 */
export function releaseHealth(health: KeyHealth, nowMs: number, model?: string): KeyHealth {
  if (model !== undefined) return { ...health, models: withoutModel(health.models, model) };
  return {
    ...withoutRest(health),
    ...NO_LADDER,
    consecutiveFailures: 0,
    isReturning: health.isReturning || health.state !== "ready",
    usedCount: health.source === "quota" ? 0 : health.usedCount,
    releasedAtMs: nowMs,
    models: {},
  };
}

/**
 * Takes back what rejections did to it since `before`: they had a cause outside the key. Rests with other causes,
 * use and proofs stay as they are now.
 */
export function forgiveRejections(health: KeyHealth, before: KeyHealth): KeyHealth {
  const { consecutiveFailures } = before;
  if (health.cause !== "key_dead") return { ...health, consecutiveFailures };
  const { lastSuccessMs, lastFailureMs, usedCount, models } = health;
  return {
    ...before,
    ...(lastSuccessMs !== undefined && { lastSuccessMs }),
    ...(lastFailureMs !== undefined && { lastFailureMs }),
    usedCount,
    models,
  };
}

/** The health once its quota period is used up: exhausted, without a deadline, until the use is reset. */
export function exhaustQuota(health: KeyHealth, nowMs: number): KeyHealth {
  if (health.state === "rejected") return health;
  return {
    ...withoutRest(health),
    state: "exhausted",
    source: "quota",
    cause: "key_exhausted",
    rule: "quota.max_requests",
    sinceMs: nowMs,
  };
}

/** The health at the start of a quota period. A key that was exhausted by its own quota is ready at once. */
export function resetQuota(health: KeyHealth): KeyHealth {
  const reset = health.state === "exhausted" && health.source === "quota" ? withoutRest(health) : health;
  return { ...reset, usedCount: 0 };
}

/**
 * How many leases the key may have at once. A key that never worked, or has failed since, gets no more than it has
 * failures left; one that returns from a rest gets one; a proven key any number. So a revoked key never sees more
 * than `maxConsecutiveFailures` requests, however many callers there are.
 */
export function leaseLimit(health: KeyHealth, policy: ProviderPolicy): number {
  if (health.isReturning) return 1;
  if (health.lastSuccessMs !== undefined && health.consecutiveFailures === 0) return Infinity;
  return Math.max(1, policy.maxConsecutiveFailures - health.consecutiveFailures);
}

/** Whether the key was never heard of, good or bad. */
export function isUntested(health: KeyHealth): boolean {
  return health.lastSuccessMs === undefined && health.consecutiveFailures === 0 && !health.isReturning;
}

/** Models remembered for a key at most: their names come from callers, who may invent any number. */
export const MAX_MODEL_RESTS = 32;

/** The health without its rest; ladder and counts stay. */
export function withoutRest(health: KeyHealth): KeyHealth {
  const {
    untilMs: _1,
    statedUntilMs: _2,
    source: _3,
    cause: _4,
    rule: _5,
    reason: _6,
    sinceMs: _7,
    ...kept
  } = health;
  return { ...kept, state: "ready" };
}

/** The rests of the other models. */
export function withoutModel(
  models: Readonly<Record<string, ModelRest>>,
  model: string,
): Readonly<Record<string, ModelRest>> {
  if (!Object.hasOwn(models, model)) return models;
  return Object.fromEntries(Object.entries(models).filter(([name]) => name !== model));
}

/** For spreading: forgets the steps. A step number of zero makes the time of the last step meaningless. */
export const NO_LADDER: Ladder = { ladderStep: 0 };
