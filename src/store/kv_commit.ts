import { letOthersRun } from "./chunks.ts";

/**
 * Commits, and gives the new versionstamp; `undefined` when a check failed or the file was locked by another
 * handle, and nothing was written: read again and retry. (Deno 2.9.6 throws "database is locked" at once when
 * two handles of one KV file commit at the same time.)
 */
export async function tryCommit(atomic: Deno.AtomicOperation): Promise<string | undefined> {
  try {
    const result = await atomic.commit();
    return result.ok ? result.versionstamp : undefined;
  } catch (error) {
    if (!isLocked(error)) throw error;
    await letOthersRun();
    return undefined;
  }
}

/**
 * Commits an operation that checks nothing, however long others keep the file busy (within reason).
 *
 * @throws {Error} after a hundred attempts.
 */
export async function commitUnchecked(build: () => Deno.AtomicOperation): Promise<string> {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const versionstamp = await tryCommit(build());
    if (versionstamp !== undefined) return versionstamp;
  }
  throw new Error("Cannot write to Deno KV: the file stays locked");
}

const MAX_ATTEMPTS = 100;

function isLocked(error: unknown): boolean {
  return error instanceof Error && error.message.includes("database is locked");
}
