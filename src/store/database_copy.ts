import { fileUrl } from "../core/file_url.ts";
import { text } from "./columns.ts";
import { type Database, openDatabase } from "./database.ts";
import { knownSchemaVersion } from "./migrations.ts";
import { StoreError } from "./store_error.ts";

/**
 * Writes the whole database, as it is at one moment, into a new file (0600), also while others write to it:
 * `VACUUM INTO` reads within one transaction (sqlite.org/lang_vacuum.html). For a database that is a file.
 *
 * @throws {StoreError} `taken` when there is something at `path` already, `unavailable` when it cannot be written.
 */
export async function copyDatabase(db: Database, path: string): Promise<void> {
  if (await exists(path)) throw new StoreError("taken", `Cannot write ${path}: it exists already`);
  const unfinished = `${path}.part`;
  try {
    // Made before, because SQLite would make it readable for others; what broke off here before goes.
    const file = await Deno.open(unfinished, { write: true, create: true, truncate: true, mode: 0o600 });
    file.close();
    await db.read("VACUUM INTO ?", [unfinished]);
    await syncFile(unfinished);
    await Deno.rename(unfinished, path);
  } catch (error) {
    await Deno.remove(unfinished).catch(() => undefined);
    throw new StoreError("unavailable", `Cannot write ${path}: ${whyNot(error)}`, error);
  }
}

/**
 * Opens a copy to look into it, and closes it so that the one file is all of it again.
 *
 * @throws {StoreError} `not_a_database` for what is no whole database of ours, `newer_schema` for one of a newer
 * program.
 */
export async function withCopy<T>(path: string, look: (db: Database) => Promise<T>): Promise<T> {
  const db = await openDatabase({ url: fileUrl(path) });
  try {
    const faults = await databaseFaults(db);
    if (faults.length > 0) {
      throw new StoreError("not_a_database", `Cannot use ${path}: it is damaged (${faults[0]})`);
    }
    const [table] = await db.read("SELECT name FROM sqlite_schema WHERE name = 'schema_versions'");
    if (table === undefined) {
      throw new StoreError("not_a_database", `Cannot use ${path}: it is no database of Keyturn`);
    }
    await knownSchemaVersion(db);
    return await look(db);
  } finally {
    await db.read("PRAGMA journal_mode = delete");
    await db.close();
  }
}

/** What SQLite finds wrong with the structure of the file; empty when it is whole. */
export async function databaseFaults(db: Database): Promise<string[]> {
  const rows = await db.read("PRAGMA quick_check(10)");
  return rows.map((row) => text(row, "quick_check")).filter((line) => line !== "ok");
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.lstat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

async function syncFile(path: string): Promise<void> {
  using file = await Deno.open(path, { read: true, write: true });
  await file.sync();
}

function whyNot(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "there is no such folder";
  if (error instanceof Deno.errors.PermissionDenied) return "the folder is not ours to write to";
  return error instanceof Error ? error.message : "it failed";
}
