import { fileUrl } from "../core/file_url.ts";
import { StoreError } from "./store_error.ts";

/** The folder in which one process keeps everything it must not lose. */
export interface DataFolder {
  readonly path: string;
  /** The path of a file in it. */
  file(name: string): string;
  /** Lets the next process in. Safe to call twice. */
  close(): Promise<void>;
}

/**
 * Makes the folder (0700) if need be and takes it for this process until `close()` or the process's end,
 * however it ends.
 *
 * The lock is SQLite's own on an empty database, because `Deno.FsFile.tryLock` came after Deno 2.5 and a pid
 * file outlives a kill. Nothing else may open `keyturn.lock`: on POSIX a process that closes any handle of a
 * file loses its locks on it (sqlite.org/howtocorrupt.html §2.2).
 *
 * @throws {StoreError} `in_use`, naming the other process, or `unavailable`.
 */
export async function openDataFolder(path: string): Promise<DataFolder> {
  await makeFolder(path);
  const file = (name: string) => `${path}/${name}`;
  const release = await lock(path, file("keyturn.lock"), file("keyturn.pid"));
  let isOpen = true;
  return {
    path,
    file,
    async close() {
      if (!isOpen) return;
      isOpen = false;
      await Deno.remove(file("keyturn.pid")).catch(() => undefined);
      await release();
    },
  };
}

/**
 * Who uses the folder now, as `process 4711`; `undefined` when nobody does. Looks by taking the lock and leaving it.
 * @throws {StoreError} `unavailable` when it is not writable.
 */
export async function findDataFolderOwner(path: string): Promise<string | undefined> {
  try {
    const folder = await openDataFolder(path);
    await folder.close();
    return undefined;
  } catch (error) {
    if (!(error instanceof StoreError && error.fault === "in_use")) throw error;
    return await ownerOf(`${path}/keyturn.pid`);
  }
}

async function ownerOf(pidFile: string): Promise<string> {
  const pid = (await Deno.readTextFile(pidFile).catch(() => "")).trim();
  return /^\d+$/.test(pid) ? `process ${pid}` : "another process";
}

async function makeFolder(path: string): Promise<void> {
  try {
    await Deno.mkdir(path, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new StoreError(
      "unavailable",
      `Cannot open data folder ${path}: it cannot be made or is no folder`,
      error,
    );
  }
}

async function lock(path: string, lockFile: string, pidFile: string): Promise<() => Promise<void>> {
  const { createClient } = await import("@libsql/client");
  const client = await (async () => {
    try {
      return createClient({ url: fileUrl(lockFile), timeout: 0, concurrency: 1 });
    } catch (error) {
      throw new StoreError("unavailable", `Cannot open data folder ${path}: it is not writable`, error);
    }
  })();
  try {
    const held = await client.transaction("write");
    await Deno.writeTextFile(pidFile, `${Deno.pid}\n`, { mode: 0o600 });
    return async () => {
      // Closing alone leaves the lock to the garbage collector.
      await held.rollback();
      client.close();
    };
  } catch (error) {
    client.close();
    if (!(error instanceof Error && "code" in error && error.code === "SQLITE_BUSY")) {
      throw new StoreError("unavailable", `Cannot open data folder ${path}: it is not writable`, error);
    }
    throw new StoreError("in_use", `Cannot open data folder ${path}: ${await ownerOf(pidFile)} uses it`);
  }
}
