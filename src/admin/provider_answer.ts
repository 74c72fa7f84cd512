import { z } from "zod";
import { CLIENT_GONE_RULES, DIALECTS, STRATEGIES, TRANSLATE_MODES, VENDORS } from "../core/provider.ts";
import type { LiveProvider } from "../pool/live_providers.ts";

/** How many keys of a pool are in which state, and how many requests are under way. */
export const countsAnswer = z.object({
  total: z.number().int(),
  ready: z.number().int(),
  cooling: z.number().int(),
  exhausted: z.number().int(),
  rejected: z.number().int(),
  disabled: z.number().int(),
  inFlight: z.number().int(),
});

const names = z.array(z.string()).readonly();

/** What the API shows of a provider: all of it, and how its pool stands. There is no secret in it. */
export const providerAnswer = z.looseObject({
  id: z.string(),
  slug: z.string(),
  name: z.string(),
  dialect: z.enum(DIALECTS),
  vendor: z.enum(VENDORS),
  baseUrl: z.string(),
  credential: z.object({
    kind: z.enum(["bearer", "header", "query", "basic"]),
    name: z.string().exactOptional(),
    prefix: z.string().exactOptional(),
  }),
  headers: z.record(z.string(), z.string()),
  strategy: z.enum(STRATEGIES),
  isEnabled: z.boolean(),
  priority: z.number().int(),
  models: names,
  modelMap: z.record(z.string(), z.string()),
  translate: z.enum(TRANSLATE_MODES),
  policy: z.looseObject({
    maxAttempts: z.number(),
    deadlineMs: z.number(),
    maxWaitMs: z.number(),
    allowPrivateNetwork: z.boolean(),
    allowPlainHttp: z.boolean(),
    onClientGone: z.enum(CLIENT_GONE_RULES),
  }),
  allowedMethods: names,
  counts: countsAnswer,
});

export type ProviderAnswer = z.infer<typeof providerAnswer>;

export function providerView({ provider, pool }: LiveProvider): ProviderAnswer {
  const { policy } = provider;
  return {
    ...provider,
    policy: { ...policy },
    headers: Object.fromEntries(provider.headers),
    counts: pool.counts(),
  };
}
