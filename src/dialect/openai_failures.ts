import {
  accountExhausted,
  egressRefused,
  type Failure,
  type FailureRule,
  keyDead,
  keyDoubtful,
  modelDenied,
  modelLimited,
  names,
  providerDown,
  requestBad,
  says,
  tooBigForKey,
} from "./failure.ts";

/**
 * Errors in OpenAI's form, from OpenAI and from everyone who speaks its dialect. Quota is asked before rate
 * limit, because an empty account answers 429 too. Sources: developers.openai.com/docs/guides/error-codes and
 * the issues named in docs/failures.md.
 */
export const OPENAI_RULES: readonly FailureRule[] = [
  // A 5xx is the provider's own trouble, whatever a relay has put into its body.
  { id: "openai.overloaded", matches: isOverloaded, judge: providerDown },
  { id: "openai.server_error", matches: (f) => f.status >= 500, judge: providerDown },
  {
    id: "openai.missing_scopes",
    matches: (f) => says(f, /missing scopes|insufficient permissions/i),
    judge: modelDenied,
  },
  {
    id: "openai.invalid_api_key",
    matches: (f) => names(f, "invalid_api_key", "account_deactivated", "api_key_expired", "api_key_revoked"),
    judge: keyDead,
  },
  {
    id: "openai.no_organization",
    matches: (f) => f.status === 401 && says(f, /must be a member of an organization/i),
    judge: keyDead,
  },
  // The key may be fine from another address.
  {
    id: "openai.ip_not_authorized",
    matches: (f) => f.status === 401 && says(f, /\bIP\b.*not authorized/i),
    judge: keyDoubtful,
  },
  {
    id: "openai.authentication_error",
    matches: (f) => f.status === 401 && names(f, "authentication_error"),
    judge: keyDead,
  },
  { id: "openai.insufficient_quota", matches: isExhausted, judge: accountExhausted },
  { id: "openai.request_too_large", matches: isTooBig, judge: tooBigForKey },
  {
    id: "openai.rate_limit_exceeded",
    matches: (f) =>
      f.status === 429 &&
      names(f, "rate_limit_exceeded", "rate_limit_error", "slow_down", "requests", "tokens"),
    judge: modelLimited,
  },
  {
    id: "openai.unsupported_country",
    matches: (f) => names(f, "unsupported_country_region_territory", "request_forbidden"),
    judge: egressRefused,
  },
  { id: "openai.model_not_found", matches: (f) => names(f, "model_not_found"), judge: modelDenied },
  {
    id: "openai.invalid_request",
    matches: (f) =>
      names(
        f,
        "context_length_exceeded",
        "content_policy_violation",
        "content_filter",
        "string_above_max_length",
      ) ||
      ((f.status === 400 || f.status === 422) && names(f, "invalid_request_error")),
    judge: requestBad,
  },
];

/** Codes of an account without credit; the first five are OpenAI's own list. */
const EXHAUSTED = [
  "insufficient_quota",
  "credit_balance_exhausted",
  "organization_spend_limit_exceeded",
  "project_spend_limit_exceeded",
  "organization_usage_limit_exceeded",
  "billing_hard_limit_reached",
  "billing_not_active",
] as const;

function isExhausted(failure: Failure): boolean {
  return names(failure, ...EXHAUSTED);
}

function isOverloaded(failure: Failure): boolean {
  return names(failure, "server_is_overloaded", "overloaded_error") ||
    (failure.status === 429 && says(failure, /\b(?:engine|model|server|system)\b.*\boverloaded\b/i));
}

/** "Limit 30000, Requested 61337": one request above the whole limit, which no waiting helps. */
function isTooBig(failure: Failure): boolean {
  if (failure.status !== 429 && failure.status !== 413) return false;
  if (!names(failure, "rate_limit_exceeded", "tokens")) return false;
  if (says(failure, /request too large/i)) return true;
  const [, limit, requested] = /\bLimit:? (\d+)\b.*\bRequested:? (\d+)/i.exec(failure.error.message) ?? [];
  return requested !== undefined && Number(requested) > Number(limit);
}
