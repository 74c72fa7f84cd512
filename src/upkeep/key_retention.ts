import { letOthersRun } from "../store/chunks.ts";
import { DELETED_KEPT_MS } from "../store/deleted_key_store.ts";
import { deleteOldKeyChanges } from "../store/key_change_store.ts";
import { deleteOldKeyHistory } from "../store/key_history_store.ts";
import type { RetentionDeps } from "./retention.ts";

/**
 * Forgets what happened to keys longer than a month ago, changes of many keys that can no more be undone, and keys that
 * were deleted more than seven days ago, these for good.
 */
export async function deleteOldKeyRecords(
  { db, ticker, log }: Pick<RetentionDeps, "db" | "ticker" | "log">,
  signal: AbortSignal,
): Promise<void> {
  const nowMs = ticker.now();
  let rows = 0;
  for (
    const act of [
      () => deleteOldKeyHistory(db, nowMs - HISTORY_KEPT_MS, BATCH_ROWS),
      () => deleteOldKeyChanges(db, nowMs - CHANGES_KEPT_MS, nowMs - DELETED_KEPT_MS, BATCH_ROWS),
    ]
  ) {
    while (!signal.aborted) {
      const deleted = await act();
      rows += deleted;
      if (deleted === 0) break;
      await letOthersRun();
    }
  }
  if (rows > 0) log.info("retention.keys_deleted", { rows });
}

const HISTORY_KEPT_MS = 30 * 86_400_000;
/** Longer than they can be undone, so that it can be read what was done. */
const CHANGES_KEPT_MS = 24 * 3_600_000;
const BATCH_ROWS = 100;
