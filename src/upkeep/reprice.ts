import type { PriceBook } from "../core/price_book.ts";
import { providerModel } from "../core/provider.ts";
import type { Ticker } from "../core/watch.ts";
import type { Log } from "../log.ts";
import type { LiveProviders } from "../pool/live_providers.ts";
import { letOthersRun } from "../store/chunks.ts";
import type { Database } from "../store/database.ts";
import {
  findNextRepricing,
  type Repricing,
  REPRICING_PHASES,
  type RepricingPhase,
  setRepricing,
} from "../store/repricing_store.ts";
import { type PriceAt, repriceRequests } from "../store/request_cost_store.ts";
import { placeAt } from "../store/request_log_store.ts";
import { findNextCounted, repriceUsage } from "../store/usage_cost_store.ts";
import { KEY_USAGE, type Level, USAGE } from "../store/usage_family.ts";

export interface RepriceDeps {
  readonly db: Database;
  readonly live: LiveProviders;
  readonly ticker: Ticker;
  readonly log: Log;
  /** The prices of any moment. */
  readonly priceBook: () => PriceBook;
}

/**
 * Does the re-pricings that were asked for: costs in the log and in the statistics are counted anew at the prices that
 * hold for their time, in small pieces. How far one is stands in the database, so that it goes on after a restart; a
 * piece that is done twice does no harm.
 */
export async function repriceAsked(deps: RepriceDeps, signal: AbortSignal): Promise<void> {
  for (;;) {
    let repricing = signal.aborted ? undefined : await findNextRepricing(deps.db);
    if (repricing === undefined) return;
    while (repricing.phase !== "done") {
      if (signal.aborted) return;
      repricing = await step(repricing, deps);
      await setRepricing(deps.db, repricing);
      await letOthersRun();
    }
    deps.log.info("repricing.done", { repricingId: repricing.id, rows: repricing.rows });
  }
}

const PIECE_ROWS = 64;
const UNIT_MS = { minutes: 60_000, hours: 3_600_000, days: 86_400_000 } as const;

async function step(repricing: Repricing, deps: RepriceDeps): Promise<Repricing> {
  const { phase, cursor, rows, fromMs, toMs } = repricing;
  if (phase === "done") return repricing;
  const priceAt = pricesOf(deps);
  if (phase === "requests") {
    const from = Math.max(cursor, placeAt(fromMs));
    const done = await repriceRequests(deps.db, from, placeAt(toMs), PIECE_ROWS, priceAt);
    return advanced({ ...repricing, rows: rows + done.rows }, done.next, deps);
  }
  const from = Math.max(cursor, Math.floor(fromMs / UNIT_MS[phase]));
  const to = Math.ceil(toMs / UNIT_MS[phase]);
  const at = await findNextCounted(deps.db, USAGE, phase, from, to);
  if (at === undefined) return advanced(repricing, undefined, deps);
  const counted = await repriceAt(phase, at, priceAt, deps);
  return advanced({ ...repricing, rows: rows + counted }, at + 1, deps);
}

async function repriceAt(level: Level, at: number, priceAt: PriceAt, { db }: RepriceDeps): Promise<number> {
  let rows = 0;
  for (const family of [USAGE, KEY_USAGE]) {
    rows += await repriceUsage(db, family, level, at, priceAt, PIECE_ROWS, letOthersRun);
  }
  return rows;
}

function advanced(repricing: Repricing, next: number | undefined, { ticker }: RepriceDeps): Repricing {
  if (next !== undefined) return { ...repricing, cursor: next };
  const phase: RepricingPhase = REPRICING_PHASES[REPRICING_PHASES.indexOf(repricing.phase) + 1] ?? "done";
  return { ...repricing, phase, cursor: 0, endedMs: phase === "done" ? ticker.now() : undefined };
}

/** Statistics name models as callers do, the log as the provider does where that is another name; both are found. */
function pricesOf({ live, priceBook }: RepriceDeps): PriceAt {
  const book = priceBook();
  return (providerId, model, atMs) => {
    const provider = live.findById(providerId)?.provider;
    return provider === undefined ? "kept" : book.find(provider, providerModel(provider, model), atMs);
  };
}
