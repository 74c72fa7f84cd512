import { z } from "zod";
import { scopeOf } from "../core/attempt_scope.ts";
import type { RequestOutcome } from "../core/request_record.ts";
import type { RequestRecord } from "../core/request_record.ts";
import type { Scope, VerdictKind } from "../core/verdict.ts";
import { KIND_CODES, OUTCOME_CODES, SCOPE_CODES } from "../store/request_log_codes.ts";
import type { AdminDeps } from "./deps.ts";

export const REQUEST_OUTCOMES: readonly RequestOutcome[] = OUTCOME_CODES;
export const VERDICT_KINDS: readonly VerdictKind[] = KIND_CODES;
export const VERDICT_SCOPES: readonly Scope[] = SCOPE_CODES;

const attemptAnswer = z.object({
  provider: z.string().nullable(),
  providerId: z.string(),
  providerKeyId: z.string(),
  /** Last four characters of its secret; `null` when it is no more. */
  providerKey: z.string().nullable(),
  startedMs: z.number(),
  durationMs: z.number(),
  status: z.number().nullable(),
  verdict: z.enum(VERDICT_KINDS),
  scope: z.enum(VERDICT_SCOPES),
  rule: z.string(),
  untilMs: z.number().nullable(),
});

/** A request as the log and the playground show it. */
export const requestAnswer = z.looseObject({
  id: z.string(),
  /** Its place in the log; 0 for one that is not logged yet. */
  seq: z.number(),
  startedMs: z.number(),
  durationMs: z.number(),
  firstByteMs: z.number().nullable(),
  waitedMs: z.number(),
  dialect: z.string(),
  upstreamDialect: z.string().nullable(),
  isStream: z.boolean(),
  clientKeyId: z.string().nullable(),
  /** Its name; `null` for none, or one that is no more. */
  clientKey: z.string().nullable(),
  group: z.string().nullable(),
  model: z.string().nullable(),
  providerModel: z.string().nullable(),
  status: z.number(),
  outcome: z.enum(REQUEST_OUTCOMES),
  usageSource: z.string(),
  usage: z.record(z.string(), z.number()).nullable(),
  costNanoDollars: z.number().nullable(),
  priceVersion: z.string().nullable(),
  attempts: z.array(attemptAnswer).readonly(),
});

type NameDeps = Pick<AdminDeps, "live"> & Partial<Pick<AdminDeps, "clientKeys">>;

/** A recorded request as it is shown: times, verdicts and counts; there is nothing else in a record. */
export function requestView(request: RequestRecord & { readonly seq?: number }, deps: NameDeps) {
  const { usage, attempts, clientKeyId } = request;
  return {
    id: request.id,
    seq: request.seq ?? 0,
    startedMs: request.startedMs,
    durationMs: request.durationMs,
    firstByteMs: request.firstByteMs ?? null,
    waitedMs: request.waitedMs ?? 0,
    dialect: request.dialect,
    upstreamDialect: request.upstreamDialect ?? null,
    isStream: request.isStream ?? false,
    clientKeyId: clientKeyId ?? null,
    clientKey: clientKeyId === undefined ? null : clientKeyName(clientKeyId, deps),
    group: request.groupSlug ?? null,
    model: request.model ?? null,
    providerModel: request.providerModel ?? null,
    status: request.status,
    outcome: request.outcome,
    usageSource: request.usageSource ?? (usage === undefined ? "none" : "reported"),
    usage: usage === undefined ? null : { ...usage },
    costNanoDollars: request.costNanoDollars ?? null,
    priceVersion: request.priceVersion ?? null,
    attempts: attempts.map((attempt) => {
      const found = deps.live.findById(attempt.providerId);
      return {
        provider: found?.provider.slug ?? null,
        providerId: attempt.providerId,
        providerKeyId: attempt.providerKeyId,
        providerKey: found?.pool.get(attempt.providerKeyId)?.lastFour ?? null,
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

/** The client key of requests that are sent from the dashboard: it is no stored one, and nobody else has it. */
export const PLAYGROUND_CLIENT_KEY_ID = "playground";

function clientKeyName(id: string, { clientKeys }: NameDeps): string | null {
  if (id === PLAYGROUND_CLIENT_KEY_ID) return "Playground";
  return clientKeys?.list().find((each) => each.id === id)?.name ?? null;
}
