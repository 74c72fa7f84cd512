import { Lease } from "../pool/pool_key.ts";
import type { Ask, Shortage } from "../pool/key_pool.ts";
import type { LiveProvider } from "../pool/live_providers.ts";
import { nameAt } from "./named_model.ts";
import type { AttemptDeps, Plan } from "./plan.ts";
import type { ProxiedRequest } from "./proxied_request.ts";

/** What a request has tried already and does not want again. */
export interface Tried {
  readonly keys: string[];
  readonly accounts: string[];
  /** Ids of the providers that were in trouble themselves: asked again only when no other one is left. */
  readonly providers: string[];
  /** Ids of the providers that have had all the attempts that are theirs, or cannot be asked this: not asked again. */
  readonly spent: string[];
}

export function nothingTried(): Tried {
  return { keys: [], accounts: [], providers: [], spent: [] };
}

/** One key of one provider, held for one attempt. */
export interface Turn {
  readonly live: LiveProvider;
  readonly lease: Lease;
}

export type TakenTurn =
  | Turn & { readonly kind: "lease" }
  | { readonly kind: "shortage"; readonly shortage: Shortage | undefined };

/**
 * The next key for a request: of the first provider that has one, else of the one that has one soonest, if
 * that is soon enough to wait for. A provider whose breaker is open is passed over,
 * unless all of them are. A promise only where it must be waited: nearly always there is a key.
 */
export function takeTurn(
  request: ProxiedRequest,
  plan: Plan,
  tried: Tried,
  deps: AttemptDeps,
): TakenTurn | Promise<TakenTurn> {
  const nowMs = deps.ticker.now();
  const untilMs = Math.min(request.startedMs + plan.maxWaitMs, plan.deadlineMs);
  let soonest: Prospect | undefined;
  const providers = othersFirst(plan.providers, tried.providers);
  const areAllOpen = providers.every((live) => live.closedToCallsUntilMs(nowMs) !== undefined);
  for (const live of providers) {
    if (tried.spent.includes(live.provider.id)) continue;
    if (plan.translation?.refusalOf(live.provider) !== undefined) {
      tried.spent.push(live.provider.id);
      continue;
    }
    // With all of them open, a request that has not met this one's trouble yet may find out whether it is over.
    const isLast = areAllOpen && !tried.providers.includes(live.provider.id);
    if (!(isLast ? live.admitLast(nowMs) : live.admit(nowMs))) continue;
    const ask = askOf(request, plan, tried, live, untilMs > nowMs, deps.onlyKeyId);
    const lease = live.pool.acquire(ask);
    if (lease instanceof Lease) return { kind: "lease", live, lease };
    live.note(undefined, nowMs);
    if (soonest === undefined || readyAt(lease, nowMs) < readyAt(soonest.shortage, nowMs)) {
      soonest = { live, shortage: lease, ask };
    }
    // A key that is only waiting for its first answers is no reason to leave the provider.
    if (lease.booked !== undefined) break;
  }
  if (soonest === undefined) return { kind: "shortage", shortage: undefined };
  if (readyAt(soonest.shortage, nowMs) > untilMs) return { kind: "shortage", shortage: soonest.shortage };
  return waitForTurn(request, soonest, untilMs, deps);
}

/** A provider that has no key now, but may have one soon. */
interface Prospect {
  readonly live: LiveProvider;
  readonly shortage: Shortage;
  readonly ask: Ask;
}

async function waitForTurn(
  request: ProxiedRequest,
  { live, shortage, ask }: Prospect,
  untilMs: number,
  { ticker }: AttemptDeps,
): Promise<TakenTurn> {
  const sinceMs = ticker.now();
  const wait = live.pool.waitForKey(ask, untilMs, shortage.booked);
  request.underway = { abort: () => wait.cancel() };
  const lease = await wait.result;
  request.waitedMs += ticker.now() - sinceMs;
  if (lease instanceof Lease) return { kind: "lease", live, lease };
  return { kind: "shortage", shortage: lease };
}

function askOf(
  request: ProxiedRequest,
  plan: Plan,
  tried: Tried,
  { provider }: LiveProvider,
  mayWait: boolean,
  onlyKeyId: string | undefined,
): Ask {
  const model = nameAt(plan, provider);
  return {
    tried: tried.keys,
    ...(tried.accounts.length > 0 && { excludedAccounts: tried.accounts }),
    ...(model !== undefined && { model }),
    ...(plan.strategy !== undefined && { strategy: plan.strategy }),
    ...(request.clientKey !== undefined && { clientKeyId: request.clientKey.id }),
    mayWait,
    ...(onlyKeyId !== undefined && { onlyKeyId }),
  };
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
