import { isConflict, type Statement } from "./database.ts";
import { StoreError } from "./store_error.ts";

/**
 * Providers and groups share one namespace of slugs, since a path names either. The table `slugs` holds it; each
 * of these statements goes into the transaction of the change that it belongs to.
 */
export function claimSlug(slug: string, ownerId: string): Statement {
  return { sql: "INSERT INTO slugs (slug, owner_id) VALUES (?, ?)", args: [slug, ownerId] };
}

/** Changes nothing for an owner that does not exist. */
export function changeSlug(slug: string, ownerId: string): Statement {
  return { sql: "UPDATE slugs SET slug = ? WHERE owner_id = ?", args: [slug, ownerId] };
}

export function releaseSlug(ownerId: string): Statement {
  return { sql: "DELETE FROM slugs WHERE owner_id = ?", args: [ownerId] };
}

/** @throws {StoreError} `taken` when the write met a slug that another provider or group has. */
export async function keepSlugUnique<T>(
  owner: "provider" | "group",
  slug: string,
  write: () => Promise<T>,
): Promise<T> {
  try {
    return await write();
  } catch (error) {
    if (isConflict(error)) {
      throw new StoreError("taken", `Cannot save ${owner}: slug ${slug} is taken`, error);
    }
    throw error;
  }
}
