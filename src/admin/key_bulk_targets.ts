import type { LiveProvider } from "../pool/live_providers.ts";
import type { PooledKey } from "../pool/pool_key.ts";
import type { AdminDeps } from "./deps.ts";
import { type KeyFilter, type ListedKey, matcherOf, stateOf } from "./key_filter.ts";
import { eachMatch, type Tally } from "./key_search.ts";

/** Which keys a change of many is about. */
export interface KeyChoice {
  readonly scope: "chosen" | "all";
  readonly filter: KeyFilter;
  /** Of those that were chosen one by one. */
  readonly ids: readonly string[];
}

export interface TargetKey {
  readonly key: PooledKey;
  readonly live: LiveProvider;
  readonly state: ReturnType<typeof stateOf>;
}

/** The keys as they match now, in the order of their pools. */
export async function targetsOf(
  deps: Pick<AdminDeps, "live" | "db" | "ticker">,
  { scope, filter, ids }: KeyChoice,
): Promise<TargetKey[]> {
  const matcher = await matcherOf(deps, scope === "all" ? filter : {}, deps.ticker.now());
  const chosen = scope === "chosen" ? new Set(ids) : undefined;
  const found: TargetKey[] = [];
  eachMatch(matcher, (listed: ListedKey, live) => {
    if (chosen?.has(listed.key.id) === false) return;
    found.push({ key: listed.key, live, state: stateOf(listed) });
  });
  return found;
}

/** How many there are, of which providers and in which states, and some of them. */
export async function bulkTargets(deps: Pick<AdminDeps, "live" | "db" | "ticker">, choice: KeyChoice) {
  const targets = await targetsOf(deps, choice);
  return {
    count: targets.length,
    providers: tallyOf(targets.map(({ live }) => live.provider.slug)),
    states: tallyOf(targets.map(({ state }) => state)),
    sample: targets.slice(0, SAMPLE).map(({ key, live }) => ({
      id: key.id,
      lastFour: key.lastFour ?? "",
      provider: live.provider.slug,
    })),
  };
}

const SAMPLE = 12;

function tallyOf(names: readonly string[]): Tally[] {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].map(([name, count]) => ({ name, count })).sort((one, other) => other.count - one.count);
}
