import { chunksOf, letOthersRun } from "./chunks.ts";
import { text } from "./columns.ts";
import type { Database } from "./database.ts";

/**
 * Which providers have a key of these fingerprints (`keyring.fingerprint(secret)`): their ids by fingerprint; one that
 * nobody has is not in it. One lookup in the unique index for each fingerprint and provider.
 */
export async function findKeyOwners(
  db: Database,
  fingerprints: readonly string[],
): Promise<Map<string, readonly string[]>> {
  const owners = new Map<string, string[]>();
  for (const chunk of chunksOf(fingerprints, CHUNK_ROWS)) {
    const rows = await db.read(FIND_OWNERS, [JSON.stringify(chunk)]);
    for (const row of rows) {
      const fingerprint = text(row, "fingerprint");
      const known = owners.get(fingerprint);
      if (known === undefined) owners.set(fingerprint, [text(row, "provider_id")]);
      else known.push(text(row, "provider_id"));
    }
    if (chunk.length === CHUNK_ROWS) await letOthersRun();
  }
  return owners;
}

const CHUNK_ROWS = 500;

/** CROSS JOIN keeps the order: left to itself, SQLite goes through every key for each fingerprint. */
const FIND_OWNERS = `
  SELECT provider_keys.fingerprint, provider_keys.provider_id
  FROM json_each(?) AS wanted CROSS JOIN providers
    CROSS JOIN provider_keys ON provider_keys.provider_id = providers.id
      AND provider_keys.fingerprint = wanted.value`;
