import { createClientKey } from "../store/client_key_store.ts";
import { createGroup } from "../store/group_store.ts";
import { createModelAlias } from "../store/model_alias_store.ts";
import { addProviderKeys } from "../store/provider_key_import.ts";
import { findProviderKeys } from "../store/provider_key_store.ts";
import { createProvider } from "../store/provider_store.ts";
import type { GroupDeps } from "./groups.ts";
import type { ImportWriter } from "./import_run.ts";
import { unknownProvider } from "./providers.ts";

/** Writes an import into the running server: to the database, to memory, and told to the other instances. */
export function createLiveWriter(deps: GroupDeps): ImportWriter {
  const { db, keyring, live, groups, models, clientKeys, policy, stamp, inTurn, noteChange } = deps;
  return {
    createProvider: (draft) =>
      inTurn(async () => {
        const { provider } = live.set(await createProvider(db, draft, policy, stamp()));
        await noteChange({ kind: "provider", ids: [provider.id] });
        return provider;
      }),
    addKeys: ({ id, slug }, entries) =>
      inTurn(async () => {
        const target = live.findById(id);
        // While it waited for its turn, the provider may have been deleted.
        if (target === undefined) throw unknownProvider(slug);
        const { added } = await addProviderKeys(db, keyring, id, entries, stamp());
        const ids = added.map((key) => key.id);
        for (const { key, sealedSecret } of await findProviderKeys(db, ids)) {
          target.pool.set({ ...key, sealedSecret });
        }
        if (ids.length > 0) await noteChange({ kind: "provider_keys", ids });
        return ids.length;
      }),
    createGroup: ({ members, ...group }) =>
      inTurn(async () => {
        const known = members.flatMap(({ provider: slug, ...member }) => {
          const found = live.find(slug);
          return found === undefined ? [] : [{ ...member, providerId: found.provider.id }];
        });
        const made = await createGroup(db, { ...group, members: known }, stamp());
        groups.set(made);
        await noteChange({ kind: "group", ids: [made.id] });
      }),
    createAlias: (alias) =>
      inTurn(async () => {
        await createModelAlias(db, alias);
        models.setAlias(alias);
        await noteChange({ kind: "alias", ids: [alias.name] });
      }),
    createClientKey: (draft) =>
      inTurn(async () => {
        const stored = await createClientKey(db, deps.hashClientKey, draft, stamp());
        clientKeys.set(stored);
        await noteChange({ kind: "client_key", ids: [stored.clientKey.id] });
      }),
  };
}
