import { letOthersRun } from "./chunks.ts";
import { type Database, isConflict } from "./database.ts";
import { type Keyring, SealError } from "./keyring.ts";
import { text } from "./columns.ts";
import { loadProviderKeys, setSealedSecret } from "./provider_key_store.ts";

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
  const reseals = [
    ...(await loadProviderKeys(db)).map(({ key: { id }, sealedSecret }): Sealed => ({
      id,
      sealedSecret,
      set: (renewed) => setSealedSecret(db, id, sealedSecret, renewed),
    })),
    ...await loadDeleted(db),
  ];
  for (const stored of reseals) {
    if (keyring.isCurrent(stored.sealedSecret)) continue;
    const end = await reseal(keyring, stored);
    if (end === "sealed") count += 1;
    if (end === "broken") brokenIds.push(stored.id);
    if (end === "duplicate") duplicateIds.push(stored.id);
    if (++tried % PAUSE_ROWS === 0) await letOthersRun();
  }
  return { count, brokenIds, duplicateIds };
}

const PAUSE_ROWS = 20;

interface Renewed {
  readonly sealedSecret: string;
  readonly fingerprint: string;
}

interface Sealed {
  readonly id: string;
  readonly sealedSecret: string;
  /** `false` when the row has changed meanwhile. */
  readonly set: (renewed: Renewed) => Promise<boolean>;
}

/** Keys that are kept for a while so that their deletion can be undone. */
async function loadDeleted(db: Database): Promise<Sealed[]> {
  const rows = await db.read("SELECT id, sealed_secret FROM deleted_provider_keys ORDER BY id");
  return rows.map((row) => {
    const [id, sealedSecret] = [text(row, "id"), text(row, "sealed_secret")];
    return {
      id,
      sealedSecret,
      async set(renewed) {
        const [result] = await db.write([{
          sql:
            "UPDATE deleted_provider_keys SET sealed_secret = ?, fingerprint = ? WHERE id = ? AND sealed_secret = ?",
          args: [renewed.sealedSecret, renewed.fingerprint, id, sealedSecret],
        }]);
        return (result?.changedRows ?? 0) > 0;
      },
    };
  });
}

/** `changed` is a row that somebody else wrote or deleted meanwhile. */
async function reseal(
  keyring: Keyring,
  { id, sealedSecret, set }: Sealed,
): Promise<"sealed" | "changed" | "broken" | "duplicate"> {
  try {
    const secret = keyring.open(sealedSecret, id);
    const renewed = { sealedSecret: keyring.seal(secret, id), fingerprint: keyring.fingerprint(secret) };
    return await set(renewed) ? "sealed" : "changed";
  } catch (error) {
    // One broken row, or one that was added again meanwhile, must not keep the others from being sealed.
    if (error instanceof SealError) return "broken";
    if (isConflict(error)) return "duplicate";
    throw error;
  }
}
