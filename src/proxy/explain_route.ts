import type { ClientKeys } from "../access/client_keys.ts";
import type { ClientKey } from "../core/client_key.ts";
import { isRestingFor, leaseLimit, modelRest, settleHealth } from "../core/health.ts";
import { providerModel } from "../core/provider.ts";
import {
  KEY_USES,
  type KeyStanding,
  type KeyUse,
  type ProviderStanding,
  type ProviderUse,
  type RouteExplanation,
  type RouteQuestion,
} from "../core/route_explanation.ts";
import type { Ticker } from "../core/watch.ts";
import { AppError } from "../errors.ts";
import type { LiveGroups } from "../pool/live_groups.ts";
import type { KeyListing } from "../pool/key_pool.ts";
import type { LiveProvider } from "../pool/live_providers.ts";
import { resolveModel } from "./asked_model.ts";
import { canBeAsked } from "./askable.ts";
import {
  type Candidates,
  type Named,
  requireNamed,
  type RouteDeps,
  serversByModel,
  serversOf,
} from "./candidates.ts";
import { checkModels, checkTarget } from "./client_bounds.ts";

export interface ExplainDeps extends Omit<RouteDeps, "groups"> {
  readonly groups: LiveGroups;
  readonly clientKeys: ClientKeys;
  readonly ticker: Ticker;
}

/** Keys that are listed of each standing: the counts have them all. */
const MAX_KEYS = 20;

const PATHS = {
  openai: "/v1/chat/completions",
  anthropic: "/v1/messages",
  gemini: "/v1beta/models/MODEL:generateContent",
} as const;

/**
 * Runs the choice for a request without sending anything, and without taking anybody's turn.
 * @throws {AppError} `not_found` for a client key that is not there.
 */
export function explainRoute(question: RouteQuestion, deps: ExplainDeps): RouteExplanation {
  const clientKey = clientKeyOf(question, deps);
  const found = candidatesOf(question, clientKey, deps);
  const asked = "providers" in found ? found.providers : [];
  const model = "providers" in found ? found.model : question.model;
  const others = deps.live.list().filter((live) => !asked.includes(live));
  const nowMs = deps.ticker.now();
  return {
    ...(model !== undefined && { model }),
    ...("providers" in found && found.groupSlug !== undefined && { group: found.groupSlug }),
    ...("refusal" in found && { refusal: found.refusal }),
    providers: [
      ...asked.map((live, index) => standingOf(live, "asked", index + 1, model, nowMs)),
      ...others.map((live) =>
        standingOf(live, whyNot(live, question, clientKey, model, deps), 0, model, nowMs)
      ),
    ],
  };
}

interface Refused {
  readonly refusal: { readonly code: string; readonly message: string };
}

function candidatesOf(
  question: RouteQuestion,
  clientKey: ClientKey | undefined,
  deps: ExplainDeps,
): Candidates | Refused {
  const { groups } = deps;
  const routes: RouteDeps = {
    ...deps,
    groups: {
      find: (slug) => groups.find(slug),
      membersOf: (group) => groups.membersOf(group),
      // Not taken: whoever only asks must not move the turn of those that do send.
      takeOrder: (group, model) => groups.peekOrder(group, model),
    },
  };
  try {
    return choose(question, clientKey, routes);
  } catch (error) {
    // A refusal is the answer here.
    if (error instanceof AppError) return { refusal: { code: error.code, message: error.message } };
    throw error;
  }
}

function choose(
  { dialect, model, target }: RouteQuestion,
  clientKey: ClientKey | undefined,
  deps: RouteDeps,
): Candidates {
  let named: Named | undefined;
  if (target !== undefined) {
    checkTarget(clientKey, target);
    named = requireNamed(deps, target, false);
  }
  const path = PATHS[dialect];
  const resolved = model === undefined ? undefined : resolveModel(model, named, { isRaw: false }, deps);
  if (clientKey !== undefined) {
    const bare = resolved?.slug !== undefined && model === `${resolved.slug}/${resolved.model}`
      ? resolved.model
      : undefined;
    checkModels(clientKey, { asked: model, bare, others: [], isModelNeeded: true });
  }
  const call = { dialect, method: "POST", path, isWhole: true };
  if (named === undefined) return serversByModel(resolved, call, clientKey, deps);
  return {
    providers: serversOf(named, { ...call, model: resolved?.model }, deps),
    model: resolved?.model,
    groupSlug: named.group?.slug,
  };
}

function clientKeyOf({ clientKeyId }: RouteQuestion, { clientKeys }: ExplainDeps): ClientKey | undefined {
  if (clientKeyId === undefined) return undefined;
  const found = clientKeys.list().find(({ id }) => id === clientKeyId);
  if (found === undefined) throw new AppError("not_found", "Cannot find this client key");
  return found;
}

function whyNot(
  live: LiveProvider,
  { dialect, target }: RouteQuestion,
  clientKey: ClientKey | undefined,
  model: string | undefined,
  { groups, models }: ExplainDeps,
): ProviderUse {
  const { provider } = live;
  if (!provider.isEnabled) return "disabled";
  if (target !== undefined && target !== provider.slug) {
    const group = groups.find(target);
    if (group === undefined || !groups.membersOf(group).includes(live)) return "not_named";
  }
  if (!canBeAsked(provider, { dialect, method: "POST", path: PATHS[dialect], isWhole: true })) {
    return "dialect";
  }
  if (clientKey !== undefined && !models.reachOf(clientKey.targets)(live)) return "client_key";
  if (model !== undefined && !models.offering(model).includes(live)) return "model";
  return "not_reached";
}

function standingOf(
  live: LiveProvider,
  use: ProviderUse,
  order: number,
  model: string | undefined,
  nowMs: number,
): ProviderStanding {
  const { provider, pool } = live;
  const { slug, dialect, strategy } = provider;
  const named = model === undefined ? undefined : providerModel(provider, model);
  const counts: Record<KeyUse, number> = {
    ready: 0,
    busy: 0,
    cooling: 0,
    model_rest: 0,
    exhausted: 0,
    rejected: 0,
    disabled: 0,
  };
  const keys: KeyStanding[] = [];
  if (use === "asked") {
    pool.each((listing) => {
      const standing = keyStanding(listing, live, named, nowMs);
      if (++counts[standing.use] <= MAX_KEYS) keys.push(standing);
    });
  }
  const closedUntilMs = live.closedToCallsUntilMs(nowMs);
  return {
    slug,
    use,
    order,
    dialect,
    ...(use === "asked" && named !== undefined && { model: named }),
    strategy,
    ...(closedUntilMs !== undefined && { closedUntilMs }),
    counts,
    keys: keys.sort((one, other) => KEY_USES.indexOf(one.use) - KEY_USES.indexOf(other.use)),
  };
}

function keyStanding(
  { key, health: unsettled, inFlight, usedCount }: KeyListing & { readonly usedCount: number },
  { provider }: LiveProvider,
  model: string | undefined,
  nowMs: number,
): KeyStanding {
  const health = settleHealth(unsettled, nowMs);
  const common = {
    id: key.id,
    lastFour: key.lastFour ?? "",
    weight: key.weight,
    priority: key.priority,
    inFlight,
    usedCount,
  };
  if (!key.isEnabled) return { ...common, use: "disabled" };
  if (health.state !== "ready") return { ...common, use: health.state, ...causeOf(health) };
  if (model !== undefined && isRestingFor(health, model, nowMs)) {
    return { ...common, use: "model_rest", ...causeOf(modelRest(health, model) ?? {}) };
  }
  return { ...common, use: inFlight >= leaseLimit(health, provider.policy) ? "busy" : "ready" };
}

function causeOf(
  { untilMs, rule, reason }: {
    readonly untilMs?: number;
    readonly rule?: string;
    readonly reason?: string;
  },
) {
  return {
    ...(untilMs !== undefined && { untilMs }),
    ...(rule !== undefined && { rule }),
    ...(reason !== undefined && { reason }),
  };
}
