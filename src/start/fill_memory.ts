import { ClientKeys } from "../access/client_keys.ts";
import type { Config } from "../config.ts";
import { type ClientKey, environmentClientKeyId, UNBOUND } from "../core/client_key.ts";
import type { ProviderPolicy } from "../core/provider.ts";
import type { Secret } from "../core/secret.ts";
import type { LiveGroups } from "../pool/live_groups.ts";
import type { LiveProviders } from "../pool/live_providers.ts";
import type { ModelIndex } from "../pool/model_index.ts";
import { listClientKeys } from "../store/client_key_store.ts";
import type { Database } from "../store/database.ts";
import { listGroups } from "../store/group_store.ts";
import { listModelAliases } from "../store/model_alias_store.ts";
import { loadProviderKeys } from "../store/provider_key_store.ts";
import { listProviders } from "../store/provider_store.ts";

/** Takes all stored providers and their keys into memory. */
export async function fillPools(live: LiveProviders, db: Database, policy: ProviderPolicy): Promise<void> {
  for (const provider of await listProviders(db, policy)) live.set(provider);
  for (const { key, sealedSecret } of await loadProviderKeys(db)) {
    live.findById(key.providerId)?.pool.set({ ...key, sealedSecret });
  }
}

/** Takes all stored groups and aliases into memory; the providers must be there already. */
export async function fillGroups(groups: LiveGroups, models: ModelIndex, db: Database): Promise<void> {
  for (const group of await listGroups(db)) groups.set(group);
  for (const alias of await listModelAliases(db)) models.setAlias(alias);
}

/** All client keys: the stored ones, and those of the environment, which live as long as the process. */
export async function loadClientKeys(
  config: Pick<Config, "clientKeys" | "allowAnonymous">,
  db: Database,
  hash: (clientKey: string) => string,
): Promise<ClientKeys> {
  const clientKeys = new ClientKeys(hash, config.allowAnonymous);
  for (const stored of await listClientKeys(db)) clientKeys.set(stored);
  config.clientKeys.forEach((secret, index) => {
    clientKeys.set({ hash: hash(secret.reveal()), clientKey: clientKeyOf(secret, index + 1) });
  });
  return clientKeys;
}

function clientKeyOf(secret: Secret, number: number): ClientKey {
  return {
    ...UNBOUND,
    id: environmentClientKeyId(number),
    name: `environment ${number}`,
    lastFour: secret.lastFour,
    isEnabled: true,
    createdAtMs: 0,
  };
}
