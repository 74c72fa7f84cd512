import type { Ticker } from "../core/watch.ts";
import type { Log } from "../log.ts";
import { letOthersRun } from "../store/chunks.ts";
import type { Database } from "../store/database.ts";
import { FAMILIES, type Family } from "../store/usage_family.ts";
import { findRollupState, rollUp, type RollupLevel } from "../store/usage_rollup.ts";

export interface RollupDeps {
  readonly db: Database;
  readonly ticker: Ticker;
  readonly log: Log;
}

/**
 * Adds the minutes that are over to their hours, and the hours that are over to their days, in pieces that requests
 * do not feel. What still comes for such a minute counts as of the next one (`addUsage()`), so that it may run at any
 * time, on any instance, and be killed.
 */
export async function rollUpUsage({ db, ticker, log }: RollupDeps, signal: AbortSignal): Promise<void> {
  let pieces = 0;
  for (const family of FAMILIES) {
    const minute = Math.floor((ticker.now() - SETTLE_MS) / 60_000);
    pieces += await rollUpLevel(db, family, "hours", minute, signal);
    // An hour is over once all of its minutes are in it.
    const { at } = await findRollupState(db, family, "hours");
    pieces += await rollUpLevel(db, family, "days", Math.floor(at / 60), signal);
  }
  if (pieces > 0) log.debug("rollups.done", { pieces });
}

/** The last minute's flush is over by then. */
const SETTLE_MS = 2_000;
const PIECE_ROWS = 64;

async function rollUpLevel(
  db: Database,
  family: Family,
  level: RollupLevel,
  untilAt: number,
  signal: AbortSignal,
): Promise<number> {
  let pieces = 0;
  while (!signal.aborted && await rollUp(db, family, level, untilAt, PIECE_ROWS)) {
    pieces++;
    await letOthersRun();
  }
  return pieces;
}
