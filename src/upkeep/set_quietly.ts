import type { KeyHealth } from "../core/health.ts";
import type { KeyPool } from "../pool/key_pool.ts";

/**
 * Gives keys of a pool the health that is stored of them, by id, without that counting as a change of theirs. Gives
 * the keys that have changed beside it: they are still to be stored.
 */
export function setQuietly(pool: KeyPool, healths: ReadonlyMap<string, KeyHealth>): string[] {
  if (healths.size === 0) return [];
  const changed = pool.drainChanges().map(({ id }) => id);
  for (const [keyId, health] of healths) pool.setHealth(keyId, health);
  for (const { id, health } of pool.drainChanges()) {
    // Setting them may have let somebody have a key who was waiting for one.
    if (healths.get(id)?.usedCount !== health.usedCount) changed.push(id);
  }
  return changed;
}
