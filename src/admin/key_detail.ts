import { z } from "zod";
import { AppError } from "../errors.ts";
import type { LiveProvider } from "../pool/live_providers.ts";
import { type AuditEntry, listAuditEntries } from "../store/audit_store.ts";
import { type KeyHistoryEntry, listKeyHistory } from "../store/key_history_store.ts";
import { listRequests } from "../store/request_log_query.ts";
import type { LoggedRequest } from "../store/request_log_row.ts";
import { sumUsage } from "../store/usage_query.ts";
import type { AdminDeps } from "./deps.ts";
import { keyRowAnswer, keyRows } from "./key_rows.ts";
import type { FoundKey } from "./key_search.ts";

/** Something that happened to a key. */
const historyAnswer = z.object({
  atMs: z.number(),
  event: z.string(),
  /** "" for the key as a whole. */
  model: z.string(),
  untilMs: z.number().exactOptional(),
  cause: z.string().exactOptional(),
  rule: z.string().exactOptional(),
  reason: z.string().exactOptional(),
  actor: z.string().exactOptional(),
  /** Id of the request that showed it, where the log still has it. */
  requestId: z.string().exactOptional(),
});

const attemptAnswer = z.object({
  requestId: z.string(),
  startedMs: z.number(),
  durationMs: z.number(),
  model: z.string().nullable(),
  status: z.number().nullable(),
  verdict: z.string(),
  rule: z.string(),
});

export const keyDetailAnswer = keyRowAnswer.extend({
  sinceMs: z.number().exactOptional(),
  maxRequests: z.number().exactOptional(),
  usedCount: z.number(),
  lastSuccessMs: z.number().exactOptional(),
  lastFailureMs: z.number().exactOptional(),
  /** The last 24 hours, the oldest first. */
  hours: z.array(z.object({ startMs: z.number(), attempts: z.number(), failures: z.number() })),
  /** Newest first. */
  history: z.array(historyAnswer),
  attempts: z.array(attemptAnswer),
});

export type KeyDetailAnswer = z.infer<typeof keyDetailAnswer>;

/** @throws {AppError} `not_found` */
export function requireFoundKey({ live }: Pick<AdminDeps, "live">, id: string): FoundKey {
  const owner = live.list().find(({ pool }) => pool.get(id) !== undefined);
  const found = owner && foundKey(owner, id);
  if (found === undefined) throw new AppError("not_found", "Cannot find this key");
  return found;
}

/** A key of this provider as it stands in its pool; its leases are not counted. */
export function foundKey(live: LiveProvider, id: string): FoundKey | undefined {
  const key = live.pool.get(id);
  const health = live.pool.healthOf(id);
  if (key === undefined || health === undefined) return undefined;
  return { key, health, inFlight: live.pool.inFlightOf(id), usedCount: health.usedCount, live };
}

/** All that is known of one key, but its secret. */
export async function keyDetail(
  deps: Pick<AdminDeps, "db" | "live">,
  id: string,
  nowMs: number,
): Promise<KeyDetailAnswer> {
  const found = requireFoundKey(deps, id);
  const { key, health, usedCount } = found;
  const [[row], history, audit, { requests }, hours] = await Promise.all([
    keyRows(deps, [found], nowMs),
    listKeyHistory(deps.db, id, SHOWN_HISTORY),
    listAuditEntries(deps.db, { target: id, action: "key.", limit: SHOWN_HISTORY }),
    listRequests(deps.db, { providerKeyId: id }, SHOWN_REQUESTS),
    hoursOf(deps.db, id, nowMs),
  ]);
  if (row === undefined) throw new AppError("not_found", "Cannot find this key");
  const { sinceMs, lastSuccessMs, lastFailureMs } = health;
  const happened = [
    ...history.map((entry) => ({ ...observed(entry), ...requestOf(entry, id, requests) })),
    ...audit.flatMap(done),
  ].sort((one, other) => other.atMs - one.atMs).slice(0, SHOWN_HISTORY);
  return {
    ...row,
    ...(row.state !== "ready" && sinceMs !== undefined && { sinceMs }),
    ...(key.maxRequests !== undefined && { maxRequests: key.maxRequests }),
    usedCount,
    ...(lastSuccessMs !== undefined && { lastSuccessMs }),
    ...(lastFailureMs !== undefined && { lastFailureMs }),
    hours,
    history: happened,
    attempts: attemptsOf(id, requests).slice(0, SHOWN_ATTEMPTS),
  };
}

const SHOWN_HISTORY = 30;
const SHOWN_REQUESTS = 50;
const SHOWN_ATTEMPTS = 12;
const HOUR_MS = 3_600_000;
/** A verdict and what it makes of the key are this close. */
const SAME_MOMENT_MS = 2_000;

async function hoursOf(db: AdminDeps["db"], id: string, nowMs: number): Promise<KeyDetailAnswer["hours"]> {
  const lastHour = Math.floor(nowMs / HOUR_MS);
  const firstHour = lastHour - 23;
  const sums = await sumUsage(db, {
    fromMinute: firstHour * 60,
    toMinute: Math.floor(nowMs / 60_000) + 1,
    interval: "hour",
    by: [],
    only: { providerKeyId: [id] },
    counts: ["attempts", "failures"],
  });
  const byStart = new Map(sums.map((sum) => [sum.startMs, sum]));
  return Array.from({ length: 24 }, (_, index) => {
    const startMs = (firstHour + index) * HOUR_MS;
    const { attempts = 0, failures = 0 } = byStart.get(startMs) ?? {};
    return { startMs, attempts, failures };
  });
}

function observed(entry: KeyHistoryEntry): z.infer<typeof historyAnswer> {
  const { source: _, ...shown } = entry;
  return shown;
}

/** Changes of this key alone are in the audit; what shows in its states anyway is left out. */
function done({ atMs, action, actor, detail }: AuditEntry): z.infer<typeof historyAnswer>[] {
  const fields = Array.isArray(detail.fields) ? detail.fields.map(String) : [];
  const event = AUDITED.get(action);
  if (event === undefined) return [];
  return [{ atMs, event, model: "", actor, ...(fields.length > 0 && { reason: fields.join(", ") }) }];
}

const AUDITED: ReadonlyMap<string, string> = new Map([
  ["key.set", "edited"],
  ["key.reveal", "revealed"],
  ["key.release", "released"],
  ["key.check", "checked"],
]);

/** The request in which this was seen: an attempt with this key that was judged so, at that moment. */
function requestOf(
  { atMs, cause }: KeyHistoryEntry,
  keyId: string,
  requests: readonly LoggedRequest[],
): { readonly requestId?: string } {
  if (cause === undefined) return {};
  const found = requests.find(({ attempts }) =>
    attempts.some((attempt) =>
      attempt.providerKeyId === keyId && attempt.kind === cause &&
      Math.abs(attempt.startedMs + attempt.durationMs - atMs) < SAME_MOMENT_MS
    )
  );
  return found === undefined ? {} : { requestId: found.id };
}

function attemptsOf(keyId: string, requests: readonly LoggedRequest[]): z.infer<typeof attemptAnswer>[] {
  return requests.flatMap(({ id, model, attempts }) =>
    attempts.filter(({ providerKeyId }) => providerKeyId === keyId).map((attempt) => ({
      requestId: id,
      startedMs: attempt.startedMs,
      durationMs: attempt.durationMs,
      model: model ?? null,
      status: attempt.status ?? null,
      verdict: attempt.kind,
      rule: attempt.rule,
    }))
  ).sort((one, other) => other.startedMs - one.startedMs);
}
