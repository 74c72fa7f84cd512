import { AppError } from "../errors.ts";
import type { PoolCounts } from "../pool/roster.ts";
import type { Shortage } from "../pool/key_pool.ts";
import type { Plan } from "./plan.ts";

/**
 * Why a request got no key, with how many keys are in which state and when the next one is due: 429 while
 * keys are only resting, 503 when all are rejected or disabled, or the provider itself is in trouble.
 */
export function shortageError(plan: Plan, nowMs: number, shortage?: Shortage): AppError {
  const names = plan.providers.map(({ provider }) => provider.slug).join(", ");
  const openUntilMs = plan.providers.map((live) => live.closedToCallsUntilMs(nowMs))
    .reduce<number | undefined>(
      (least, each) => each === undefined ? least : Math.min(least ?? each, each),
      undefined,
    );
  const counts = sum(plan.providers.map(({ pool }) => pool.counts()));
  if (shortage === undefined && openUntilMs !== undefined) {
    return new AppError("provider_unavailable", `Cannot serve this request now: ${names} is in trouble`, {
      retryAfterSeconds: secondsUntil(openUntilMs, nowMs),
      details: { counts },
    });
  }
  const readyAtMs = shortage?.readyAtMs;
  const wait = readyAtMs === undefined ? {} : { retryAfterSeconds: secondsUntil(readyAtMs, nowMs) };
  const details = {
    counts,
    ...(readyAtMs !== undefined && { next_key_in_s: secondsUntil(readyAtMs, nowMs) }),
  };
  const isResting = counts.cooling > 0 || counts.ready > 0 || readyAtMs !== undefined;
  if (counts.total > 0 && isResting) {
    return new AppError("rate_limited", `Cannot serve this request now: ${describe(names, counts)}`, {
      ...wait,
      details,
    });
  }
  const state = counts.total === 0 ? `${names} has no keys` : describe(names, counts);
  return new AppError("no_key_available", `Cannot serve this request: ${state}`, { ...wait, details });
}

function describe(names: string, counts: PoolCounts): string {
  const states = (["ready", "cooling", "exhausted", "rejected", "disabled"] as const)
    .filter((state) => counts[state] > 0).map((state) => `${counts[state]} ${state}`);
  return `of ${counts.total} keys of ${names}, ${states.join(", ")}`;
}

function sum(all: readonly PoolCounts[]): PoolCounts {
  return all.reduce((total, counts) => ({
    total: total.total + counts.total,
    ready: total.ready + counts.ready,
    cooling: total.cooling + counts.cooling,
    exhausted: total.exhausted + counts.exhausted,
    rejected: total.rejected + counts.rejected,
    disabled: total.disabled + counts.disabled,
    inFlight: total.inFlight + counts.inFlight,
  }));
}

function secondsUntil(momentMs: number, nowMs: number): number {
  return Math.max(1, Math.ceil((momentMs - nowMs) / 1000));
}
