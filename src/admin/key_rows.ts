import { z } from "zod";
import { isUntested, type KeyHealth } from "../core/health.ts";
import { findLastFaults, type KeyHistoryEntry } from "../store/key_history_store.ts";
import { type KeyUsage, sumKeyUsage } from "../store/key_usage_query.ts";
import type { AdminDeps } from "./deps.ts";
import { lastUsedMs, noteOf } from "./key_filter.ts";
import type { FoundKey } from "./key_search.ts";

/** A rest of a key for one model. */
const modelRestAnswer = z.object({ model: z.string(), untilMs: z.number(), reason: z.string() });

/** A provider key as a row of the list: never more of its secret than the last four characters. */
export const keyRowAnswer = z.object({
  id: z.string(),
  lastFour: z.string(),
  /** Slug. */
  provider: z.string(),
  providerName: z.string(),
  isActive: z.boolean(),
  /** `unknown` is ready and never heard of, good or bad. */
  state: z.enum(["ready", "cooling", "exhausted", "rejected", "disabled", "unknown"]),
  untilMs: z.number().exactOptional(),
  /** What the provider said, or the rule that decided. */
  reason: z.string().exactOptional(),
  rule: z.string().exactOptional(),
  models: z.array(modelRestAnswer),
  weight: z.number(),
  priority: z.number(),
  account: z.string().exactOptional(),
  tags: z.array(z.string()).readonly(),
  note: z.string().exactOptional(),
  createdAtMs: z.number(),
  lastUsedMs: z.number().exactOptional(),
  inFlight: z.number(),
  /** What went wrong last, though it may be over. */
  lastFault: z.object({ atMs: z.number(), text: z.string() }).exactOptional(),
  /** Since midnight UTC. */
  today: z.object({
    requests: z.number(),
    failures: z.number(),
    tokens: z.number(),
    costNanoDollars: z.number(),
  }),
});

export type KeyRowAnswer = z.infer<typeof keyRowAnswer>;

/** Rows of these keys with what the database adds: their use of today, and what went wrong last. */
export async function keyRows(
  { db }: Pick<AdminDeps, "db">,
  found: readonly FoundKey[],
  nowMs: number,
): Promise<KeyRowAnswer[]> {
  const ids = found.map(({ key }) => key.id);
  const today = Math.floor(nowMs / DAY_MS) * 24;
  // A local database answers one after the other, a remote one both at once.
  const [usage, faults] = await Promise.all([
    sumKeyUsage(db, ids, today, Math.floor(nowMs / 60_000) + 1),
    findLastFaults(db, ids),
  ]);
  return found.map((each) => rowOf(each, usage.get(each.key.id), faults.get(each.key.id), nowMs));
}

/** State, reason and rests of a key, as they are shown. */
export function stateShown(
  { key, health }: Pick<FoundKey, "key" | "health">,
  nowMs: number,
): Pick<KeyRowAnswer, "state" | "untilMs" | "reason" | "rule" | "models"> {
  const { state, untilMs, reason, rule } = health;
  const why = reason ?? rule;
  const isResting = key.isEnabled && state !== "ready";
  return {
    state: key.isEnabled ? isUntested(health) && state === "ready" ? "unknown" : state : "disabled",
    ...(isResting && untilMs !== undefined && { untilMs }),
    ...(isResting && why !== undefined && { reason: why }),
    ...(isResting && rule !== undefined && { rule }),
    models: modelRests(health, nowMs),
  };
}

function modelRests({ models }: KeyHealth, nowMs: number): z.infer<typeof modelRestAnswer>[] {
  return Object.entries(models).filter(([, { untilMs }]) => untilMs > nowMs)
    .map(([model, { untilMs, reason, rule }]) => ({ model, untilMs, reason: reason ?? rule }));
}

function rowOf(
  found: FoundKey,
  usage: KeyUsage | undefined,
  fault: KeyHistoryEntry | undefined,
  nowMs: number,
): KeyRowAnswer {
  const { key, health, inFlight, live: { provider } } = found;
  const note = noteOf(key);
  const usedMs = lastUsedMs(health);
  const text = fault?.reason ?? fault?.rule;
  return {
    id: key.id,
    lastFour: key.lastFour ?? "",
    provider: provider.slug,
    providerName: provider.name,
    isActive: key.isEnabled,
    ...stateShown(found, nowMs),
    weight: key.weight,
    priority: key.priority,
    ...(key.account !== undefined && { account: key.account }),
    tags: key.tags ?? [],
    ...(note !== undefined && { note }),
    createdAtMs: key.createdAtMs ?? 0,
    ...(usedMs !== undefined && { lastUsedMs: usedMs }),
    inFlight,
    ...(fault !== undefined && text !== undefined && { lastFault: { atMs: fault.atMs, text } }),
    today: {
      requests: usage?.requests ?? 0,
      failures: usage?.failures ?? 0,
      tokens: (usage?.inputTokens ?? 0) + (usage?.outputTokens ?? 0),
      costNanoDollars: usage?.costNanoDollars ?? 0,
    },
  };
}

const DAY_MS = 86_400_000;
