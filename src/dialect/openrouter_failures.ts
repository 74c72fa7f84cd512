import {
  accountExhausted,
  accountLimited,
  type Failure,
  type FailureRule,
  keyDead,
  keyExhausted,
  modelDenied,
  modelLimited,
  providerDown,
  providerGaveUp,
  requestBad,
  says,
} from "./failure.ts";
import { textAt, valueAt } from "../core/json.ts";

/**
 * OpenRouter: `error.metadata.error_type` and `error.availability` say whose fault it is; a limit of its own
 * belongs to the account, and the one on free models to these alone.
 * Source: OpenRouterTeam/docs, api_reference/errors-and-debugging.mdx and limits.mdx.
 */
export const OPENROUTER_RULES: readonly FailureRule[] = [
  { id: "openrouter.authentication", matches: (f) => errorType(f) === "authentication", judge: keyDead },
  {
    id: "openrouter.in_flight_budget",
    matches: (f) => textAt(f.error.error, "metadata", "limit_source") === "openrouter_in_flight_budget",
    judge: accountLimited,
  },
  {
    id: "openrouter.key_limit",
    matches: (f) => (f.status === 402 || f.status === 403) && says(f, /key limit exceeded/i),
    judge: keyExhausted,
  },
  {
    id: "openrouter.payment_required",
    matches: (f) => f.status === 402 || errorType(f) === "payment_required",
    judge: accountExhausted,
  },
  {
    id: "openrouter.not_retryable",
    matches: (f) => f.status >= 500 && isRetryable(f) === false,
    judge: providerGaveUp,
  },
  { id: "openrouter.upstream_limited", matches: isUpstreamLimit, judge: providerDown },
  { id: "openrouter.provider_down", matches: (f) => DOWN.has(errorType(f)), judge: providerDown },
  { id: "openrouter.free_limit", matches: (f) => f.status === 429 && isFreeModel(f), judge: modelLimited },
  { id: "openrouter.rate_limit", matches: (f) => f.status === 429, judge: accountLimited },
  { id: "openrouter.moderation", matches: isModeration, judge: requestBad },
  { id: "openrouter.no_endpoint", matches: isUnavailable, judge: modelDenied },
];

const DOWN: ReadonlySet<string> = new Set([
  "provider_unavailable",
  "provider_overloaded",
  "temporarily_unavailable",
]);

function errorType(failure: Failure): string {
  return textAt(failure.error.error, "metadata", "error_type");
}

function isRetryable(failure: Failure): unknown {
  return valueAt(failure.error.error, "availability", "retryable");
}

/** A 429 of the model's provider, passed on: no key of ours is to blame. */
function isUpstreamLimit(failure: Failure): boolean {
  if (failure.status !== 429) return false;
  const error = failure.error.error;
  return textAt(error, "availability", "code") === "capacity_exhausted" ||
    textAt(error, "metadata", "provider_code") !== "" || textAt(error, "metadata", "provider_name") !== "";
}

function isFreeModel(failure: Failure): boolean {
  return failure.model?.endsWith(":free") === true || says(failure, /free-models/i);
}

function isModeration(failure: Failure): boolean {
  if (failure.status !== 403) return false;
  const metadata = valueAt(failure.error.error, "metadata");
  return valueAt(metadata, "reasons") !== undefined || valueAt(metadata, "flagged_input") !== undefined ||
    valueAt(metadata, "patterns") !== undefined || /moderation|guardrail/i.test(errorType(failure));
}

function isUnavailable(failure: Failure): boolean {
  return failure.status === 404 &&
    (textAt(failure.error.error, "availability", "code") !== "" ||
      says(failure, /no (?:allowed )?(?:endpoints|providers)/i));
}
