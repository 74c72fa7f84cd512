import { commitUnchecked, tryCommit } from "./kv_commit.ts";
import { kvKeys } from "./kv_keys.ts";

/**
 * Reserves `size` rotation indices of a provider for this instance, and gives the first of them. No two
 * calls, in whatever process, get the same index.
 *
 * @throws {Error} when others keep reserving at the same time.
 */
export async function reserveCursor(kv: Deno.Kv, providerId: string, size: number): Promise<number> {
  const key = kvKeys.cursor(providerId);
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const { value, versionstamp } = await kv.get<unknown>(key);
    const first = typeof value === "number" ? value : 0;
    // An atomic sum does not tell what it added up to, so the index is checked and set.
    const reserved = await tryCommit(kv.atomic().check({ key, versionstamp }).set(key, first + size));
    if (reserved !== undefined) return first;
  }
  throw new Error(`Cannot reserve rotation indices of provider ${providerId}: others keep reserving`);
}

export async function deleteCursor(kv: Deno.Kv, providerId: string): Promise<void> {
  await commitUnchecked(() => kv.atomic().delete(kvKeys.cursor(providerId)));
}

/** One of the competitors succeeds each time, so that a score of instances at once still come through. */
const MAX_ATTEMPTS = 50;
