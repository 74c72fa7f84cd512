import type { Config } from "../config.ts";
import { openDataFolder } from "../store/data_folder.ts";
import { type Database, openDatabase } from "../store/database.ts";
import type { Keyring } from "../store/keyring.ts";
import { type KvTarget, openKv } from "../store/kv.ts";
import { migrate } from "../store/migrations.ts";
import type { Closers } from "./close_all.ts";
import { openKeyring } from "./open_keyring.ts";

export interface Stores {
  readonly db: Database;
  readonly kv: Deno.Kv;
  /** Whether Deno KV tells this process what others write: a file cannot. */
  readonly isKvPushed: boolean;
  readonly keyring: Keyring;
}

/**
 * Takes the data folder, and opens the database in its newest schema, the master key, and Deno KV.
 * @throws {StoreError | MasterKeyError} with one line for the operator.
 */
export async function openStores(config: Config, closers: Closers): Promise<Stores> {
  if (!config.isOnDeploy) {
    const folder = await openDataFolder(config.dataDir);
    closers.push(() => folder.close());
  }
  const db = await openDatabase({
    url: config.databaseUrl,
    ...(config.databaseAuthToken !== undefined && { authToken: config.databaseAuthToken.reveal() }),
  });
  closers.push(() => db.close());
  await migrate(db);
  const keyring = await openKeyring(config, db);
  const target = kvTarget(config.kvUrl);
  const kv = await openKv(target);
  closers.push(() => kv.close());
  const isKvPushed = target.kind === "deploy" || target.kind === "url";
  return { db, kv, isKvPushed, keyring };
}

/** What `KV_URL` names. */
export function kvTarget(url: string | undefined): KvTarget {
  if (url === undefined) return { kind: "deploy" };
  if (url === ":memory:") return { kind: "memory" };
  return /^https?:\/\//.test(url) ? { kind: "url", url } : { kind: "file", path: url };
}
