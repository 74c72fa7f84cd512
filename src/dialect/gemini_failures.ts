import {
  accountExhausted,
  egressRefused,
  type Failure,
  type FailureRule,
  keyDead,
  modelDenied,
  modelLimited,
  providerDown,
  providerGaveUp,
  requestBad,
  says,
} from "./failure.ts";
import { listAt, textAt } from "../core/json.ts";

/**
 * Errors in Google's form (google.rpc.Status). The reasons and texts come first, because a dead key answers
 * 400 INVALID_ARGUMENT like any bad request. Sources: ai.google.dev/gemini-api/docs/troubleshooting, google.rpc
 * ErrorInfo reasons, and the issues named in docs/failures.md.
 */
export const GEMINI_RULES: readonly FailureRule[] = [
  // The prompt is too large for the deadline: the same again would take as long.
  {
    id: "gemini.deadline_exceeded",
    matches: (f) => f.status === 504 || f.error.status === "DEADLINE_EXCEEDED",
    judge: providerGaveUp,
  },
  { id: "gemini.server_error", matches: (f) => f.status >= 500, judge: providerDown },
  { id: "gemini.api_key_invalid", matches: (f) => hasReason(f, DEAD_REASONS), judge: keyDead },
  {
    id: "gemini.api_key_rejected",
    matches: (f) =>
      says(
        f,
        /\bAPI[ _]key (?:not valid|expired|not found)|reported as leaked|\b(?:consumer|API key)\b.*\bsuspended/i,
      ),
    judge: keyDead,
  },
  {
    id: "gemini.no_credit",
    matches: (f) => f.status === 402 || says(f, /prepa\w+ credits?.*deplet|monthly spending cap/i),
    judge: accountExhausted,
  },
  { id: "gemini.limit_zero", matches: hasNoQuota, judge: modelDenied },
  {
    id: "gemini.resource_exhausted",
    matches: (f) => f.status === 429 || f.error.status === "RESOURCE_EXHAUSTED",
    judge: modelLimited,
  },
  {
    id: "gemini.location",
    matches: (f) => f.error.status === "FAILED_PRECONDITION" && says(f, /\b(?:location|country|region)\b/i),
    judge: egressRefused,
  },
  {
    id: "gemini.permission_denied",
    matches: (f) => f.error.status === "PERMISSION_DENIED",
    judge: modelDenied,
  },
  {
    id: "gemini.not_found",
    matches: (f) => f.error.status === "NOT_FOUND" && (f.model !== undefined || says(f, /^models\//)),
    judge: modelDenied,
  },
  {
    id: "gemini.invalid_argument",
    matches: (f) =>
      ["INVALID_ARGUMENT", "FAILED_PRECONDITION", "OUT_OF_RANGE", "NOT_FOUND"].includes(f.error.status),
    judge: requestBad,
  },
];

/** ErrorInfo reasons of a key that cannot be used from here, whatever is asked. */
const DEAD_REASONS: ReadonlySet<string> = new Set([
  "API_KEY_INVALID",
  "API_KEY_EXPIRED",
  "CONSUMER_SUSPENDED",
  "CONSUMER_INVALID",
  "API_KEY_SERVICE_BLOCKED",
  "API_KEY_IP_ADDRESS_BLOCKED",
  "API_KEY_HTTP_REFERRER_BLOCKED",
  "API_KEY_ANDROID_APP_BLOCKED",
  "API_KEY_IOS_APP_BLOCKED",
  "SERVICE_DISABLED",
]);

function hasReason(failure: Failure, reasons: ReadonlySet<string>): boolean {
  return failure.error.reasons.some((reason) => reasons.has(reason));
}

/** "limit: 0": this tier has no quota for the model, so no waiting helps. */
function hasNoQuota(failure: Failure): boolean {
  return says(failure, /\blimit: 0(?![\d.])/) ||
    listAt(failure.error.error, "details").some((detail) =>
      listAt(detail, "violations").some((violation) => textAt(violation, "quotaValue") === "0")
    );
}
