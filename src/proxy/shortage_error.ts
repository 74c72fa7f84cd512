import type { Verdict } from "../core/verdict.ts";
import { AppError } from "../errors.ts";
import type { PoolCounts } from "../pool/roster.ts";
import { nameAt } from "./named_model.ts";
import type { Plan } from "./plan.ts";

/**
 * Why a request got no key, with how many keys are in which state and when the next one is due: 429 while
 * keys are only resting, 503 when all are rejected or disabled, or the provider itself is in trouble.
 * `last` is the verdict that the last key of this request brought, if it had one.
 */
export function shortageError(plan: Plan, nowMs: number, hasProvider: boolean, last?: Verdict): AppError {
  const providers = askableOf(plan);
  const names = providers.map(({ provider }) => provider.slug).join(", ");
  const outlooks = providers.map(({ pool, provider }) => pool.outlook(nameAt(plan, provider)));
  const counts = sum(outlooks.map((each) => each.counts));
  const openUntilMs = soonest(providers.map((live) => live.closedToCallsUntilMs(nowMs)));
  if (!hasProvider && openUntilMs !== undefined) {
    return new AppError("provider_unavailable", `Cannot serve this request now: ${names} is in trouble`, {
      retryAfterSeconds: secondsUntil(openUntilMs, nowMs),
      details: { counts },
    });
  }
  const readyAtMs = soonest(outlooks.map((each) => each.readyAtMs));
  const isRefused = last?.kind === "key_dead";
  if (readyAtMs === undefined && (counts.ready === 0 || isRefused)) {
    // Keys that were rejected together are not held to be dead: the cause may be shared.
    const why = isRefused && counts.ready > 0 ? "; those tried were rejected" : "";
    return new AppError("no_key_available", `Cannot serve this request: ${describe(names, counts)}${why}`, {
      details: { counts },
    });
  }
  // A key that is merely busy may be free at any moment.
  const seconds = readyAtMs === undefined ? 1 : secondsUntil(readyAtMs, nowMs);
  return new AppError("rate_limited", `Cannot serve this request now: ${describe(names, counts)}`, {
    retryAfterSeconds: seconds,
    details: { counts, next_key_in_s: seconds },
  });
}

/** Those that can be asked this at all; their keys are what counts. */
function askableOf({ providers, translation }: Plan): Plan["providers"] {
  if (translation === undefined) return providers;
  const askable = providers.filter(({ provider }) => translation.refusalOf(provider) === undefined);
  return askable.length === 0 ? providers : askable;
}

function describe(names: string, counts: PoolCounts): string {
  if (counts.total === 0) return `${names} has no keys`;
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

function soonest(moments: readonly (number | undefined)[]): number | undefined {
  const least = Math.min(...moments.map((each) => each ?? Infinity));
  return least === Infinity ? undefined : least;
}

function secondsUntil(momentMs: number, nowMs: number): number {
  return Math.max(1, Math.ceil((momentMs - nowMs) / 1000));
}
