import type { Provider, ProviderPolicy } from "../core/provider.ts";
import type { Database } from "./database.ts";
import { providerArgs, providerOf } from "./provider_row.ts";
import { changeSlug, claimSlug, keepSlugUnique, releaseSlug } from "./slug_claim.ts";
import type { Stamp } from "./stamp.ts";

/** Every field of a provider but its id. */
export type ProviderDraft = Omit<Provider, "id">;

/** All providers by priority, then slug. `defaults` fills in what a stored policy does not override. */
export async function listProviders(db: Database, defaults: ProviderPolicy): Promise<Provider[]> {
  const rows = await db.read("SELECT * FROM providers ORDER BY priority, slug");
  return rows.map((row) => providerOf(row, defaults));
}

export async function findProvider(
  db: Database,
  id: string,
  defaults: ProviderPolicy,
): Promise<Provider | undefined> {
  const [row] = await db.read("SELECT * FROM providers WHERE id = ?", [id]);
  return row && providerOf(row, defaults);
}

/** @throws {StoreError} `taken` when another provider or a group has the slug. */
export async function createProvider(
  db: Database,
  draft: ProviderDraft,
  defaults: ProviderPolicy,
  stamp: Stamp,
): Promise<Provider> {
  const provider: Provider = { ...draft, id: stamp.newId() };
  await keepSlugUnique("provider", draft.slug, () =>
    db.write([
      claimSlug(draft.slug, provider.id),
      {
        sql:
          `INSERT INTO providers (slug, name, dialect, vendor, base_url, credential, headers, strategy, enabled,
              priority, models, model_map, prices, policy, allowed_methods, translate, id, created_at_ms)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        args: [...providerArgs(draft, defaults), provider.id, stamp.nowMs],
      },
    ]));
  return provider;
}

/**
 * Replaces every field of the provider; `false` when it does not exist.
 *
 * @throws {StoreError} `taken` when another provider or a group has the slug.
 */
export async function setProvider(
  db: Database,
  provider: Provider,
  defaults: ProviderPolicy,
): Promise<boolean> {
  const [, result] = await keepSlugUnique("provider", provider.slug, () =>
    db.write([
      changeSlug(provider.slug, provider.id),
      {
        sql: `UPDATE providers SET slug = ?, name = ?, dialect = ?, vendor = ?, base_url = ?, credential = ?,
              headers = ?, strategy = ?, enabled = ?, priority = ?, models = ?, model_map = ?, prices = ?,
              policy = ?, allowed_methods = ?, translate = ?
            WHERE id = ?`,
        args: [...providerArgs(provider, defaults), provider.id],
      },
    ]));
  return result !== undefined && result.changedRows > 0;
}

/** Deletes the provider, all its keys and its places in groups; `false` when it does not exist. */
export async function deleteProvider(db: Database, id: string): Promise<boolean> {
  const results = await db.write([
    releaseSlug(id),
    // Said here and not left to ON DELETE CASCADE, which a server may have switched off.
    { sql: "DELETE FROM provider_keys WHERE provider_id = ?", args: [id] },
    { sql: "DELETE FROM group_members WHERE provider_id = ?", args: [id] },
    { sql: "DELETE FROM providers WHERE id = ?", args: [id] },
  ]);
  return (results.at(-1)?.changedRows ?? 0) > 0;
}
