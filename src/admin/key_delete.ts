import type { ProviderKey } from "../core/provider_key.ts";
import { deleteKeysFor } from "../store/deleted_key_store.ts";
import { createKeyChange, type KeyChange } from "../store/key_change_store.ts";
import type { AdminDeps } from "./deps.ts";

/**
 * Takes keys out of use and out of the pools; they wait in the change to be brought back. Call it in turn. Gives the
 * change as it stands then.
 */
export async function deleteKeys(
  { db, live, noteChange, forgetHealth, ticker }: AdminDeps,
  change: KeyChange,
  ids: readonly string[],
): Promise<KeyChange> {
  const removed = new Map<string, string[]>();
  for (const { provider, pool } of live.list()) {
    const found = ids.filter((id) => pool.get(id) !== undefined);
    if (found.length > 0) removed.set(provider.id, found);
  }
  const known = [...removed.values()].flat();
  const advanced = {
    ...change,
    done: change.done + ids.length,
    changed: change.changed + known.length,
    updatedAtMs: ticker.now(),
  };
  await deleteKeysFor(db, advanced, ids);
  for (const [providerId, keyIds] of removed) {
    for (const id of keyIds) live.findById(providerId)?.pool.remove(id);
  }
  if (known.length > 0) await noteChange({ kind: "provider_keys", ids: known });
  for (const [providerId, keyIds] of removed) await forgetHealth(providerId, keyIds);
  return advanced;
}

/** Deletes one key, as a change of its own that can be undone. Call it in turn. */
export async function deleteOneKey(
  deps: AdminDeps,
  { id, providerId }: Pick<ProviderKey, "id" | "providerId">,
  actor: string,
): Promise<void> {
  const { newId, nowMs } = deps.stamp();
  const slug = deps.live.findById(providerId)?.provider.slug;
  const change: KeyChange = {
    id: newId(),
    action: "delete",
    actor,
    detail: { providers: slug === undefined ? [] : [slug] },
    state: "done",
    total: 1,
    done: 0,
    changed: 0,
    createdAtMs: nowMs,
    updatedAtMs: nowMs,
  };
  await createKeyChange(deps.db, change);
  await deleteKeys(deps, change, [id]);
}
