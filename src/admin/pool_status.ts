import { z } from "zod";
import type { LiveProvider } from "../pool/live_providers.ts";
import { action } from "./action.ts";
import type { AdminDeps } from "./deps.ts";
import { countsAnswer } from "./provider_answer.ts";
import { requireProvider } from "./providers.ts";

const statusQuery = z.object({
  provider: z.string().exactOptional(),
  limit: z.coerce.number().int().min(1).max(100_000).default(1000),
});

const statusAnswer = z.object({
  provider: z.string(),
  totalKeys: z.number(),
  activeKeys: z.number(),
  availableKeys: z.number(),
  counts: countsAnswer,
  keys: z.array(z.object({
    id: z.string(),
    isActive: z.boolean(),
    usage: z.string(),
    lastUsed: z.string().nullable(),
    state: z.string(),
    until: z.string().nullable(),
    reason: z.string().nullable(),
    models: z.array(z.string()),
    inFlight: z.number(),
  })),
});

/**
 * `GET /admin/status?provider=`: `{provider, totalKeys, activeKeys, availableKeys, keys: [{id, isActive, usage,
 * lastUsed}]}` of one provider, or a map of these by slug. At most `limit` keys each; the counts are of all.
 */
export function showStatus(deps: AdminDeps) {
  return action({
    query: statusQuery,
    answer: z.union([statusAnswer, z.record(z.string(), statusAnswer)]),
    run: ({ query: { provider, limit } }) => {
      if (provider !== undefined) return statusView(requireProvider(deps, provider), limit);
      return Object.fromEntries(
        deps.live.list().map((each) => [each.provider.slug, statusView(each, limit)]),
      );
    },
  });
}

const resetForm = z.strictObject({ provider: z.string().min(1) });

/** `POST /admin/reset`: begins a new quota period for the keys of a provider. */
export function resetUsage(deps: AdminDeps) {
  return action({
    body: resetForm,
    answer: z.object({ message: z.string(), provider: z.string() }),
    run: async ({ body: { provider: slug }, note }) => {
      requireProvider(deps, slug).pool.resetUsage();
      await deps.saveHealth();
      note({ target: slug });
      return { message: "Usage reset", provider: slug };
    },
  });
}

/** `GET /health`, open to everyone: nothing in it tells what is behind. */
export function showHealth({ ticker }: Pick<AdminDeps, "ticker">) {
  return action({
    answer: z.object({ status: z.literal("ok"), timestamp: z.string() }),
    run: () => ({ status: "ok" as const, timestamp: new Date(ticker.now()).toISOString() }),
  });
}

function statusView({ provider, pool }: LiveProvider, limit: number) {
  const counts = pool.counts();
  return {
    provider: provider.slug,
    totalKeys: counts.total,
    activeKeys: counts.total - counts.disabled,
    availableKeys: counts.ready,
    counts,
    keys: pool.entries(0, limit).map(({ key, health, inFlight }) => ({
      id: key.id,
      isActive: key.isEnabled,
      usage: `${health.usedCount}/${key.maxRequests ?? "unlimited"}`,
      lastUsed: isoTime(Math.max(health.lastSuccessMs ?? 0, health.lastFailureMs ?? 0)),
      state: key.isEnabled ? health.state : "disabled",
      until: isoTime(health.untilMs ?? 0),
      reason: health.reason ?? null,
      models: Object.keys(health.models),
      inFlight,
    })),
  };
}

function isoTime(ms: number): string | null {
  return ms === 0 ? null : new Date(ms).toISOString();
}
