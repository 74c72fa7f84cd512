import { costOf, type PricedModel } from "../core/price.ts";
import type { Database } from "./database.ts";
import { nameIds, numberOf } from "./name_store.ts";
import { requestOf, SHOWN_COLUMNS } from "./request_log_row.ts";
import { valuesList } from "./values_list.ts";

/**
 * What a model cost at a provider at a time; `undefined` where no price is known, and "kept" where what was counted
 * stands, because the provider is no more.
 */
export type PriceAt = (providerId: string, model: string, atMs: number) => PricedModel | undefined | "kept";

export interface RepricedRequests {
  /** How many were looked at. */
  readonly rows: number;
  /** Where to go on; `undefined` at the end. */
  readonly next: number | undefined;
}

/**
 * Counts the costs of at most `maxRows` logged requests anew, from one place of the log up to, and without, another.
 * Those whose price is not known lose the cost that they had.
 */
export async function repriceRequests(
  db: Database,
  fromSeq: number,
  toSeq: number,
  maxRows: number,
  priceAt: PriceAt,
): Promise<RepricedRequests> {
  const rows = await db.read(
    `SELECT ${SHOWN_COLUMNS} FROM request_log WHERE seq >= ? AND seq < ? ORDER BY seq LIMIT ?`,
    [fromSeq, toSeq, maxRows],
  );
  const changed = rows.map(requestOf).flatMap((request) => {
    const { seq, usage, attempts, model = "", providerModel = model, startedMs } = request;
    const providerId = attempts.at(-1)?.providerId;
    if (usage === undefined || providerId === undefined) return [];
    const priced = priceAt(providerId, providerModel, startedMs);
    if (priced === "kept") return [];
    const cost = costOf(usage, priced?.price);
    const version = cost === undefined ? "" : priced?.version ?? "";
    if (cost === request.costNanoDollars && version === (request.priceVersion ?? "")) return [];
    return [{ seq, cost, version }];
  });
  if (changed.length > 0) {
    const ids = await nameIds(db, new Set(changed.map(({ version }) => version)));
    const { sql } = valuesList(
      changed.map(({ seq, cost = null, version }) => [seq, cost, numberOf(ids, version)]),
    );
    await db.write([{
      sql: `UPDATE request_log SET cost_nano_dollars = new.column2, price_version = new.column3
        FROM (${sql}) AS new WHERE request_log.seq = new.column1`,
    }]);
  }
  const last = rows.at(-1)?.["seq"];
  return {
    rows: rows.length,
    next: rows.length < maxRows || typeof last !== "number" ? undefined : last + 1,
  };
}
