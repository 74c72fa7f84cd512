import type { Secret } from "../core/secret.ts";
import { type Keyring, SealError } from "./keyring.ts";

/**
 * A keyring whose master keys may be replaced while the program runs (`keyturn rotate-secret` writes their file).
 * `renewed` gives the next one when they were. It is asked before anything is sealed, so that nothing is sealed
 * with a master key that is about to be forgotten, and when a text was sealed with one that is not known here.
 * Derived keys stay those of the start: sessions and hashes must not change under a running program.
 */
export function followKeyring(first: Keyring, renewed: () => Keyring | undefined): Keyring {
  let current = first;
  const newest = (): Keyring => current = renewed() ?? current;
  return {
    seal: (plain: Secret, rowId: string) => newest().seal(plain, rowId),
    open(sealed, rowId) {
      try {
        return current.open(sealed, rowId);
      } catch (error) {
        if (!(error instanceof SealError && error.fault === "other_key")) throw error;
        return newest().open(sealed, rowId);
      }
    },
    fingerprint: (secret) => newest().fingerprint(secret),
    isCurrent: (sealed) => newest().isCurrent(sealed),
    deriveKey: (purpose) => first.deriveKey(purpose),
  };
}
