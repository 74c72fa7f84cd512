import type { Config } from "../config.ts";
import { filePath } from "../core/file_url.ts";
import { fitMasterKey } from "../start/fit_master_key.ts";
import { openDataFolder } from "../store/data_folder.ts";
import { withCopy } from "../store/database_copy.ts";
import { migrate } from "../store/migrations.ts";
import { deleteAllSessions } from "../store/session_store.ts";
import { StoreError } from "../store/store_error.ts";
import { auditCommand, exists } from "./shared_stores.ts";

export interface RestoreOptions {
  readonly config: Config;
  readonly file: string;
  readonly say: (text: string) => void;
  readonly nowMs: number;
}

/**
 * Puts a backup in the place of the database and keeps the one that was there. Everybody is signed out, since a
 * session that was ended after the backup stands in it; an older schema is
 * brought up.
 * @throws {StoreError | MasterKeyError} with one line for the operator; the database is as it was then.
 */
export async function restore({ config, file, say, nowMs }: RestoreOptions): Promise<void> {
  const path = filePath(config.databaseUrl);
  if (path === undefined) {
    throw new StoreError(
      "bad_url",
      "Cannot restore a database on a server: use what its server has for that",
    );
  }
  if (!await exists(file)) throw new StoreError("unavailable", `Cannot read ${file}: there is no such file`);
  const folder = await openDataFolder(config.dataDir);
  try {
    const candidate = `${path}.restored`;
    try {
      await copyPrivately(file, candidate);
      const fit = await withCopy(candidate, async (db) => {
        const found = await fitMasterKey(db, config);
        await migrate(db);
        await deleteAllSessions(db);
        await auditCommand(db, "database.restore", file);
        return found;
      });
      if (fit === "previous") {
        say(`It was sealed with a master key of before: run \`keyturn rotate-secret\`.\n`);
      }
    } catch (error) {
      await Deno.remove(candidate).catch(() => undefined);
      throw error;
    }
    const aside = await setAside(path, nowMs);
    await Deno.rename(candidate, path);
    if (aside !== undefined) say(`The database that was there is ${aside} now.\n`);
    say(`${path} is restored from ${file}. Everybody must sign in again.\n`);
  } finally {
    await folder.close();
  }
}

async function copyPrivately(from: string, to: string): Promise<void> {
  const source = await Deno.open(from);
  const target = await Deno.open(to, { write: true, create: true, truncate: true, mode: 0o600 });
  await source.readable.pipeTo(target.writable);
}

/** SQLite keeps what is not yet in the file beside it: the three belong together. */
const COMPANIONS = ["-wal", "-shm"];

async function setAside(path: string, nowMs: number): Promise<string | undefined> {
  if (!await exists(path)) return undefined;
  const aside = `${path}.${new Date(nowMs).toISOString().replace(/[:.]/g, "-")}`;
  for (const companion of COMPANIONS) {
    if (await exists(path + companion)) await Deno.rename(path + companion, aside + companion);
  }
  await Deno.rename(path, aside);
  return aside;
}
