import { statfsSync } from "node:fs";
import type { Config } from "../config.ts";
import { filePath } from "../core/file_url.ts";
import type { Provider } from "../core/provider.ts";
import { findDataFolderOwner } from "../store/data_folder.ts";
import type { Database } from "../store/database.ts";
import { databaseFaults } from "../store/database_copy.ts";
import { openKv } from "../store/kv.ts";
import { MasterKeyError, type MasterKeys, readMasterKeyFile } from "../store/master_key.ts";
import { knownSchemaVersion, NEWEST_SCHEMA_VERSION } from "../store/migrations.ts";
import { loadProviderKeys } from "../store/provider_key_store.ts";
import { listProviders } from "../store/provider_store.ts";
import { createKeyring, SealError } from "../store/keyring.ts";
import { findSetting } from "../store/settings_store.ts";
import { StoreError } from "../store/store_error.ts";
import { loadMasterKeys, MASTER_KEY_PROOF, proofOf } from "../start/open_keyring.ts";
import { kvTarget } from "../start/open_stores.ts";
import { fault, type Finding, good, note } from "./finding.ts";
import { exists, openDatabaseBeside } from "./shared_stores.ts";

/** Data folder, database, master key and Deno KV; `onProviders` is told which providers are stored. */
export async function checkStores(
  config: Config,
  onProviders: (providers: readonly Provider[]) => void,
): Promise<Finding[]> {
  const found = config.isOnDeploy ? [] : await checkDataFolder(config);
  const masterKeys = await readMasterKeys(config, found);
  const db = await openOrNote(config, found);
  if (db !== undefined) {
    try {
      found.push(...await checkDatabase(config, db, masterKeys, onProviders));
    } finally {
      await db.close();
    }
  }
  found.push(await checkKv(config));
  return found;
}

const NOTED_FREE_BYTES = 1_000_000_000;
const LEAST_FREE_BYTES = 100_000_000;

async function checkDataFolder({ dataDir }: Config): Promise<Finding[]> {
  const what = "data folder";
  if (!await exists(dataDir)) return [note(what, `${dataDir} is not there yet; the first start makes it`)];
  const { isDirectory, mode } = await Deno.stat(dataDir);
  if (!isDirectory) return [fault(what, `${dataDir} is no folder: DATA_DIR names another`)];
  const found: Finding[] = [];
  try {
    const trial = await Deno.makeTempFile({ dir: dataDir, prefix: ".keyturn-doctor-" });
    await Deno.remove(trial);
    const owner = await findDataFolderOwner(dataDir);
    found.push(
      good(what, `${dataDir} is writable, ${owner === undefined ? "no server uses it" : `${owner} uses it`}`),
    );
  } catch (error) {
    if (error instanceof StoreError) found.push(fault(what, error.message));
    else found.push(fault(what, `${dataDir} is not writable: give it to the account that runs Keyturn`));
  }
  if (mode !== null && (mode & 0o077) !== 0) {
    found.push(note(what, `others on this machine may look into ${dataDir}: chmod 700 keeps it private`));
  }
  found.push(...checkSpace(dataDir));
  return found;
}

function checkSpace(path: string): Finding[] {
  try {
    const { bavail, bsize } = statfsSync(path);
    const free = bavail * bsize;
    const shown = `${(free / 1e9).toFixed(1)} GB free for ${path}`;
    if (free < LEAST_FREE_BYTES) {
      return [fault("disk", `${shown}: make room, or nothing more can be written`)];
    }
    return [free < NOTED_FREE_BYTES ? note("disk", `${shown}: make room soon`) : good("disk", shown)];
  } catch {
    // Not every system and set of permissions tells.
    return [note("disk", "the free space cannot be told here")];
  }
}

async function readMasterKeys(config: Config, found: Finding[]): Promise<MasterKeys | undefined> {
  const what = "master key";
  const { masterKey, masterKeyFile } = config;
  try {
    const masterKeys = masterKey === undefined
      ? await readMasterKeyFile(masterKeyFile)
      : await loadMasterKeys(config);
    const where = masterKey === undefined ? masterKeyFile : "MASTER_KEY";
    if (masterKeys === undefined) {
      found.push(note(what, `${where} is not there yet; the first start makes it`));
      return undefined;
    }
    const mode = masterKey === undefined ? (await Deno.stat(masterKeyFile)).mode : null;
    if (mode !== null && (mode & 0o077) !== 0) {
      found.push(fault(what, `others on this machine may read ${where}: chmod 600 ${where}`));
    }
    if (masterKeys.previous.length > 0) {
      found.push(note(what, "a rotation is under way: `keyturn rotate-secret` ends it"));
    }
    found.push(good(what, `${where} is 32 random bytes`));
    return masterKeys;
  } catch (error) {
    if (!(error instanceof MasterKeyError)) throw error;
    found.push(fault(what, error.message));
    return undefined;
  }
}

async function openOrNote(config: Config, found: Finding[]): Promise<Database | undefined> {
  const path = filePath(config.databaseUrl);
  if (path !== undefined && !await exists(path)) {
    found.push(note("database", `${path} is not there yet; the first start makes it`));
    return undefined;
  }
  try {
    return await openDatabaseBeside(config);
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    found.push(fault("database", error.message));
    return undefined;
  }
}

async function checkDatabase(
  config: Config,
  db: Database,
  masterKeys: MasterKeys | undefined,
  onProviders: (providers: readonly Provider[]) => void,
): Promise<Finding[]> {
  const what = "database";
  const where = filePath(config.databaseUrl) ?? "the server";
  try {
    const version = await knownSchemaVersion(db);
    const damage = filePath(config.databaseUrl) === undefined ? [] : await databaseFaults(db);
    if (damage.length > 0) {
      return [
        fault(what, `${where} is damaged (${damage[0]}): \`keyturn restore\` puts a backup in its place`),
      ];
    }
    if (version < NEWEST_SCHEMA_VERSION) {
      const newest = NEWEST_SCHEMA_VERSION;
      return [note(what, `${where} has schema ${version}; the next start brings it up to ${newest}`)];
    }
    onProviders(await listProviders(db, config.policy));
    return [
      good(what, `${where} is whole, its schema ${version} is the newest`),
      ...await checkSeals(db, masterKeys),
    ];
  } catch (error) {
    if (error instanceof StoreError) return [fault(what, error.message)];
    return [fault(what, `${where} cannot be read: ${error instanceof Error ? error.message : "it failed"}`)];
  }
}

/** Whether the master key is the database's, and opens every provider key. */
async function checkSeals(db: Database, masterKeys: MasterKeys | undefined): Promise<Finding[]> {
  const what = "master key";
  const proof = await findSetting(db, MASTER_KEY_PROOF);
  if (masterKeys === undefined) {
    return proof === undefined
      ? []
      : [fault(what, "the database was begun with one that is not there: put it back")];
  }
  const { masterKey, previous } = masterKeys;
  if (proof !== undefined && ![masterKey, ...previous].some((each) => proofOf(each) === proof)) {
    return [fault(what, "the database was begun with another one: put that one back")];
  }
  const keyring = createKeyring(masterKey, previous);
  const stored = await loadProviderKeys(db);
  const broken = stored.filter(({ key, sealedSecret }) => {
    try {
      keyring.open(sealedSecret, key.id);
      return false;
    } catch (error) {
      if (!(error instanceof SealError)) throw error;
      return true;
    }
  });
  return broken.length === 0
    ? [good(what, `fits the database and opens all ${stored.length} provider keys`)]
    : [fault(what, `does not open ${broken.length} of ${stored.length} provider keys: enter those again`)];
}

async function checkKv({ kvUrl }: Config): Promise<Finding> {
  const what = "Deno KV";
  const target = kvTarget(kvUrl);
  if (target.kind === "memory") {
    return note(what, "in memory: cooldowns and limits are forgotten at each stop");
  }
  if (target.kind === "file" && !await exists(target.path)) {
    return note(what, `${target.path} is not there yet; the first start makes it`);
  }
  const where = target.kind === "file"
    ? target.path
    : target.kind === "url"
    ? "the server"
    : "the platform's";
  try {
    const kv = await openKv(target);
    try {
      await kv.get(["doctor"]);
      return good(what, `${where} answers`);
    } finally {
      kv.close();
    }
  } catch (error) {
    if (error instanceof StoreError) return fault(what, error.message);
    return fault(what, `${where} does not answer: check KV_URL and DENO_KV_ACCESS_TOKEN`);
  }
}
