import type { KeyObject } from "node:crypto";
import type { Database } from "../store/database.ts";
import { resealDeletedKeys } from "../store/deleted_key_reseal.ts";
import { openKeptKeys, resealKeptKeys } from "../store/kept_keys.ts";
import { createKeyring } from "../store/keyring.ts";
import {
  createMasterKey,
  isSameMasterKey,
  MasterKeyError,
  type MasterKeys,
  readMasterKeyFile,
  writeMasterKeys,
} from "../store/master_key.ts";
import { resealProviderKeys } from "../store/provider_key_reseal.ts";
import { setSettings } from "../store/settings_store.ts";
import {
  loadMasterKeys,
  MASTER_KEY_PROOF,
  type MasterKeyConfig,
  proofOf,
  provenKey,
} from "./open_keyring.ts";

export interface RotationDeps {
  readonly db: Database;
  readonly config: MasterKeyConfig;
  /** Waits until what running instances had begun to write before they knew of the new master key is written. */
  readonly settle: () => Promise<void>;
  /** Told after each round how many secrets were sealed anew in it. */
  readonly onRound?: (sealed: number) => void;
}

export interface Rotation {
  /** Whether the previous master key is needed no more. */
  readonly isDone: boolean;
  /** How many secrets were sealed anew. */
  readonly sealed: number;
  /** Provider keys that no master key opens: they were broken before. */
  readonly brokenIds: readonly string[];
  /** Provider keys whose provider has the same secret again; one of each two must be deleted first. */
  readonly duplicateIds: readonly string[];
  /** Where the previous master keys are kept for older backups; `undefined` when the environment holds them. */
  readonly keptIn: string | undefined;
}

/**
 * Replaces the master key while instances serve, and takes up a rotation that broke off. With a file, the new
 * master key is put above the old one first, so that whoever starts or follows the file knows both; then every
 * secret is sealed anew; only when nothing needs it any more does the old one leave the file. With the environment,
 * the operator has set both.
 * @throws {MasterKeyError} when the master key does not fit, or the environment names no previous one.
 */
export async function rotateMasterKey({ db, config, settle, onRound }: RotationDeps): Promise<Rotation> {
  const { masterKey, previous, proven } = await begin(db, config);
  const keyring = createKeyring(masterKey, previous);
  let sealed = 0;
  let isSettled = false;
  for (;;) {
    const round = await resealProviderKeys(db, keyring);
    const count = round.count + await resealKeptKeys(db, keyring) + await resealDeletedKeys(db, keyring);
    sealed += count;
    onRound?.(count);
    const { brokenIds, duplicateIds } = round;
    if (duplicateIds.length > 0 && count === 0) {
      return { isDone: false, sealed, brokenIds, duplicateIds, keptIn: undefined };
    }
    if (count === 0 && isSettled) {
      await setSettings(db, { [MASTER_KEY_PROOF]: proofOf(masterKey) });
      const keptIn = config.masterKey === undefined
        ? await forget(config.masterKeyFile, masterKey, previous, proven)
        : undefined;
      return { isDone: true, sealed, brokenIds, duplicateIds, keptIn };
    }
    if (count === 0) {
      await settle();
      isSettled = true;
    }
  }
}

interface Begun extends MasterKeys {
  /** The one that the database was begun with, or rotated to last. */
  readonly proven: KeyObject;
}

async function begin(db: Database, config: MasterKeyConfig): Promise<Begun> {
  const found = config.masterKey === undefined
    ? await readMasterKeyFile(config.masterKeyFile)
    : await loadMasterKeys(config);
  if (found === undefined) {
    throw new MasterKeyError(`Cannot rotate the master key: ${config.masterKeyFile} is missing`);
  }
  const proven = await provenKey(db, found);
  if (proven === undefined) {
    throw new MasterKeyError("Cannot rotate the master key: the database was begun with another one");
  }
  // Before there is another master key they could be derived from.
  await openKeptKeys(db, createKeyring(found.masterKey, found.previous), proven);
  if (found.previous.length > 0) return { ...found, proven };
  if (config.masterKey !== undefined) {
    throw new MasterKeyError(
      "Cannot rotate the master key: MASTER_KEY_PREVIOUS is not set; it takes the old one, and MASTER_KEY the new",
    );
  }
  const masterKey = createMasterKey();
  await writeMasterKeys(config.masterKeyFile, [masterKey, found.masterKey]);
  return { masterKey, previous: [found.masterKey], proven };
}

/** Leaves the new master key alone in its file, and the others beside it for older backups. */
async function forget(
  path: string,
  masterKey: KeyObject,
  previous: readonly KeyObject[],
  proven: KeyObject,
): Promise<string> {
  const keptIn = previousMasterKeysFile(path);
  const kept = await readMasterKeyFile(keptIn);
  const older = kept === undefined ? [] : [kept.masterKey, ...kept.previous];
  const all = [proven, ...previous, ...older].filter((each, index, list) =>
    !isSameMasterKey(each, masterKey) && list.findIndex((other) => isSameMasterKey(other, each)) === index
  );
  await writeMasterKeys(keptIn, all);
  await writeMasterKeys(path, [masterKey]);
  return keptIn;
}

/** Where the master keys before that of this file are kept. */
export function previousMasterKeysFile(path: string): string {
  return `${path}.previous`;
}
