import type { Kept } from "../core/kept.ts";
import type { Ticker } from "../core/watch.ts";
import type { Log } from "../log.ts";
import { letOthersRun } from "../store/chunks.ts";
import type { Database } from "../store/database.ts";
import { cleanKv } from "../store/kv_cleaning_store.ts";
import { countRequests, deleteOldestRequests } from "../store/request_log_store.ts";
import { FAMILIES } from "../store/usage_family.ts";
import { deleteOldestUsage } from "../store/usage_retention.ts";

export interface RetentionDeps {
  readonly db: Database;
  readonly kv: Deno.Kv;
  readonly ticker: Ticker;
  readonly log: Log;
  readonly kept: Kept;
}

/**
 * Deletes counts that are older than they are kept for, in batches that requests do not feel. What is not rolled up
 * yet stays.
 */
export async function deleteOldUsage(deps: RetentionDeps, signal: AbortSignal): Promise<void> {
  const { db, ticker, log, kept } = deps;
  const levels = [
    ["minutes", kept.minutesForDays, 60_000],
    ["hours", kept.hoursForDays, 3_600_000],
    ["days", kept.daysForDays, DAY_MS],
  ] as const;
  let rows = 0;
  for (const [level, days, unitMs] of levels) {
    if (days === 0) continue;
    const at = Math.floor((ticker.now() - days * DAY_MS) / unitMs);
    for (const family of FAMILIES) {
      rows += await inBatches(() => deleteOldestUsage(db, family, level, at, BATCH_ROWS), BATCH_ROWS, signal);
    }
  }
  if (rows > 0) log.info("retention.usage_deleted", { rows });
}

/** Deletes logged requests that are too old or too many, in the same way. Statistics do not need them. */
export async function deleteOldRequests(deps: RetentionDeps, signal: AbortSignal): Promise<void> {
  const { db, ticker, log, kept } = deps;
  const beforeMs = kept.requestsForDays === 0 ? 0 : ticker.now() - kept.requestsForDays * DAY_MS;
  let rows = await inBatches(
    () => deleteOldestRequests(db, beforeMs, LOG_BATCH_ROWS),
    LOG_BATCH_ROWS,
    signal,
  );
  let surplus = await countRequests(db) - kept.requests;
  while (surplus > 0 && !signal.aborted) {
    const deleted = await deleteOldestRequests(db, Infinity, Math.min(surplus, LOG_BATCH_ROWS));
    if (deleted === 0) break;
    surplus -= deleted;
    rows += deleted;
    await letOthersRun();
  }
  if (rows > 0) log.info("retention.requests_deleted", { rows });
}

/** Removes from Deno KV what has expired, and what belongs to keys and providers that are no more. */
export async function cleanStores(
  { kv, db, ticker, log }: RetentionDeps,
  signal: AbortSignal,
): Promise<void> {
  const { orphans, expired } = await cleanKv(kv, db, ticker.now(), signal);
  if (orphans + expired > 0) log.info("retention.kv_cleaned", { orphans, expired });
}

const BATCH_ROWS = 100;
/** A row of the log stands in five indexes. */
const LOG_BATCH_ROWS = 40;
const DAY_MS = 24 * 3_600_000;

async function inBatches(
  act: () => Promise<number>,
  batchRows: number,
  signal: AbortSignal,
): Promise<number> {
  let rows = 0;
  while (!signal.aborted) {
    const deleted = await act();
    rows += deleted;
    if (deleted < batchRows) break;
    await letOthersRun();
  }
  return rows;
}
