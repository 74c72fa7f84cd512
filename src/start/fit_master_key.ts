import type { Database } from "../store/database.ts";
import { MasterKeyError, type MasterKeys, readMasterKeyFile, writeMasterKeys } from "../store/master_key.ts";
import { findSetting } from "../store/settings_store.ts";
import { loadMasterKeys, MASTER_KEY_PROOF, type MasterKeyConfig, proofOf } from "./open_keyring.ts";
import { previousMasterKeysFile } from "./rotate_master_key.ts";

/**
 * Makes sure that a database which was written before can be opened: `current` with the master key that is
 * configured, `previous` with one before it. That one is taken back into the master key's file from where
 * `rotateMasterKey` has kept it.
 * @throws {MasterKeyError} when it is neither; nothing is changed then.
 */
export async function fitMasterKey(db: Database, config: MasterKeyConfig): Promise<"current" | "previous"> {
  const proof = await findSetting(db, MASTER_KEY_PROOF);
  const configured = config.masterKey === undefined
    ? await readMasterKeyFile(config.masterKeyFile)
    : await loadMasterKeys(config);
  if (configured === undefined) {
    throw new MasterKeyError(
      `Cannot use the backup: its master key must be in ${config.masterKeyFile} first, and there is none`,
    );
  }
  // Written before there was such a mark: no start will ask for it.
  if (proof === undefined || proofOf(configured.masterKey) === proof) return "current";
  if (configured.previous.some((each) => proofOf(each) === proof)) return "previous";
  const kept = config.masterKey === undefined ? await findKept(config.masterKeyFile, proof) : undefined;
  if (kept === undefined) {
    throw new MasterKeyError(
      "Cannot use the backup: it was written with another master key; put that one back",
    );
  }
  const { masterKey, previous } = configured;
  await writeMasterKeys(config.masterKeyFile, [masterKey, ...previous, kept]);
  return "previous";
}

async function findKept(path: string, proof: string): Promise<MasterKeys["masterKey"] | undefined> {
  const kept = await readMasterKeyFile(previousMasterKeysFile(path));
  return kept && [kept.masterKey, ...kept.previous].find((each) => proofOf(each) === proof);
}
