import { Buffer } from "node:buffer";
import type { KeyObject } from "node:crypto";
import { Secret } from "../core/secret.ts";
import type { Database } from "./database.ts";
import { createKeyring, type Keyring } from "./keyring.ts";
import { createSetting, findSetting, replaceSetting } from "./settings_store.ts";

/**
 * Purposes whose derived keys outlive their master key, because what was hashed with them cannot be hashed again:
 * nobody has the client keys themselves. Each is stored sealed, and sealed anew when the master key is rotated.
 */
const KEPT_PURPOSES = ["client_key_hash"] as const;

/**
 * The keyring, with the kept keys in the place of those that its master key would derive. On the first start they
 * are derived from `origin` and stored; of several instances that start together the first one's stand.
 * @throws {SealError} when one was sealed with a master key that is not in the keyring.
 */
export async function openKeptKeys(db: Database, keyring: Keyring, origin: KeyObject): Promise<Keyring> {
  const beginnings = createKeyring(origin);
  const kept = new Map<string, Uint8Array>();
  for (const purpose of KEPT_PURPOSES) {
    const rowId = settingOf(purpose);
    const derived = new Secret(Buffer.from(beginnings.deriveKey(purpose)).toString("base64url"));
    const sealed = await createSetting(db, rowId, keyring.seal(derived, rowId));
    kept.set(purpose, Buffer.from(keyring.open(sealed, rowId).reveal(), "base64url"));
  }
  return { ...keyring, deriveKey: (purpose) => kept.get(purpose) ?? keyring.deriveKey(purpose) };
}

/** Seals them anew where a previous master key has; gives how many. May be repeated. */
export async function resealKeptKeys(db: Database, keyring: Keyring): Promise<number> {
  let count = 0;
  for (const purpose of KEPT_PURPOSES) {
    const rowId = settingOf(purpose);
    const sealed = await findSetting(db, rowId);
    if (sealed === undefined || keyring.isCurrent(sealed)) continue;
    const renewed = keyring.seal(keyring.open(sealed, rowId), rowId);
    if (await replaceSetting(db, rowId, sealed, renewed)) count += 1;
  }
  return count;
}

/** Also the row that it is sealed for: no provider key has such an id. */
function settingOf(purpose: string): string {
  return `kept_key.${purpose}`;
}
