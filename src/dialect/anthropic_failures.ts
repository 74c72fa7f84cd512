import { nextMonthMs } from "./calendar.ts";
import {
  accountExhausted,
  egressRefused,
  exhaustedUntil,
  type Failure,
  type FailureRule,
  keyDead,
  modelDenied,
  modelLimited,
  names,
  providerDown,
  requestBad,
  says,
} from "./failure.ts";
import { textAt } from "../core/json.ts";
import { MONTH_MS } from "./wait_hint.ts";

/**
 * Errors in Anthropic's form (platform.claude.com/docs/en/api/errors). The texts come first, because an empty
 * account and a disabled organisation answer 400 and 403 like any bad request.
 */
export const ANTHROPIC_RULES: readonly FailureRule[] = [
  { id: "anthropic.overloaded", matches: (f) => names(f, "overloaded_error"), judge: providerDown },
  {
    id: "anthropic.server_error",
    matches: (f) => f.status >= 500 || names(f, "api_error", "timeout_error"),
    judge: providerDown,
  },
  {
    id: "anthropic.organization_disabled",
    matches: (f) => says(f, /organization has been disabled/i),
    judge: keyDead,
  },
  { id: "anthropic.authentication_error", matches: (f) => names(f, "authentication_error"), judge: keyDead },
  {
    id: "anthropic.credit_balance",
    matches: (f) => names(f, "billing_error") || says(f, /credit balance is too low/i),
    judge: accountExhausted,
  },
  {
    id: "anthropic.usage_limits",
    matches: (f) => says(f, /reached your specified (?:workspace )?API usage limits/i),
    judge: (f, rule) => exhaustedUntil(f, rule, statedDate(f)),
  },
  {
    id: "anthropic.enforced_spend_limit",
    matches: (f) => textAt(f.error.error, "details", "error_code") === "enforced_spend_limit_reached",
    judge: (f, rule) =>
      exhaustedUntil(f, rule, { untilMs: nextMonthMs(f.evidence.nowMs), source: "calendar" }),
  },
  { id: "anthropic.rate_limit_error", matches: (f) => names(f, "rate_limit_error"), judge: modelLimited },
  {
    id: "anthropic.region",
    matches: (f) => f.status === 403 && names(f, "forbidden") && says(f, /^request not allowed/i),
    judge: egressRefused,
  },
  { id: "anthropic.permission_error", matches: (f) => names(f, "permission_error"), judge: modelDenied },
  {
    id: "anthropic.not_found_error",
    // A file or a batch that is not there says nothing of the model.
    matches: (f) => names(f, "not_found_error") && (f.model !== undefined || says(f, /^model:/)),
    judge: modelDenied,
  },
  {
    id: "anthropic.invalid_request",
    matches: (f) => names(f, "invalid_request_error", "request_too_large", "not_found_error"),
    judge: requestBad,
  },
];

/** "You will regain access on 2026-12-01 at 00:00 UTC." */
function statedDate(failure: Failure): { untilMs: number; source: "body" } | undefined {
  const { nowMs } = failure.evidence;
  const [, day, time = "00:00"] =
    /access on (\d{4}-\d\d-\d\d)(?:\D{1,4}(\d\d:\d\d))?/i.exec(failure.error.message) ?? [];
  const untilMs = day === undefined ? Number.NaN : Date.parse(`${day}T${time}:00Z`);
  return untilMs > nowMs ? { untilMs: Math.min(untilMs, nowMs + MONTH_MS), source: "body" } : undefined;
}
