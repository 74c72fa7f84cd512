import { toAppError } from "../errors.ts";
import type { Answer } from "./answer.ts";
import { answerNobody } from "./answer_nobody.ts";
import { runAttempts } from "./attempts.ts";
import type { Incoming } from "./incoming.ts";
import { planRequest, type RelayDeps } from "./plan_request.ts";
import { ProxiedRequest } from "./proxied_request.ts";
import { refuse } from "./refusal.ts";
import { dialectOfPath } from "./target.ts";

/** Serves one proxied request. Always answers; whatever goes wrong is told in the caller's dialect. */
export type Relay = (incoming: Incoming) => Promise<Answer>;

export function createRelay(deps: RelayDeps): Relay {
  return async (incoming) => {
    const request = beginRequest(incoming, deps);
    try {
      const plan = await planRequest(request, deps);
      return "status" in plan ? plan : await runAttempts(request, plan, deps);
    } catch (thrown) {
      return refuseRequest(request, thrown, deps);
    }
  };
}

/** The request with the dialect that its path speaks, until its target is known. */
export function beginRequest(incoming: Incoming, deps: RelayDeps): ProxiedRequest {
  const spoken = dialectOfPath(incoming.path, incoming.headers) ??
    (incoming.path.startsWith("/proxy/") ? "rest" : "openai");
  return new ProxiedRequest(deps.newRequestId(), incoming, spoken, deps.ticker, deps.record, deps.running);
}

/** The one place where every error of a request meets its caller. */
export function refuseRequest(request: ProxiedRequest, thrown: unknown, deps: RelayDeps): Answer {
  if (request.isGone && !request.isCancelled) return answerNobody(request);
  const error = toAppError(thrown);
  if (error.code === "internal") {
    deps.log.error("relay.failed", { requestId: request.id, error: error.cause });
  }
  const answer = refuse(error, request.dialect, request.notes());
  request.finish(answer.status, request.attempts.length === 0 ? "refused" : "failed");
  return answer;
}
