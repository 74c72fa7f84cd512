import type { ClientKeys } from "../access/client_keys.ts";
import { isFromEnvironment } from "../core/client_key.ts";
import type { ProviderPolicy } from "../core/provider.ts";
import type { LiveGroups } from "../pool/live_groups.ts";
import type { LiveProviders } from "../pool/live_providers.ts";
import type { ModelIndex } from "../pool/model_index.ts";
import { type Change, CHANGE_KINDS, type ChangeKind } from "../store/change_store.ts";
import { findClientKey, listClientKeys } from "../store/client_key_store.ts";
import type { Database } from "../store/database.ts";
import { findGroup, listGroups } from "../store/group_store.ts";
import { findModelAlias, listModelAliases } from "../store/model_alias_store.ts";
import { findProvider, listProviders } from "../store/provider_store.ts";
import { type ReloadedKeys, reloadProviderKeys } from "./reload_keys.ts";

/** Makes the memory say what the database says, of these ids or of all. */
export type Reload = (ids: readonly string[] | "all") => Promise<void>;

/** How each kind of change is taken over; what an instance has no memory of needs nothing. */
export type Reloads = Partial<Record<ChangeKind, Reload>>;

export interface ReloadDeps {
  readonly db: Database;
  readonly live: LiveProviders;
  readonly clientKeys: ClientKeys;
  readonly groups?: LiveGroups;
  readonly models?: ModelIndex;
  /** Defaults of every provider's policy. */
  readonly policy: ProviderPolicy;
  /** Told of keys that are new to the pools or gone from them: of what is stored of their health. */
  readonly onKeys: (keys: ReloadedKeys) => Promise<void>;
}

/** Takes over what was changed, in the order in which it depends on each other; `everything` in the same way. */
export async function reload(reloads: Reloads, changes: readonly Change[] | "everything"): Promise<void> {
  if (changes !== "everything") {
    for (const { kind, ids } of changes) await reloads[kind]?.(ids);
    return;
  }
  for (const kind of CHANGE_KINDS) await reloads[kind]?.("all");
}

/** The reloads of all that an instance has in memory. One changed key costs one row read, however many there are. */
export function createReloads(deps: ReloadDeps): Reloads {
  const { db, live, clientKeys, groups, models, policy, onKeys } = deps;
  return {
    provider: mirror({
      find: (id) => findProvider(db, id, policy),
      list: () => listProviders(db, policy),
      idOf: ({ id }) => id,
      knownIds: () => live.list().map(({ provider }) => provider.id),
      set: async (provider) => {
        const isNew = live.findById(provider.id) === undefined;
        live.set(provider);
        // Its keys may have come before anybody here could hold them.
        if (isNew) await onKeys(await reloadProviderKeys(db, live, { providerId: provider.id }));
      },
      delete: async (id) => {
        const gone = live.findById(id);
        if (gone === undefined) return;
        live.delete(id);
        gone.pool.close();
        await onKeys({ added: [], removed: [{ providerId: id, keyIds: keyIdsOf(gone.pool) }] });
      },
    }),
    provider_keys: async (ids) => await onKeys(await reloadProviderKeys(db, live, ids)),
    ...(groups !== undefined && {
      group: mirror({
        find: (id) => findGroup(db, id),
        list: () => listGroups(db),
        idOf: ({ id }) => id,
        knownIds: () => groups.list().map(({ id }) => id),
        set: (group) => groups.set(group),
        delete: (id) => groups.delete(id),
      }),
    }),
    ...(models !== undefined && {
      alias: mirror({
        find: (name) => findModelAlias(db, name),
        list: () => listModelAliases(db),
        idOf: ({ name }) => name,
        knownIds: () => models.aliases().map(({ name }) => name),
        set: (alias) => models.setAlias(alias),
        delete: (name) => models.deleteAlias(name),
      }),
    }),
    client_key: mirror({
      find: (id) => findClientKey(db, id),
      list: () => listClientKeys(db),
      idOf: ({ clientKey }) => clientKey.id,
      knownIds: () => clientKeys.list().map(({ id }) => id).filter((id) => !isFromEnvironment(id)),
      set: (stored) => clientKeys.set(stored),
      delete: (id) => clientKeys.delete(id),
    }),
  };
}

/** What is both in the database and in memory. */
export interface Mirrored<T> {
  readonly find: (id: string) => Promise<T | undefined>;
  readonly list: () => Promise<readonly T[]>;
  readonly idOf: (stored: T) => string;
  /** Ids of those in memory that come from the database. */
  readonly knownIds: () => readonly string[];
  readonly set: (stored: T) => void | Promise<void>;
  readonly delete: (id: string) => void | Promise<void>;
}

/** A reload for what is read row by row. */
export function mirror<T>({ find, list, idOf, knownIds, set, delete: remove }: Mirrored<T>): Reload {
  return async (ids) => {
    if (ids !== "all") {
      for (const id of ids) {
        const stored = await find(id);
        if (stored === undefined) await remove(id);
        else await set(stored);
      }
      return;
    }
    const all = await list();
    const isStored = new Set(all.map(idOf));
    for (const id of knownIds()) if (!isStored.has(id)) await remove(id);
    for (const stored of all) await set(stored);
  };
}

function keyIdsOf(
  pool: { entries(offset: number, limit: number): { readonly key: { readonly id: string } }[] },
) {
  return pool.entries(0, Infinity).map(({ key }) => key.id);
}
