import type { Config } from "../config.ts";
import { filePath } from "../core/file_url.ts";
import { type Database, openDatabase } from "../store/database.ts";
import { openKv } from "../store/kv.ts";
import { createIdSource } from "../core/id.ts";
import { addAuditEntry } from "../store/audit_store.ts";
import { type Change, noteChange } from "../store/change_store.ts";
import { StoreError } from "../store/store_error.ts";
import { kvTarget } from "../start/open_stores.ts";

/**
 * Opens the database beside servers that may run on it, for a short command; the data folder is left to them.
 * @throws {StoreError} also when there is no database yet, instead of making one.
 */
export async function openDatabaseBeside(config: Config): Promise<Database> {
  const path = filePath(config.databaseUrl);
  if (path !== undefined && !await exists(path)) {
    throw new StoreError(
      "unavailable",
      `Cannot open database ${path}: there is none yet; \`keyturn\` makes it`,
    );
  }
  return await openDatabase({
    url: config.databaseUrl,
    ...(config.databaseAuthToken !== undefined && { authToken: config.databaseAuthToken.reveal() }),
  });
}

/** Tells servers that run of a change; `false` when they cannot be told and must be started anew. */
export async function tellServers(config: Config, change: Change): Promise<boolean> {
  if (config.kvUrl === ":memory:") return false;
  try {
    const kv = await openKv(kvTarget(config.kvUrl));
    try {
      await noteChange(kv, "command line", change);
      return true;
    } finally {
      kv.close();
    }
  } catch {
    // What was changed stands in the database; only word of it did not get through.
    return false;
  }
}

/** Writes down that a command has done this, beside what people do on the pages. */
export async function auditCommand(db: Database, action: string, target: string): Promise<void> {
  const nowMs = Date.now();
  const newId = createIdSource(() => nowMs, (bytes) => crypto.getRandomValues(bytes));
  const entry = { actor: "command line", actorKind: "command", action, target, address: "", detail: {} };
  await addAuditEntry(db, entry, { newId, nowMs });
}

export async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
