import { Lease } from "../pool/pool_key.ts";
import type { Ask, Shortage } from "../pool/key_pool.ts";
import type { LiveProvider } from "../pool/live_providers.ts";
import type { AttemptDeps, Plan } from "./plan.ts";
import type { ProxiedRequest } from "./proxied_request.ts";

/** What a request has tried already and does not want again. */
export interface Tried {
  readonly keys: string[];
  readonly accounts: string[];
  /** Ids of the providers that were in trouble themselves: asked again only when no other one is left. */
  readonly providers: string[];
}

export function nothingTried(): Tried {
  return { keys: [], accounts: [], providers: [] };
}

export type TakenTurn =
  | { readonly kind: "lease"; readonly live: LiveProvider; readonly lease: Lease }
  | { readonly kind: "shortage"; readonly shortage: Shortage | undefined };

/**
 * The next key for a request: of the first provider that has one, else of the one that has one soonest, if
 * that is soon enough to wait for. A provider whose breaker is open is passed over,
 * unless all of them are.
 */
export async function takeTurn(
  request: ProxiedRequest,
  plan: Plan,
  tried: Tried,
  deps: AttemptDeps,
): Promise<TakenTurn> {
  const nowMs = deps.ticker.now();
  const untilMs = Math.min(request.startedMs + plan.maxWaitMs, plan.deadlineMs);
  const ask: Ask = {
    tried: tried.keys,
    ...(tried.accounts.length > 0 && { excludedAccounts: tried.accounts }),
    ...(plan.model !== undefined && { model: plan.model }),
    ...(plan.strategy !== undefined && { strategy: plan.strategy }),
    ...(request.clientKey !== undefined && { clientKeyId: request.clientKey.id }),
    mayWait: untilMs > nowMs,
  };
  let soonest: { readonly live: LiveProvider; readonly shortage: Shortage } | undefined;
  const providers = othersFirst(plan.providers, tried.providers);
  const areAllOpen = providers.every((live) => live.closedToCallsUntilMs(nowMs) !== undefined);
  for (const live of providers) {
    // With all of them open, a request that has not met this one's trouble yet may find out whether it is over.
    const isLast = areAllOpen && !tried.providers.includes(live.provider.id);
    if (!(isLast ? live.admitLast(nowMs) : live.admit(nowMs))) continue;
    const lease = live.pool.acquire(ask);
    if (lease instanceof Lease) return { kind: "lease", live, lease };
    live.note(undefined, nowMs);
    if (soonest === undefined || readyAt(lease, nowMs) < readyAt(soonest.shortage, nowMs)) {
      soonest = { live, shortage: lease };
    }
    // A key that is only waiting for its first answers is no reason to leave the provider.
    if (lease.booked !== undefined) break;
  }
  if (soonest === undefined) return { kind: "shortage", shortage: undefined };
  if (readyAt(soonest.shortage, nowMs) > untilMs) return { kind: "shortage", shortage: soonest.shortage };
  const wait = soonest.live.pool.waitForKey(ask, untilMs, soonest.shortage.booked);
  request.onLeave = () => wait.cancel();
  const lease = await wait.result;
  if (lease instanceof Lease) return { kind: "lease", live: soonest.live, lease };
  return { kind: "shortage", shortage: lease };
}

function othersFirst(
  providers: readonly LiveProvider[],
  troubled: readonly string[],
): readonly LiveProvider[] {
  if (troubled.length === 0 || providers.length === 1) return providers;
  const isTroubled = ({ provider }: LiveProvider) => troubled.includes(provider.id);
  return [...providers.filter((live) => !isTroubled(live)), ...providers.filter(isTroubled)];
}

/** A busy key may be free at any moment. */
function readyAt(shortage: Shortage, nowMs: number): number {
  if (shortage.reason === "busy") return nowMs;
  return shortage.reason === "cooling" ? shortage.readyAtMs ?? Infinity : Infinity;
}
