import type { ErrorBody } from "./error_body.ts";
import {
  accountExhausted,
  accountLimited,
  egressRefused,
  type Failure,
  type FailureRule,
  inconclusive,
  keyDoubtful,
  modelDenied,
  modelLimited,
  providerDown,
  requestBad,
  says,
} from "./failure.ts";
import { modelInPath } from "./model_path.ts";

/**
 * What a status means when no vendor's rule knew better: docs/failures.md, order of decision, step 4. The
 * last rule takes everything, so an unknown 4xx blames nobody.
 */
export const STATUS_RULES: readonly FailureRule[] = [
  // A page in place of JSON comes from a firewall in front of the API, which looks at addresses, not at keys.
  {
    id: "status.403_html",
    matches: (f) => f.status === 403 && f.error.isHtml,
    judge: inconclusive(egressRefused),
  },
  {
    id: "status.429_html",
    matches: (f) => f.status === 429 && f.error.isHtml,
    judge: inconclusive(egressRefused),
  },
  { id: "status.html", matches: (f) => f.status === 0 && f.error.isHtml, judge: inconclusive(providerDown) },
  { id: "status.401", matches: (f) => f.status === 401, judge: keyDoubtful },
  { id: "status.402", matches: (f) => f.status === 402, judge: inconclusive(accountExhausted) },
  { id: "status.403", matches: (f) => f.status === 403, judge: inconclusive(modelDenied) },
  { id: "status.404_model", matches: isMissingModel, judge: inconclusive(modelDenied) },
  {
    id: "status.try_later",
    matches: (f) => f.status === 408 || f.status === 409 || f.status === 425,
    judge: inconclusive(providerDown),
  },
  { id: "status.429_model", matches: isModelLimit, judge: inconclusive(modelLimited) },
  { id: "status.429", matches: (f) => f.status === 429, judge: inconclusive(accountLimited) },
  { id: "status.498", matches: (f) => f.status === 498, judge: inconclusive(providerDown) },
  { id: "status.5xx", matches: (f) => f.status >= 500, judge: inconclusive(providerDown) },
  // An error inside a 200 that names no cause: something broke on the provider's side.
  { id: "stream.error", matches: (f) => f.status === 0, judge: inconclusive(providerDown) },
  { id: "status.4xx", matches: () => true, judge: inconclusive(requestBad) },
];

/**
 * The status that counts: the answer's, or for an error inside a 200 the one that its code, status or type
 * stands for; 0 when it stands for none.
 */
export function statusOf(error: ErrorBody, status: number): number {
  if (status >= 300) return status;
  const code = Number(error.code || error.status);
  if (Number.isInteger(code) && code >= 400 && code <= 599) return code;
  return STATUS_OF_NAME.get(error.status) ?? STATUS_OF_NAME.get(error.code) ??
    STATUS_OF_NAME.get(error.type) ?? 0;
}

/** Names of errors in the dialects' own tables (docs/failures.md) and the statuses they travel with. */
const STATUS_OF_NAME: ReadonlyMap<string, number> = new Map([
  ["invalid_request_error", 400],
  ["invalid_prompt", 400],
  ["INVALID_ARGUMENT", 400],
  ["FAILED_PRECONDITION", 400],
  ["OUT_OF_RANGE", 400],
  ["authentication_error", 401],
  ["invalid_api_key", 401],
  ["UNAUTHENTICATED", 401],
  ["billing_error", 402],
  ["payment_required", 402],
  ["permission_error", 403],
  ["PERMISSION_DENIED", 403],
  ["not_found_error", 404],
  ["NOT_FOUND", 404],
  ["request_too_large", 413],
  ["rate_limit_error", 429],
  ["rate_limit_exceeded", 429],
  ["rate_limited", 429],
  ["insufficient_quota", 429],
  ["requests", 429],
  ["tokens", 429],
  ["RESOURCE_EXHAUSTED", 429],
  ["api_error", 500],
  ["server_error", 500],
  ["INTERNAL", 500],
  ["UNKNOWN", 500],
  ["UNAVAILABLE", 503],
  ["timeout_error", 504],
  ["DEADLINE_EXCEEDED", 504],
  ["overloaded_error", 529],
]);

/** A wrong base URL answers 404 too, on every key: only a 404 that is about the model counts against one. */
function isMissingModel(failure: Failure): boolean {
  if (failure.status !== 404 || failure.error.isHtml) return false;
  return modelInPath(failure.evidence.path) !== undefined ||
    says(
      failure,
      /\bmodel\b.{0,200}\b(?:not found|not exist|does not exist|unknown|not supported|no access)/is,
    ) ||
    says(failure, /\b(?:unknown|no such|invalid) model\b/i);
}

/** A limit that the message ties to the model, from a server of which nothing else is known. */
function isModelLimit(failure: Failure): boolean {
  return failure.status === 429 && failure.model !== undefined &&
    failure.error.message.includes(failure.model);
}
