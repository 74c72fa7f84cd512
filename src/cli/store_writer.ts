import type { ImportWriter } from "../admin/import_run.ts";
import type { ProviderPolicy } from "../core/provider.ts";
import type { Change } from "../store/change_store.ts";
import { createClientKeyHash } from "../store/client_key_hash.ts";
import { createClientKey } from "../store/client_key_store.ts";
import type { Database } from "../store/database.ts";
import { createGroup } from "../store/group_store.ts";
import type { Keyring } from "../store/keyring.ts";
import { createModelAlias } from "../store/model_alias_store.ts";
import { addProviderKeys } from "../store/provider_key_import.ts";
import { createProvider, listProviders } from "../store/provider_store.ts";
import type { Stamp } from "../store/stamp.ts";

export interface StoreWriterDeps {
  readonly db: Database;
  readonly keyring: Keyring;
  /** Defaults of every provider's policy. */
  readonly policy: ProviderPolicy;
  readonly stamp: () => Stamp;
  /** What servers that run have to be told. */
  readonly onChange: (change: Change) => void;
}

/** Writes an import into the stores alone, beside servers that may run. */
export function createStoreWriter({ db, keyring, policy, stamp, onChange }: StoreWriterDeps): ImportWriter {
  const hashClientKey = createClientKeyHash(keyring.deriveKey("client_key_hash"));
  return {
    async createProvider(draft) {
      const provider = await createProvider(db, draft, policy, stamp());
      onChange({ kind: "provider", ids: [provider.id] });
      return provider;
    },
    async addKeys({ id }, entries) {
      const { added } = await addProviderKeys(db, keyring, id, entries, stamp());
      if (added.length > 0) onChange({ kind: "provider_keys", ids: added.map((key) => key.id) });
      return added.length;
    },
    async createGroup({ members, ...group }) {
      const ids = new Map((await listProviders(db, policy)).map(({ slug, id }) => [slug, id]));
      const known = members.flatMap(({ provider, ...member }) => {
        const providerId = ids.get(provider);
        return providerId === undefined ? [] : [{ ...member, providerId }];
      });
      const made = await createGroup(db, { ...group, members: known }, stamp());
      onChange({ kind: "group", ids: [made.id] });
    },
    async createAlias(alias) {
      await createModelAlias(db, alias);
      onChange({ kind: "alias", ids: [alias.name] });
    },
    async createClientKey(draft) {
      const { clientKey } = await createClientKey(db, hashClientKey, draft, stamp());
      onChange({ kind: "client_key", ids: [clientKey.id] });
    },
  };
}
