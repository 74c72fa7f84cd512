import type { Group } from "../../src/core/group.ts";
import type { Provider } from "../../src/core/provider.ts";
import { LiveGroups } from "../../src/pool/live_groups.ts";
import { LiveProviders } from "../../src/pool/live_providers.ts";
import { ManualTicker } from "../support/manual_ticker.ts";
import { MIDDLE, POLICY, pooledKey } from "./samples.ts";

/** A provider whose id is its slug. */
export function providerOf(slug: string, fields: Partial<Provider> = {}): Provider {
  return {
    id: slug,
    slug,
    name: slug,
    dialect: "openai",
    vendor: "other",
    baseUrl: "http://127.0.0.1:9",
    credential: { kind: "bearer" },
    headers: [],
    strategy: "round_robin",
    isEnabled: true,
    priority: 100,
    models: [],
    modelMap: {},
    prices: {},
    policy: POLICY,
    allowedMethods: [],
    translate: "native",
    ...fields,
  };
}

export function groupOf(slug: string, providerIds: readonly string[], fields: Partial<Group> = {}): Group {
  const members = providerIds.map((providerId) => ({ providerId, tier: 0, weight: 1, isEnabled: true }));
  return { id: `id-${slug}`, slug, name: slug, isEnabled: true, strategy: "priority", members, ...fields };
}

/** Providers with one key each, in memory, and no group yet. */
export function liveOf(...providers: readonly Provider[]) {
  const ticker = new ManualTicker();
  const live = new LiveProviders(ticker, MIDDLE);
  for (const provider of providers) live.set(provider).pool.set(pooledKey(`key-${provider.slug}`));
  return { ticker, live, groups: new LiveGroups(live, ticker, MIDDLE) };
}
