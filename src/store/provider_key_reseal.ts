import { letOthersRun } from "./chunks.ts";
import { type Database, isConflict } from "./database.ts";
import { type Keyring, SealError } from "./keyring.ts";
import { loadProviderKeys, setSealedSecret, type StoredProviderKey } from "./provider_key_store.ts";

export interface Resealed {
  /** How many secrets were sealed anew. */
  readonly count: number;
  /** Keys left as they are, because they do not open or because the provider has the same secret twice. */
  readonly failedIds: readonly string[];
}

/**
 * Seals every secret anew that a previous master key of the keyring has sealed. May run while the program
 * serves, break off, and be repeated; only once it fails for none may the previous master key be forgotten.
 */
export async function resealProviderKeys(db: Database, keyring: Keyring): Promise<Resealed> {
  const failedIds: string[] = [];
  let count = 0;
  for (const stored of await loadProviderKeys(db)) {
    if (keyring.isCurrent(stored.sealedSecret)) continue;
    if (await reseal(db, keyring, stored)) count += 1;
    else failedIds.push(stored.key.id);
    if ((count + failedIds.length) % PAUSE_ROWS === 0) await letOthersRun();
  }
  return { count, failedIds };
}

const PAUSE_ROWS = 20;

async function reseal(
  db: Database,
  keyring: Keyring,
  { key, sealedSecret }: StoredProviderKey,
): Promise<boolean> {
  try {
    const secret = keyring.open(sealedSecret, key.id);
    const renewed = { sealedSecret: keyring.seal(secret, key.id), fingerprint: keyring.fingerprint(secret) };
    return await setSealedSecret(db, key.id, sealedSecret, renewed);
  } catch (error) {
    // One broken row, or one that was added again meanwhile, must not keep the others from being sealed.
    if (error instanceof SealError || isConflict(error)) return false;
    throw error;
  }
}
