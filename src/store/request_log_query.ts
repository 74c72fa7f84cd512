import type { RequestOutcome } from "../core/request_record.ts";
import type { Scope, VerdictKind } from "../core/verdict.ts";
import { integer } from "./columns.ts";
import type { Database } from "./database.ts";
import { KIND_CODES, OUTCOME_CODES, SCOPE_CODES } from "./request_log_codes.ts";
import { hashOfId, type LoggedRequest, requestOf, SHOWN_COLUMNS } from "./request_log_row.ts";
import { placeAt } from "./request_log_store.ts";

/** What is looked for in the log; what is left out does not matter. */
export interface RequestFilter {
  /** Those written before this place: `next` of the page before. */
  readonly before?: number;
  /** When it was written, which is up to a second after it ended: from, and up to without. */
  readonly fromMs?: number;
  readonly toMs?: number;
  readonly providerId?: string;
  /** Tried at any time, or asked last. */
  readonly providerKeyId?: string;
  /** "" for callers without one. */
  readonly clientKeyId?: string;
  readonly group?: string;
  readonly model?: string;
  /** First digit of the status. */
  readonly statusClass?: number;
  readonly outcome?: RequestOutcome;
  /** An attempt ended so. */
  readonly kind?: VerdictKind;
  /** The failure of an attempt was about this. */
  readonly scope?: Scope;
  readonly isStream?: boolean;
  /** Its cost is not known though its usage is. */
  readonly isUnpriced?: boolean;
  /** The whole id, or how it begins. */
  readonly id?: string;
}

export interface RequestPage {
  /** The latest first. */
  readonly requests: readonly LoggedRequest[];
  /** Where to go on (`before`), or `undefined` when the log was searched to its end. */
  readonly next: number | undefined;
}

/**
 * One page of the log. It is bounded in what it reads: after `MAX_SCANNED` rows (5,000 of an index) it stops, with fewer
 * rows than were asked for or none, and `next` says where to go on. Rows of a client key, a provider key, a model and
 * those that did not go smoothly are found by an index; the other filters are looked at row by row.
 */
export async function listRequests(db: Database, filter: RequestFilter, limit: number): Promise<RequestPage> {
  const { before = Number.MAX_SAFE_INTEGER, fromMs, toMs, id } = filter;
  const to = Math.min(before, toMs === undefined ? Infinity : placeAt(toMs));
  const from = fromMs === undefined ? 0 : placeAt(fromMs);
  const candidates = candidatesOf(filter, from, to);
  const conditions = conditionsOf(filter);
  const where = conditions.map(([sql]) => sql).join(" AND ") || "true";
  const args = conditions.flatMap(([, values]) => values);
  // The candidates come in their order and one by one, so that a full page ends the search.
  const rows = await db.read(
    `WITH found AS (
       SELECT request_log.seq FROM (${candidates.sql}) AS candidate CROSS JOIN request_log
       WHERE request_log.seq = candidate.seq AND ${where} LIMIT ?
     )
     SELECT ${SHOWN_COLUMNS} FROM request_log WHERE seq IN found ORDER BY seq DESC`,
    [...candidates.args, ...args, limit],
  );
  const requests = rows.map(requestOf);
  if (requests.length >= limit) return { requests, next: requests.at(-1)?.seq };
  if (id !== undefined && requests[0]?.id === id) return { requests, next: undefined };
  const [searched] = await db.read(
    `SELECT count(*) AS scanned_rows, min(seq) AS scanned_to FROM (${candidates.sql})`,
    candidates.args,
  );
  const isAll = searched === undefined || integer(searched, "scanned_rows") < candidates.most;
  return { requests, next: isAll ? undefined : integer(searched, "scanned_to") };
}

/** A request of the log by its id; `undefined` when it is not (or no more) there. */
export async function findRequest(db: Database, id: string): Promise<LoggedRequest | undefined> {
  const rows = await db.read(
    `SELECT ${SHOWN_COLUMNS} FROM request_log WHERE id_hash = ? AND id = ? ORDER BY seq DESC LIMIT 1`,
    [hashOfId(id), id],
  );
  const [row] = rows;
  return row && requestOf(row);
}

/** Rows that lie side by side: so many are read in some 10 ms. */
export const MAX_SCANNED = 20_000;

/** Rows that an index finds lie far from each other: so many take as long. */
const MAX_FOUND = 5_000;

type Arg = string | number;

/** Places of the log that are looked at, the latest first. */
interface Candidates {
  readonly sql: string;
  readonly args: Arg[];
  /** So many at the most. */
  readonly most: number;
}

/** The latest places in the range that an index knows of for the rarest of the filters. */
function candidatesOf(filter: RequestFilter, from: number, to: number): Candidates {
  const range = "seq >= ? AND seq < ?";
  const latest = `ORDER BY seq DESC LIMIT ${MAX_FOUND}`;
  const ends: Arg[] = [from, Math.min(to, Number.MAX_SAFE_INTEGER)];
  const { id, providerKeyId, clientKeyId, model } = filter;
  const name = "(SELECT id FROM names WHERE name = ?)";
  const by = (index: string, column: string, value: string) => ({
    sql: `SELECT seq FROM request_log INDEXED BY ${index} WHERE ${column} = ${name} AND ${range} ${latest}`,
    args: [value, ...ends],
    most: MAX_FOUND,
  });
  if (id !== undefined && isWholeId(id)) {
    return {
      sql: `SELECT seq FROM request_log WHERE id_hash = ? AND ${range}`,
      args: [hashOfId(id), ...ends],
      most: MAX_FOUND,
    };
  }
  if (providerKeyId !== undefined) {
    const last = by("request_log_by_provider_key", "provider_key", providerKeyId);
    const tried = `SELECT seq FROM request_log_tries WHERE provider_key = ${name} AND ${range} ${latest}`;
    return {
      sql: `SELECT seq FROM (${last.sql}) UNION SELECT seq FROM (${tried}) ${latest}`,
      args: [...last.args, providerKeyId, ...ends],
      most: MAX_FOUND,
    };
  }
  if (isOfNotable(filter)) {
    return {
      sql:
        `SELECT seq FROM request_log INDEXED BY request_log_notable WHERE is_notable = 1 AND ${range} ${latest}`,
      args: ends,
      most: MAX_FOUND,
    };
  }
  if (clientKeyId !== undefined) return by("request_log_by_client_key", "client_key", clientKeyId);
  if (model !== undefined) return by("request_log_by_model", "model", model);
  const near = `SELECT seq FROM request_log WHERE ${range} ORDER BY seq DESC LIMIT ${MAX_SCANNED}`;
  return { sql: near, args: ends, most: MAX_SCANNED };
}

/** Only what did not go smoothly can match. */
function isOfNotable({ outcome, kind, scope, statusClass }: RequestFilter): boolean {
  return (outcome !== undefined && outcome !== "succeeded") || (kind !== undefined && kind !== "succeeded") ||
    scope !== undefined || (statusClass !== undefined && statusClass >= 4);
}

/** `req_` and 18 characters, as src/keyturn.ts makes them. */
function isWholeId(id: string): boolean {
  return id.length >= 22;
}

function conditionsOf(filter: RequestFilter): (readonly [sql: string, args: readonly Arg[]])[] {
  const conditions: (readonly [string, readonly Arg[]])[] = [];
  const named = (column: string, value: string | undefined) => {
    if (value !== undefined) conditions.push([`${column} = (SELECT id FROM names WHERE name = ?)`, [value]]);
  };
  named("provider", filter.providerId);
  named("client_key", filter.clientKeyId);
  named("grp", filter.group);
  named("model", filter.model);
  const { statusClass, outcome, kind, scope, isStream, isUnpriced, id } = filter;
  if (statusClass !== undefined) conditions.push(["status / 100 = ?", [statusClass]]);
  if (outcome !== undefined) conditions.push(["outcome = ?", [OUTCOME_CODES.indexOf(outcome)]]);
  if (kind === "succeeded") conditions.push(["outcome = 0", []]);
  else if (kind !== undefined) conditions.push(["kinds & ? <> 0", [1 << KIND_CODES.indexOf(kind)]]);
  if (scope !== undefined) conditions.push(["scopes & ? <> 0", [1 << SCOPE_CODES.indexOf(scope)]]);
  if (isStream !== undefined) conditions.push(["is_stream = ?", [isStream ? 1 : 0]]);
  if (isUnpriced === true) conditions.push(["cost_nano_dollars IS NULL AND source <> 0", []]);
  if (id !== undefined) conditions.push(["substr(request_log.id, 1, ?) = ?", [id.length, id]]);
  return conditions;
}
