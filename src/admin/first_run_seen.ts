import { listRequests } from "../store/request_log_query.ts";
import type { SeenShown } from "../../views/first_run_shown.ts";
import type { UsageDeps } from "./usage_deps.ts";

/** The last request that was answered; where there is none, the last that was not; without a log, what is counted. */
export async function seenOf({ db, live, usage }: UsageDeps): Promise<SeenShown | null> {
  const good = await listRequests(db, { outcome: "succeeded" }, 1);
  const counted = usage.totals.usage().find(({ counts }) => counts.succeeded > 0);
  if (good.requests.length === 0 && counted !== undefined) {
    const { providerId, model, statusClass, counts } = counted;
    return {
      id: "",
      model: model === "" ? null : model,
      provider: live.findById(providerId)?.provider.name ?? null,
      status: statusClass * 100,
      isGood: true,
      durationMs: Math.round(counts.durationMs / counts.requests),
    };
  }
  const [request] = good.requests.length > 0 ? good.requests : (await listRequests(db, {}, 1)).requests;
  if (request === undefined) return null;
  const { id, model, status, outcome, durationMs, attempts } = request;
  const asked = attempts.at(-1);
  return {
    id,
    model: model ?? null,
    provider: (asked && live.findById(asked.providerId)?.provider.name) ?? null,
    status,
    isGood: outcome === "succeeded",
    durationMs,
  };
}

/** Where nothing is logged, it is not looked for any longer than that. */
export const MAX_MISSED = 20;

/** Another text as long as requests are news: once one has succeeded, the rest is for the overview. */
export function countedOf({ usage }: UsageDeps): string {
  let requests = 0;
  for (const { counts } of usage.totals.usage()) {
    if (counts.succeeded > 0) return "served";
    requests += counts.requests;
  }
  return String(requests);
}
