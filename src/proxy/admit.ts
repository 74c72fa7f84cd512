import type { Admission, Estimate, Refusal } from "../access/admission.ts";
import type { ClientLimiter } from "../access/client_limiter.ts";
import type { ClientKey } from "../core/client_key.ts";
import {
  type ClientLimits,
  countsMoney,
  hasLimits,
  type LimitName,
  spanOf,
  unitOf,
} from "../core/client_limits.ts";
import { isBytes } from "../core/http.ts";
import { costOf, type ModelPrice } from "../core/price.ts";
import { AppError } from "../errors.ts";
import { type AttemptDeps, type Plan, priceAt } from "./plan.ts";
import { tokensIn } from "./estimate_usage.ts";
import type { ProxiedRequest } from "./proxied_request.ts";
import type { RequestBody } from "./request_body.ts";

/**
 * Lets a request in by the limits of its client key. `undefined` when it is let in at once, as nearly always; a
 * promise only when other instances must be asked.
 * @throws {AppError} `rate_limited` (also as the promise's rejection) with the limit that refuses it.
 */
export function admit(
  request: ProxiedRequest,
  body: RequestBody,
  plan: Plan,
  limiter: ClientLimiter,
  deps: Pick<AttemptDeps, "priceOf">,
): Promise<void> | undefined {
  const { clientKey } = request;
  if (clientKey === undefined || !hasLimits(clientKey.limits)) return undefined;
  request.limitHeaders = () => limiter.headersFor(clientKey);
  const [first] = plan.providers;
  const price = countsMoney(clientKey.limits) && first !== undefined
    ? priceAt(plan, first.provider, deps)?.price
    : undefined;
  const result = limiter.admit(clientKey, estimateOf(clientKey.limits, body, price));
  if ("kind" in result) return takeIn(request, clientKey, result, limiter);
  return result.then((later) => takeIn(request, clientKey, later, limiter));
}

function takeIn(
  request: ProxiedRequest,
  clientKey: ClientKey,
  result: Admission | Refusal,
  limiter: ClientLimiter,
): undefined {
  if (result.kind === "admitted") {
    request.admission = result;
    return undefined;
  }
  const { limit, limitValue, retryAfterMs } = result;
  request.limitHeaders = () => limiter.headersFor(clientKey, limit);
  throw new AppError(
    "rate_limited",
    `Cannot serve this request now: the client key has reached its limit of ${describe(limit, limitValue)}`,
    { retryAfterSeconds: Math.ceil(retryAfterMs / 1000), details: { limit, limitValue } },
  );
}

const NO_COST: Estimate = { tokens: 0, nanoDollars: 0 };
/**
 * What a request may cost, so that no budget is overrun by requests under way: a token for four bytes of JSON, and as
 * many as it asks for at most, and in money what they cost at the provider that is asked first, if that is known.
 * Uploads cost nothing before it is told what they cost.
 */
function estimateOf(
  limits: ClientLimits,
  { body, isJson, maxOutputTokens }: RequestBody,
  price: ModelPrice | undefined,
): Estimate {
  if (!countsTokens(limits) || body === undefined || !isJson || !isBytes(body)) return NO_COST;
  const inputTokens = tokensIn(body.byteLength);
  return {
    tokens: inputTokens + maxOutputTokens,
    nanoDollars: costOf({ inputTokens, outputTokens: maxOutputTokens }, price) ?? 0,
  };
}

function countsTokens(limits: ClientLimits): boolean {
  return limits.tokensPerMinute !== undefined || limits.tokensPerDay !== undefined ||
    limits.tokensPerMonth !== undefined || countsMoney(limits);
}

function describe(limit: LimitName, value: number): string {
  if (limit === "concurrency") return `${value} requests at the same time`;
  const unit = unitOf(limit);
  return unit === "nanoDollars"
    ? `${value / 1e9} US dollars a ${spanOf(limit)}`
    : `${value} ${unit} a ${spanOf(limit)}`;
}
