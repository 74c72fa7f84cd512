/**
 * Commits, and gives the new versionstamp; `undefined` when a check failed, or the file stayed locked by other
 * handles for a second or so, and nothing was written: read again and retry. (Deno 2.9.6 throws "database is
 * locked" at once when two handles of one KV file commit at the same time.)
 */
export async function tryCommit(atomic: Deno.AtomicOperation): Promise<string | undefined> {
  for (let attempt = 0; attempt < MAX_LOCKED_ATTEMPTS; attempt++) {
    try {
      const result = await atomic.commit();
      return result.ok ? result.versionstamp : undefined;
    } catch (error) {
      if (!isLocked(error)) throw error;
      await pause(Math.random() * Math.min(LONGEST_PAUSE_MS, 2 ** attempt));
    }
  }
  return undefined;
}

/**
 * Commits an operation that checks nothing, however long others keep the file busy (within reason).
 *
 * @throws {Error} after some five seconds.
 */
export async function commitUnchecked(build: () => Deno.AtomicOperation): Promise<string> {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const versionstamp = await tryCommit(build());
    if (versionstamp !== undefined) return versionstamp;
  }
  throw new Error("Cannot write to Deno KV: the file stays locked");
}

const MAX_ATTEMPTS = 5;
/** Several processes that save at the same moment let each other through by pausing for random times. */
const MAX_LOCKED_ATTEMPTS = 100;
const LONGEST_PAUSE_MS = 20;

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function isLocked(error: unknown): boolean {
  return error instanceof Error && error.message.includes("database is locked");
}
