import type { Ticker } from "../core/watch.ts";
import type { Log } from "../log.ts";
import { letOthersRun } from "../store/chunks.ts";
import type { Database } from "../store/database.ts";
import { cleanKv } from "../store/kv_cleaning_store.ts";
import { deleteOldestUsage } from "../store/usage_retention.ts";

export interface RetentionDeps {
  readonly db: Database;
  readonly kv: Deno.Kv;
  readonly ticker: Ticker;
  readonly log: Log;
  /** For how many days usage is kept; 0 means for ever. */
  readonly usageRetentionDays: number;
}

/** Deletes usage that is older than it is kept for, in batches that requests do not feel. */
export async function deleteOldUsage(deps: RetentionDeps, signal: AbortSignal): Promise<void> {
  const { db, ticker, log, usageRetentionDays } = deps;
  if (usageRetentionDays === 0) return;
  const minute = Math.floor(ticker.now() / 60_000) - usageRetentionDays * 24 * 60;
  let rows = 0;
  while (!signal.aborted) {
    const deleted = await deleteOldestUsage(db, minute, BATCH_ROWS);
    rows += deleted;
    if (deleted < BATCH_ROWS) break;
    await letOthersRun();
  }
  if (rows > 0) log.info("retention.usage_deleted", { rows, beforeMinute: minute });
}

/** Removes from Deno KV what has expired, and what belongs to keys and providers that are no more. */
export async function cleanStores(
  { kv, db, ticker, log }: RetentionDeps,
  signal: AbortSignal,
): Promise<void> {
  const { orphans, expired } = await cleanKv(kv, db, ticker.now(), signal);
  if (orphans + expired > 0) log.info("retention.kv_cleaned", { orphans, expired });
}

const BATCH_ROWS = 200;
