import { SEALED, type Verdict } from "../core/verdict.ts";
import type { AttemptDeps } from "./plan.ts";
import type { ProxiedRequest } from "./proxied_request.ts";
import type { Turn } from "./turn.ts";

/** Tells all who learn from an attempt what it meant, and notes it; of a good answer when it begins. */
export function concludeAttempt(
  request: ProxiedRequest,
  { live, lease }: Turn,
  startedMs: number,
  verdict: Verdict,
  status: number | undefined,
  { ticker, groups }: Pick<AttemptDeps, "ticker" | "groups">,
): void {
  const nowMs = ticker.now();
  const durationMs = nowMs - startedMs;
  live.pool.report(lease, verdict);
  // A secret that does not open has shown nothing of the upstream.
  live.note(verdict === SEALED ? undefined : verdict, nowMs);
  groups.note(live, verdict, durationMs);
  request.attempts.push({
    providerId: live.provider.id,
    providerKeyId: lease.key.id,
    startedMs,
    durationMs,
    status,
    kind: verdict.kind,
    rule: verdict.rule,
    scope: verdict.scope,
    untilMs: verdict.untilMs,
  });
}
