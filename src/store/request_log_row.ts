import { hasFailed, scopeOf } from "../core/attempt_scope.ts";
import type { RequestRecord } from "../core/request_record.ts";
import { USAGE_SOURCES } from "../core/usage.ts";
import { flag, integer, json, optional, text } from "./columns.ts";
import type { Row } from "./database.ts";
import { numberOf } from "./name_store.ts";
import { DIALECT_CODES, KIND_CODES, maskOf, OUTCOME_CODES, SCOPE_CODES } from "./request_log_codes.ts";
import { attemptOf, detailOf, detailSchema, usageOf } from "./request_log_detail.ts";
import { nameOf } from "./usage_family.ts";
import type { Cell } from "./values_list.ts";

/** A request of the log. */
export interface LoggedRequest extends RequestRecord {
  /** Its place in the log, to page by: later ones are larger. */
  readonly seq: number;
}

/** The columns after `seq`, in the order of `rowOf()`. */
export const LOG_COLUMNS: readonly string[] = [
  "id",
  "id_hash",
  "started_ms",
  "client_key",
  "grp",
  "model",
  "provider",
  "provider_key",
  "status",
  "outcome",
  "is_notable",
  "kinds",
  "scopes",
  "is_stream",
  "source",
  "cost_nano_dollars",
  "price_version",
  "detail",
];

const NAME_COLUMNS = ["client_key", "grp", "model", "provider", "provider_key", "price_version"];

/** What is selected to read a row. */
export const SHOWN_COLUMNS = [
  "seq",
  ...LOG_COLUMNS.map((column) =>
    NAME_COLUMNS.includes(column) ? `${nameOf(`request_log.${column}`)} AS ${column}` : column
  ),
].join(", ");

/** Names in a row are cut at this length: models come from callers. */
const MAX_NAME_LENGTH = 200;

/** The names of a request, which `nameIds()` gives numbers. */
export function namesOf(request: RequestRecord): string[] {
  const { clientKeyId = "", groupSlug = "", model = "", priceVersion = "", attempts } = request;
  const { providerId = "", providerKeyId = "" } = attempts.at(-1) ?? {};
  return [clientKeyId, groupSlug, model.slice(0, MAX_NAME_LENGTH), providerId, providerKeyId, priceVersion];
}

/** The row of a request. */
export function rowOf(request: RequestRecord, ids: ReadonlyMap<string, number>): Cell[] {
  const { id, attempts, usage, outcome } = request;
  const [clientKey = 0, group = 0, model = 0, provider = 0, providerKey = 0, priceVersion = 0] = namesOf(
    request,
  )
    .map((name) => numberOf(ids, name));
  const kinds = attempts.filter(({ kind }) => kind !== "succeeded").map(({ kind }) => kind);
  return [
    id,
    hashOfId(id),
    request.startedMs,
    clientKey,
    group,
    model,
    provider,
    providerKey,
    request.status,
    OUTCOME_CODES.indexOf(outcome),
    outcome !== "succeeded" || kinds.length > 0 ? 1 : 0,
    maskOf(KIND_CODES, kinds),
    maskOf(SCOPE_CODES, attempts.filter(hasFailed).map(scopeOf)),
    request.isStream === true ? 1 : 0,
    USAGE_SOURCES.indexOf(request.usageSource ?? (usage === undefined ? "none" : "reported")),
    request.costNanoDollars ?? null,
    priceVersion,
    JSON.stringify(detailOf(request)),
  ];
}

/**
 * A request from its row.
 * @throws {StoreError} `bad_row`
 */
export function requestOf(row: Row): LoggedRequest {
  const startedMs = integer(row, "started_ms");
  const last = { providerId: text(row, "provider"), providerKeyId: text(row, "provider_key") };
  const detail = json(row, "detail", detailSchema);
  const { o: upstream } = detail;
  return {
    seq: integer(row, "seq"),
    id: text(row, "id"),
    startedMs,
    durationMs: detail.d,
    firstByteMs: detail.f,
    waitedMs: detail.w ?? 0,
    dialect: DIALECT_CODES[detail.i] ?? "rest",
    upstreamDialect: upstream === undefined ? undefined : DIALECT_CODES[upstream],
    isStream: flag(row, "is_stream"),
    clientKeyId: text(row, "client_key") || undefined,
    groupSlug: text(row, "grp") || undefined,
    model: text(row, "model") || undefined,
    providerModel: detail.m,
    status: integer(row, "status"),
    outcome: OUTCOME_CODES[integer(row, "outcome")] ?? "failed",
    attempts: detail.a.map((attempt) => attemptOf(attempt, startedMs, last)),
    usage: detail.u === undefined ? undefined : usageOf(detail.u),
    usageSource: USAGE_SOURCES[integer(row, "source")] ?? "none",
    ...optional(row, "cost_nano_dollars", "costNanoDollars", integer),
    priceVersion: text(row, "price_version") || undefined,
  };
}

/** FNV-1a of 32 bits: an index of numbers finds a row by its id in a third of the space. */
export function hashOfId(id: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < id.length; index++) {
    hash = Math.imul(hash ^ id.charCodeAt(index), 0x01000193);
  }
  return hash >>> 0;
}
