import { headerValue } from "../core/http.ts";
import {
  accountExhausted,
  accountLimited,
  type Failure,
  type FailureRule,
  inconclusive,
  keyDoubtful,
  modelDenied,
  providerDown,
  requestBad,
} from "./failure.ts";

/**
 * Any HTTP API, of which only the statuses are known (RFC 9110, 15.5). Every answer is passed on unless it is
 * about the key: a 403 or a 409 may be the true answer to this request, so it blames nobody.
 */
export const REST_RULES: readonly FailureRule[] = [
  { id: "rest.401", matches: (f) => f.status === 401, judge: keyDoubtful },
  // Tavily: 432 is the plan's limit, 433 that of pay as you go.
  {
    id: "rest.exhausted",
    matches: (f) => f.status === 402 || f.status === 432 || f.status === 433,
    judge: inconclusive(accountExhausted),
  },
  // GitHub answers its rate limit with 403.
  {
    id: "rest.403_limited",
    matches: (f) => f.status === 403 && isLimited(f),
    judge: inconclusive(accountLimited),
  },
  { id: "rest.403", matches: (f) => f.status === 403, judge: withoutBlame },
  { id: "rest.429", matches: (f) => f.status === 429, judge: inconclusive(accountLimited) },
  {
    id: "rest.try_later",
    matches: (f) => f.status === 408 || f.status === 425,
    judge: inconclusive(providerDown),
  },
  { id: "rest.5xx", matches: (f) => f.status >= 500, judge: inconclusive(providerDown) },
  { id: "rest.4xx", matches: () => true, judge: inconclusive(requestBad) },
];

function isLimited({ evidence }: Failure): boolean {
  return headerValue(evidence.headers, "retry-after") !== undefined ||
    headerValue(evidence.headers, "x-ratelimit-remaining") === "0";
}

/** Another key may be allowed to do this, but this one is not at fault. */
function withoutBlame(failure: Failure, rule: string): ReturnType<FailureRule["judge"]> {
  return inconclusive(modelDenied)({ ...failure, model: undefined }, rule);
}
