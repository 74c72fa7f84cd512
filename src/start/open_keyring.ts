import { Buffer } from "node:buffer";
import type { Config } from "../config.ts";
import type { Database } from "../store/database.ts";
import { createKeyring, type Keyring } from "../store/keyring.ts";
import { loadMasterKey, MasterKeyError } from "../store/master_key.ts";
import { createSetting } from "../store/settings_store.ts";

const SETTING = "master_key_proof";

/**
 * The keyring of the master key, once it has proved to be the one that this database was begun with: with another
 * one no stored key opens and no client key is known, and what is added would be sealed with a third.
 * @throws {MasterKeyError} for a key that is unfit, or another one; a file that was made for it is taken away.
 */
export async function openKeyring(
  { masterKey: fromEnv, masterKeyFile }: Pick<Config, "masterKey" | "masterKeyFile">,
  db: Database,
): Promise<Keyring> {
  const { masterKey, origin } = await loadMasterKey({
    path: masterKeyFile,
    ...(fromEnv !== undefined && { fromEnv }),
  });
  const keyring = createKeyring(masterKey);
  // A value derived for this purpose alone: it tells keys apart and gives nothing of them away.
  const proof = Buffer.from(keyring.deriveKey(SETTING)).toString("base64url");
  if (await createSetting(db, SETTING, proof) === proof) return keyring;
  if (origin === "created") await Deno.remove(masterKeyFile);
  const found = origin === "created" ? `${masterKeyFile} is missing` : "this is another one";
  throw new MasterKeyError(
    `Cannot use the master key: the database was begun with its own, and ${found}; put that one back`,
  );
}
