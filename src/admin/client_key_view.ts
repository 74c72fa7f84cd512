import { z } from "zod";
import type { ClientKey } from "../core/client_key.ts";
import { isFromEnvironment } from "../core/client_key.ts";
import { type ClientLimits, WINDOW_NAMES } from "../core/client_limits.ts";
import { keptFrom } from "../core/kept.ts";
import { sharedStates, type WindowState } from "../access/window_state.ts";
import type { StoredClientKey } from "../store/client_key_store.ts";
import { sumUsage } from "../store/usage_query.ts";
import { listWindows } from "../store/window_store.ts";
import type { UsageShown } from "../../views/client_keys.tsx";
import type { AdminDeps } from "./deps.ts";
import type { UsageDeps } from "./usage_deps.ts";

/** What the actions on client keys work on besides, where there is one. */
export type ClientKeyDeps = AdminDeps & Partial<Pick<UsageDeps, "groups" | "models" | "usage" | "process">>;

const limit = z.number().exactOptional();
const limitsAnswer = z.object(
  {
    requestsPerMinute: limit,
    tokensPerMinute: limit,
    concurrency: limit,
    requestsPerDay: limit,
    requestsPerMonth: limit,
    tokensPerDay: limit,
    tokensPerMonth: limit,
    nanoDollarsPerDay: limit,
    nanoDollarsPerMonth: limit,
  } satisfies Record<keyof ClientLimits, z.ZodType>,
);

/** What the API shows of a client key: never a hash. */
export const clientKeyAnswer = z.looseObject({
  id: z.string(),
  name: z.string(),
  lastFour: z.string(),
  isEnabled: z.boolean(),
  expiresAtMs: z.number().exactOptional(),
  createdAtMs: z.number(),
  targets: z.array(z.string()).readonly(),
  models: z.array(z.string()).readonly(),
  networks: z.array(z.string()).readonly(),
  limits: limitsAnswer,
  isReadOnly: z.boolean(),
  lastUsedMs: z.number().nullable(),
  previousUntilMs: z.number().nullable(),
  windows: z.array(z.object({
    limit: z.enum(WINDOW_NAMES),
    limitValue: z.number(),
    remaining: z.number(),
    resetMs: z.number(),
  })).readonly(),
});

/** With the client key itself, this once. */
export const newClientKeyAnswer = clientKeyAnswer.extend({ key: z.string() });

type Shown = Omit<StoredClientKey, "hash">;

/** One client key as it is shown; see `clientKeyViews()`. */
export async function clientKeyView(deps: ClientKeyDeps, shown: Shown) {
  const [view] = await clientKeyViews(deps, [shown]);
  if (view === undefined) throw new Error("Cannot show a client key: it has no view");
  return view;
}

/** Never a hash. `windows`: how its limits stand on all instances; none of those that were never counted. */
export async function clientKeyViews(deps: ClientKeyDeps, shown: readonly Shown[]) {
  const nowMs = deps.ticker.now();
  const idle = shown.map(({ clientKey }) => clientKey)
    .filter(({ id, limits }) => hasWindows(limits) && deps.limiter.statesOf(id).length === 0);
  const records = await listWindows(deps.kv, idle.map(({ id }) => id));
  const states = new Map(records.map((record, index) => {
    const clientKey = idle[index];
    return [clientKey?.id, sharedStates(clientKey?.limits ?? {}, record, nowMs)];
  }));
  return shown.map(({ clientKey, lastUsedMs, previous }) => ({
    ...clientKey,
    limits: { ...clientKey.limits },
    isReadOnly: isFromEnvironment(clientKey.id),
    lastUsedMs: lastUsedMs ?? null,
    previousUntilMs: previous !== undefined && previous.graceUntilMs > nowMs ? previous.graceUntilMs : null,
    windows: fitted(clientKey, states.get(clientKey.id) ?? deps.limiter.statesOf(clientKey.id)),
  }));
}

function hasWindows(limits: ClientLimits): boolean {
  return WINDOW_NAMES.some((name) => limits[name] !== undefined);
}

/** The limiter learns of a changed limit with the next request: what was used is held against the limit of now. */
function fitted({ limits }: ClientKey, states: readonly WindowState[]): WindowState[] {
  return states.flatMap((state) => {
    const limitValue = limits[state.limit];
    if (limitValue === undefined) return [];
    const used = state.limitValue - state.remaining;
    return [{ ...state, limitValue, remaining: Math.max(0, limitValue - used) }];
  });
}

const DAY_MS = 86_400_000;

/** What client keys have used this month and today (UTC), by id; all of them unless told. */
export async function usageOfClientKeys(
  { db, ticker, usage }: ClientKeyDeps,
  ids?: readonly string[],
): Promise<ReadonlyMap<string, { readonly month: UsageShown; readonly today: UsageShown }>> {
  if (usage === undefined) return new Map();
  const nowMs = ticker.now();
  const now = new Date(nowMs);
  const sums = async (fromMs: number) => {
    const found = await sumUsage(db, {
      fromMinute: fromMs / 60_000,
      toMinute: Math.ceil((nowMs + 1) / 60_000),
      kept: keptFrom(usage.kept, nowMs),
      by: ["clientKeyId"],
      counts: ["requests", "succeeded", "inputTokens", "outputTokens", "costNanoDollars"],
      ...(ids !== undefined && { only: { clientKeyId: ids } }),
    });
    return new Map(found.map((sum) => [sum.clientKeyId ?? "", {
      requests: sum.requests,
      failed: sum.requests - sum.succeeded,
      tokens: sum.inputTokens + sum.outputTokens,
      nanoDollars: sum.costNanoDollars,
    }]));
  };
  const month = await sums(Date.UTC(now.getUTCFullYear(), now.getUTCMonth()));
  const today = await sums(Math.floor(nowMs / DAY_MS) * DAY_MS);
  return new Map([...month].map(([id, each]) => [id, { month: each, today: today.get(id) ?? NOTHING }]));
}

const NOTHING: UsageShown = { requests: 0, failed: 0, tokens: 0, nanoDollars: 0 };
