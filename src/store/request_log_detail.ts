import { z } from "zod";
import { scopeOf } from "../core/attempt_scope.ts";
import type { AttemptRecord, RequestRecord } from "../core/request_record.ts";
import { TOKEN_COUNTS, type TokenUsage } from "../core/usage.ts";
import { DIALECT_CODES, KIND_CODES, SCOPE_CODES } from "./request_log_codes.ts";

/**
 * What of a logged request is never looked for stands in one column: some 60 bytes. `d` duration, `f` first byte, `w`
 * waited, all in milliseconds; `i` and `o` the dialects in and out; `m` the provider's model; `u` the counts of
 * tokens in the order of `TOKEN_COUNTS`, null for one that was not told, without those at the end; `a` the attempts.
 */
export const detailSchema = z.object({
  d: z.number(),
  f: z.number().exactOptional(),
  w: z.number().exactOptional(),
  i: z.number(),
  o: z.number().exactOptional(),
  m: z.string().exactOptional(),
  u: z.array(z.number().nullable()).exactOptional(),
  a: z.array(z.tuple([z.number(), z.number(), z.number(), z.number(), z.number(), z.string()], z.unknown())),
});

type Detail = z.infer<typeof detailSchema>;
type PackedAttempt = Detail["a"][number];

const MAX_NAME_LENGTH = 200;

export function detailOf(request: RequestRecord): Detail {
  const { startedMs, durationMs, firstByteMs, waitedMs, providerModel, upstreamDialect, usage } = request;
  const last = request.attempts.at(-1);
  return {
    d: Math.round(durationMs),
    ...(firstByteMs !== undefined && { f: Math.round(firstByteMs) }),
    ...(waitedMs !== undefined && waitedMs > 0 && { w: Math.round(waitedMs) }),
    i: DIALECT_CODES.indexOf(request.dialect),
    ...(upstreamDialect !== undefined && { o: DIALECT_CODES.indexOf(upstreamDialect) }),
    ...(providerModel !== undefined && { m: providerModel.slice(0, MAX_NAME_LENGTH) }),
    ...(usage !== undefined && { u: packedUsage(usage) }),
    a: request.attempts.map((attempt) => packed(attempt, startedMs, last)),
  };
}

/** The counts of `u`. */
export function usageOf(counts: readonly (number | null)[]): TokenUsage {
  const usage: { -readonly [Name in keyof TokenUsage]: TokenUsage[Name] } = {};
  for (const [index, name] of TOKEN_COUNTS.entries()) {
    const count = counts[index];
    if (typeof count === "number") usage[name] = count;
  }
  return usage;
}

/** An attempt of `a`; `last` is what the row has of the last one. */
export function attemptOf(
  [offsetMs, durationMs, status, kind, scope, rule, untilMs, providerId, providerKeyId]: PackedAttempt,
  requestMs: number,
  last: Pick<AttemptRecord, "providerId" | "providerKeyId">,
): AttemptRecord {
  return {
    providerId: typeof providerId === "string" ? providerId : last.providerId,
    providerKeyId: typeof providerKeyId === "string" ? providerKeyId : last.providerKeyId,
    startedMs: requestMs + offsetMs,
    durationMs,
    status: status === 0 ? undefined : status,
    kind: KIND_CODES[kind] ?? "provider_down",
    scope: SCOPE_CODES[scope] ?? "request",
    rule,
    ...(typeof untilMs === "number" && untilMs > 0 && { untilMs }),
  };
}

/**
 * Start after the request's, duration, status or 0, kind, scope, rule; then where they are needed the deadline or 0,
 * and provider and provider key where they are not those of the last attempt.
 */
function packed(attempt: AttemptRecord, requestMs: number, last: AttemptRecord | undefined): PackedAttempt {
  const { providerId, providerKeyId, startedMs, durationMs, status = 0, kind, rule, untilMs } = attempt;
  const isOther = providerId !== last?.providerId || providerKeyId !== last.providerKeyId;
  return [
    startedMs - requestMs,
    Math.round(durationMs),
    status,
    KIND_CODES.indexOf(kind),
    SCOPE_CODES.indexOf(scopeOf(attempt)),
    rule,
    ...(isOther ? [untilMs ?? 0, providerId, providerKeyId] : untilMs === undefined ? [] : [untilMs]),
  ];
}

function packedUsage(usage: TokenUsage): (number | null)[] {
  const counts = TOKEN_COUNTS.map((name) => usage[name] ?? null);
  while (counts.length > 0 && counts.at(-1) === null) counts.pop();
  return counts;
}
