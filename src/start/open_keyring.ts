import { Buffer } from "node:buffer";
import type { KeyObject } from "node:crypto";
import type { Config } from "../config.ts";
import type { Database } from "../store/database.ts";
import { followKeyring } from "../store/following_keyring.ts";
import { openKeptKeys } from "../store/kept_keys.ts";
import { createKeyring, type Keyring } from "../store/keyring.ts";
import {
  followMasterKeyFile,
  isSameMasterKey,
  type LoadedMasterKey,
  loadMasterKey,
  MasterKeyError,
  type MasterKeys,
} from "../store/master_key.ts";
import { createSetting } from "../store/settings_store.ts";

/** Setting: tells which master key the database was begun with, or rotated to. */
export const MASTER_KEY_PROOF = "master_key_proof";

export type MasterKeyConfig = Pick<Config, "masterKey" | "masterKeyPrevious" | "masterKeyFile">;

/**
 * The keyring of the master key, once it has proved to be the one that this database was begun with: with another
 * one no stored key opens and no client key is known, and what is added would be sealed with a third. A master key
 * file is followed, so that `keyturn rotate-secret` may replace it while this runs.
 * @throws {MasterKeyError} for a key that is unfit, or another one; a file that was made for it is taken away.
 */
export async function openKeyring(config: MasterKeyConfig, db: Database): Promise<Keyring> {
  const loaded = await loadMasterKeys(config);
  const proven = await provenKey(db, loaded);
  if (proven === undefined) {
    const { masterKeyFile } = config;
    if (loaded.origin === "created") await Deno.remove(masterKeyFile);
    const found = loaded.origin === "created" ? `${masterKeyFile} is missing` : "this is another one";
    throw new MasterKeyError(
      `Cannot use the master key: the database was begun with its own, and ${found}; put that one back`,
    );
  }
  const keyring = await openKeptKeys(db, createKeyring(loaded.masterKey, loaded.previous), proven);
  return loaded.origin === "environment" ? keyring : followKeyring(keyring, renewals(config, loaded));
}

/** What the settings tell of the master key, the previous ones with it. */
export function loadMasterKeys(
  { masterKey, masterKeyPrevious, masterKeyFile }: MasterKeyConfig,
): Promise<LoadedMasterKey> {
  return loadMasterKey({
    path: masterKeyFile,
    ...(masterKey !== undefined && { fromEnv: masterKey }),
    ...(masterKeyPrevious !== undefined && { previousFromEnv: masterKeyPrevious }),
  });
}

/** A value derived for this purpose alone: it tells master keys apart and gives nothing of them away. */
export function proofOf(masterKey: KeyObject): string {
  return Buffer.from(createKeyring(masterKey).deriveKey(MASTER_KEY_PROOF)).toString("base64url");
}

/** The one of these that the database knows, or `undefined`; a database that knows none yet takes the newest. */
export async function provenKey(
  db: Database,
  { masterKey, previous }: MasterKeys,
): Promise<KeyObject | undefined> {
  const stored = await createSetting(db, MASTER_KEY_PROOF, proofOf(masterKey));
  return [masterKey, ...previous].find((each) => proofOf(each) === stored);
}

/** Once the file was replaced, a keyring of what stands there and of all that was ever known here. */
function renewals(
  { masterKeyFile }: MasterKeyConfig,
  first: MasterKeys,
): () => Keyring | undefined {
  const readAgain = followMasterKeyFile(masterKeyFile);
  const known = [...first.previous, first.masterKey];
  return () => {
    const loaded = readAgain();
    if (loaded === undefined) return undefined;
    // Pools hold texts in memory that the one before has sealed.
    for (const each of [...loaded.previous, loaded.masterKey]) {
      if (!known.some((other) => isSameMasterKey(other, each))) known.push(each);
    }
    return createKeyring(loaded.masterKey, known);
  };
}
