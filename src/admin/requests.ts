import { z } from "zod";
import { scopeOf } from "../core/attempt_scope.ts";
import type { RequestOutcome } from "../core/request_record.ts";
import type { Scope, VerdictKind } from "../core/verdict.ts";
import { AppError } from "../errors.ts";
import { KIND_CODES, OUTCOME_CODES, SCOPE_CODES } from "../store/request_log_codes.ts";
import { findRequest, listRequests, type RequestFilter } from "../store/request_log_query.ts";
import type { LoggedRequest } from "../store/request_log_row.ts";
import { countRequests, timeOfPlace } from "../store/request_log_store.ts";
import { action } from "./action.ts";
import type { UsageDeps } from "./usage_deps.ts";
import { moment } from "./usage_question.ts";

const outcomes: readonly RequestOutcome[] = OUTCOME_CODES;
const kinds: readonly VerdictKind[] = KIND_CODES;
const scopes: readonly Scope[] = SCOPE_CODES;
const name = z.string().max(200);

export const requestsQuery = z.object({
  before: z.coerce.number().int().min(0).exactOptional(),
  limit: z.coerce.number().int().min(1).max(500).default(50),
  from: moment.exactOptional(),
  to: moment.exactOptional(),
  provider: name.exactOptional(),
  providerKey: name.exactOptional(),
  clientKey: name.exactOptional(),
  group: name.exactOptional(),
  model: name.exactOptional(),
  statusClass: z.coerce.number().int().min(1).max(5).exactOptional(),
  outcome: z.enum(outcomes).exactOptional(),
  verdict: z.enum(kinds).exactOptional(),
  scope: z.enum(scopes).exactOptional(),
  stream: z.stringbool().exactOptional(),
  unpriced: z.stringbool().exactOptional(),
  id: name.exactOptional(),
});

const attemptAnswer = z.object({
  provider: z.string().nullable(),
  providerId: z.string(),
  providerKeyId: z.string(),
  startedMs: z.number(),
  durationMs: z.number(),
  status: z.number().nullable(),
  verdict: z.string(),
  scope: z.string(),
  rule: z.string(),
  untilMs: z.number().nullable(),
});

export const requestAnswer = z.looseObject({
  id: z.string(),
  seq: z.number(),
  startedMs: z.number(),
  durationMs: z.number(),
  firstByteMs: z.number().nullable(),
  waitedMs: z.number(),
  dialect: z.string(),
  upstreamDialect: z.string().nullable(),
  isStream: z.boolean(),
  clientKeyId: z.string().nullable(),
  group: z.string().nullable(),
  model: z.string().nullable(),
  providerModel: z.string().nullable(),
  status: z.number(),
  outcome: z.string(),
  usageSource: z.string(),
  usage: z.record(z.string(), z.number()).nullable(),
  costNanoDollars: z.number().nullable(),
  priceVersion: z.string().nullable(),
  attempts: z.array(attemptAnswer),
});

/**
 * `GET /admin/requests?before=&limit=` and filters: the latest first. `next` is the `before` of the next page; a page
 * may have fewer rows than its limit and still a `next`, where few of the rows that were looked at match.
 */
export function listLoggedRequests(deps: UsageDeps) {
  return action({
    query: requestsQuery,
    answer: z.object({
      requests: z.array(requestAnswer),
      next: z.number().nullable(),
      searchedToMs: z.number().nullable(),
      logged: z.number(),
    }),
    run: async ({ query }) => {
      const { requests, next } = await listRequests(deps.db, filterOf(query, deps), query.limit);
      return {
        requests: requests.map((request) => requestView(request, deps)),
        next: next ?? null,
        searchedToMs: next === undefined ? null : timeOfPlace(next),
        logged: await countRequests(deps.db),
      };
    },
  });
}

/** `GET /admin/requests/:id`: with each attempt, its verdict and its time. */
export function showLoggedRequest(deps: UsageDeps) {
  return action({
    params: z.object({ id: name }),
    answer: requestAnswer,
    run: async ({ params: { id } }) => {
      const found = await findRequest(deps.db, id);
      if (found === undefined) throw new AppError("not_found", "Cannot find this request in the log");
      return requestView(found, deps);
    },
  });
}

/** What of the log a query asks for; providers may be named by slug or by id. */
export function filterOf(
  query: z.infer<typeof requestsQuery>,
  { live }: Pick<UsageDeps, "live">,
): RequestFilter {
  const { provider, providerKey, clientKey, verdict, stream, unpriced, from, to, limit: _limit, ...same } =
    query;
  return {
    ...same,
    ...(from !== undefined && { fromMs: from }),
    ...(to !== undefined && { toMs: to }),
    ...(provider !== undefined && { providerId: live.find(provider)?.provider.id ?? provider }),
    ...(providerKey !== undefined && { providerKeyId: providerKey }),
    ...(clientKey !== undefined && { clientKeyId: clientKey === "anonymous" ? "" : clientKey }),
    ...(verdict !== undefined && { kind: verdict }),
    ...(stream !== undefined && { isStream: stream }),
    ...(unpriced !== undefined && { isUnpriced: unpriced }),
  };
}

/** A logged request as it is shown: times, verdicts and counts; there is nothing else in the log. */
export function requestView(request: LoggedRequest, { live }: Pick<UsageDeps, "live">) {
  const { usage, attempts } = request;
  return {
    id: request.id,
    seq: request.seq,
    startedMs: request.startedMs,
    durationMs: request.durationMs,
    firstByteMs: request.firstByteMs ?? null,
    waitedMs: request.waitedMs ?? 0,
    dialect: request.dialect,
    upstreamDialect: request.upstreamDialect ?? null,
    isStream: request.isStream ?? false,
    clientKeyId: request.clientKeyId ?? null,
    group: request.groupSlug ?? null,
    model: request.model ?? null,
    providerModel: request.providerModel ?? null,
    status: request.status,
    outcome: request.outcome,
    usageSource: request.usageSource ?? "none",
    usage: usage === undefined ? null : { ...usage },
    costNanoDollars: request.costNanoDollars ?? null,
    priceVersion: request.priceVersion ?? null,
    attempts: attempts.map((attempt) => {
      const found = live.findById(attempt.providerId);
      return {
        provider: found?.provider.slug ?? null,
        providerId: attempt.providerId,
        providerKeyId: attempt.providerKeyId,
        startedMs: attempt.startedMs,
        durationMs: attempt.durationMs,
        status: attempt.status ?? null,
        verdict: attempt.kind,
        scope: scopeOf(attempt),
        rule: attempt.rule,
        untilMs: attempt.untilMs ?? null,
      };
    }),
  };
}
