import { letOthersRun } from "./chunks.ts";
import { type Database, isConflict } from "./database.ts";
import { type Keyring, SealError } from "./keyring.ts";
import { loadProviderKeys, setSealedSecret, type StoredProviderKey } from "./provider_key_store.ts";

export interface Resealed {
  /** How many secrets were sealed anew. */
  readonly count: number;
  /** Keys left as they are, because no master key of the keyring opens them. */
  readonly brokenIds: readonly string[];
  /** Keys left as they are, because their provider has the same secret again: only a previous master key opens them. */
  readonly duplicateIds: readonly string[];
}

/**
 * Seals every secret anew that a previous master key of the keyring has sealed. May run while the program
 * serves, break off, and be repeated. Only once a run finds nothing to seal and no duplicate may the previous
 * master key be forgotten.
 */
export async function resealProviderKeys(db: Database, keyring: Keyring): Promise<Resealed> {
  const brokenIds: string[] = [];
  const duplicateIds: string[] = [];
  let count = 0;
  let tried = 0;
  for (const stored of await loadProviderKeys(db)) {
    if (keyring.isCurrent(stored.sealedSecret)) continue;
    const end = await reseal(db, keyring, stored);
    if (end === "sealed") count += 1;
    if (end === "broken") brokenIds.push(stored.key.id);
    if (end === "duplicate") duplicateIds.push(stored.key.id);
    if (++tried % PAUSE_ROWS === 0) await letOthersRun();
  }
  return { count, brokenIds, duplicateIds };
}

const PAUSE_ROWS = 20;

/** `changed` is a row that somebody else wrote or deleted meanwhile. */
async function reseal(
  db: Database,
  keyring: Keyring,
  { key, sealedSecret }: StoredProviderKey,
): Promise<"sealed" | "changed" | "broken" | "duplicate"> {
  try {
    const secret = keyring.open(sealedSecret, key.id);
    const renewed = { sealedSecret: keyring.seal(secret, key.id), fingerprint: keyring.fingerprint(secret) };
    return await setSealedSecret(db, key.id, sealedSecret, renewed) ? "sealed" : "changed";
  } catch (error) {
    // One broken row, or one that was added again meanwhile, must not keep the others from being sealed.
    if (error instanceof SealError) return "broken";
    if (isConflict(error)) return "duplicate";
    throw error;
  }
}
