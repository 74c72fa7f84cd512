import { draftOfPreset } from "../admin/provider_form.ts";
import type { Config } from "../config.ts";
import { findPreset } from "../core/presets.ts";
import type { Database } from "../store/database.ts";
import type { Keyring } from "../store/keyring.ts";
import { addProviderKeys } from "../store/provider_key_import.ts";
import { countProviderKeys } from "../store/provider_key_store.ts";
import { createProvider, listProviders } from "../store/provider_store.ts";
import type { Stamp } from "../store/stamp.ts";

/** A list of keys in the environment seeds its provider, made when it is missing, if it has no keys yet. */
export async function seedProviders(
  { keySeeds, policy }: Pick<Config, "keySeeds" | "policy">,
  db: Database,
  keyring: Keyring,
  stamp: () => Stamp,
): Promise<void> {
  if (keySeeds.size === 0) return;
  const known = await listProviders(db, policy);
  const keyCounts = await countProviderKeys(db);
  for (const [slug, seeds] of keySeeds) {
    const preset = findPreset(slug);
    const provider = known.find((each) => each.slug === slug) ??
      (preset && await createProvider(db, draftOfPreset(preset, policy), policy, stamp()));
    if (provider === undefined || keyCounts.has(provider.id)) continue;
    await addProviderKeys(db, keyring, provider.id, seeds, stamp());
  }
}
