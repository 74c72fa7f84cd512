import type { Config } from "../config.ts";
import { filePath } from "../core/file_url.ts";
import { copyDatabase, withCopy } from "../store/database_copy.ts";
import { StoreError } from "../store/store_error.ts";
import { openDatabaseBeside } from "./shared_stores.ts";

export interface BackupOptions {
  readonly config: Config;
  readonly file: string;
  readonly say: (text: string) => void;
}

/**
 * Writes the database, as it is at one moment, into a new file and reads it again. Deno KV is left out: it holds
 * cooldowns and rate windows, which are worth nothing by the time a backup is needed.
 * @throws {StoreError} with one line for the operator.
 */
export async function backup({ config, file, say }: BackupOptions): Promise<void> {
  if (filePath(config.databaseUrl) === undefined) {
    throw new StoreError(
      "bad_url",
      "Cannot back up a database on a server: use what its server has for that",
    );
  }
  const db = await openDatabaseBeside(config);
  try {
    await copyDatabase(db, file);
  } finally {
    await db.close();
  }
  await withCopy(file, () => Promise.resolve());
  const { size } = await Deno.stat(file);
  const apart = config.masterKey === undefined ? config.masterKeyFile : "MASTER_KEY";
  say(
    `${file}: ${size} bytes, whole. It opens only with the master key (${apart}): keep that apart from it.\n`,
  );
}
