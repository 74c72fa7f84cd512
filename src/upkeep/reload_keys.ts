import type { LiveProviders } from "../pool/live_providers.ts";
import type { PooledKey } from "../pool/pool_key.ts";
import type { Database } from "../store/database.ts";
import type { KeyIdsOf } from "../store/health_journal.ts";
import { findProviderKeys, loadProviderKeys, type StoredProviderKey } from "../store/provider_key_store.ts";

/** Keys that a reload has brought into the pools, and those that it has taken out of them. */
export interface ReloadedKeys {
  readonly added: readonly KeyIdsOf[];
  readonly removed: readonly KeyIdsOf[];
}

/** Makes the pools hold what the database holds: of these keys, of one provider's, or of all. */
export async function reloadProviderKeys(
  db: Database,
  live: LiveProviders,
  which: readonly string[] | { readonly providerId: string } | "all",
): Promise<ReloadedKeys> {
  const stored = isList(which)
    ? await findProviderKeys(db, which)
    : await loadProviderKeys(db, which === "all" ? undefined : which.providerId);
  const isStored = new Set(stored.map(({ key }) => key.id));
  const removed = new Map<string, string[]>();
  for (const { provider, pool } of live.list()) {
    if (!isList(which) && which !== "all" && which.providerId !== provider.id) continue;
    const known = isList(which) ? which : pool.entries(0, Infinity).map(({ key }) => key.id);
    const gone = known.filter((id) => !isStored.has(id) && pool.remove(id));
    if (gone.length > 0) removed.set(provider.id, gone);
  }
  const added = new Map<string, string[]>();
  for (const each of stored) {
    if (!setKey(live, each)) continue;
    const { id, providerId } = each.key;
    const ids = added.get(providerId);
    if (ids === undefined) added.set(providerId, [id]);
    else ids.push(id);
  }
  return { added: byProvider(added), removed: byProvider(removed) };
}

/** Gives whether the key is new to its pool. One that has not changed keeps its place in the order of keys. */
function setKey(live: LiveProviders, { key, sealedSecret }: StoredProviderKey): boolean {
  const pool = live.findById(key.providerId)?.pool;
  if (pool === undefined) return false;
  const known = pool.get(key.id);
  const pooled: PooledKey = { ...key, sealedSecret };
  if (known === undefined) {
    pool.set(pooled);
    return true;
  }
  if (isSame(known, pooled)) return false;
  const isOpened = known.sealedSecret === sealedSecret && known.secret !== undefined;
  pool.set({ ...pooled, ...(isOpened && { secret: known.secret }) });
  return false;
}

function isSame(one: PooledKey, other: PooledKey): boolean {
  return one.isEnabled === other.isEnabled && one.weight === other.weight &&
    one.priority === other.priority && one.account === other.account &&
    one.maxRequests === other.maxRequests && one.sealedSecret === other.sealedSecret &&
    isEqual(one.tags, other.tags) && isEqual(one.metadata, other.metadata);
}

/** Most keys have none, and share one empty value. */
function isEqual(one: unknown, other: unknown): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other);
}

function isList(
  which: readonly string[] | { readonly providerId: string } | "all",
): which is readonly string[] {
  return Array.isArray(which);
}

function byProvider(ids: ReadonlyMap<string, readonly string[]>): KeyIdsOf[] {
  return [...ids].map(([providerId, keyIds]) => ({ providerId, keyIds }));
}
