import { explainFault } from "./database_fault.ts";

/**
 * Tries once more at the least, and for `patienceMs`, while the database is busy: pauses hold nothing up, as the
 * waiting of SQLite itself would.
 * @throws {StoreError} `unavailable`, or what `act` throws.
 */
export async function patiently<T>(
  patienceMs: number,
  act: () => Promise<T>,
  mayPass: (error: unknown) => boolean,
): Promise<T> {
  const startedMs = performance.now();
  for (let tries = 1;; tries++) {
    try {
      return await act();
    } catch (error) {
      const isOver = tries > 1 && performance.now() - startedMs >= patienceMs;
      if (isOver || !mayPass(error)) throw explainFault(error);
      await new Promise((resolve) => setTimeout(resolve, Math.min(LONGEST_PAUSE_MS, 5 * 2 ** tries)));
    }
  }
}

const LONGEST_PAUSE_MS = 200;
