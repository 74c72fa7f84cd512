import { draftOfPreset } from "../admin/provider_form.ts";
import type { Config } from "../config.ts";
import { findPreset } from "../core/presets.ts";
import type { Provider, ProviderPolicy } from "../core/provider.ts";
import type { Change } from "../store/change_store.ts";
import type { Database } from "../store/database.ts";
import type { Keyring } from "../store/keyring.ts";
import { addProviderKeys } from "../store/provider_key_import.ts";
import { countProviderKeys } from "../store/provider_key_store.ts";
import { createProvider, listProviders, type ProviderDraft } from "../store/provider_store.ts";
import type { Stamp } from "../store/stamp.ts";
import { StoreError } from "../store/store_error.ts";

/**
 * A list of keys in the environment seeds its provider, made when it is missing, if it has no keys yet. Gives what
 * that has changed, for other instances to know.
 */
export async function seedProviders(
  { keySeeds, policy }: Pick<Config, "keySeeds" | "policy">,
  db: Database,
  keyring: Keyring,
  stamp: () => Stamp,
): Promise<Change[]> {
  const changes: Change[] = [];
  if (keySeeds.size === 0) return changes;
  const known = await listProviders(db, policy);
  const keyCounts = await countProviderKeys(db);
  for (const [slug, seeds] of keySeeds) {
    const preset = findPreset(slug);
    const provider = known.find((each) => each.slug === slug) ??
      (preset && await createUnlessTaken(db, draftOfPreset(preset, policy), policy, stamp()));
    if (provider === undefined || keyCounts.has(provider.id)) continue;
    const { added } = await addProviderKeys(db, keyring, provider.id, seeds, stamp());
    changes.push({ kind: "provider", ids: [provider.id] });
    changes.push({ kind: "provider_keys", ids: added.map(({ id }) => id) });
  }
  return changes;
}

/** Of several instances that start together one is the first; the others take its provider. */
async function createUnlessTaken(
  db: Database,
  draft: ProviderDraft,
  policy: ProviderPolicy,
  stamp: Stamp,
): Promise<Provider | undefined> {
  try {
    return await createProvider(db, draft, policy, stamp);
  } catch (error) {
    if (!(error instanceof StoreError && error.fault === "taken")) throw error;
    return (await listProviders(db, policy)).find(({ slug }) => slug === draft.slug);
  }
}
