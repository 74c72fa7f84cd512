import type { DialectName } from "../core/provider.ts";
import type { RequestOutcome } from "../core/request_record.ts";
import type { Scope, VerdictKind } from "../core/verdict.ts";

/** What stands for words in stored rows: a place in its list, or a bit of it. The lists are only ever appended to. */

export const DIALECT_CODES: readonly DialectName[] = ["openai", "anthropic", "gemini", "rest"];

export const OUTCOME_CODES: readonly RequestOutcome[] = [
  "succeeded",
  "failed",
  "refused",
  "interrupted",
  "client_gone",
];

export const KIND_CODES: readonly VerdictKind[] = [
  "succeeded",
  "ok_empty",
  "key_dead",
  "key_limited",
  "key_exhausted",
  "model_denied",
  "request_too_big_for_key",
  "request_bad",
  "provider_down",
  "client_gone",
];

export const SCOPE_CODES: readonly Scope[] = [
  "request",
  "key",
  "account",
  "key_model",
  "upstream",
  "egress",
  "client",
];

/** A number with a bit for each of the values. */
export function maskOf<T>(codes: readonly T[], values: Iterable<T>): number {
  let mask = 0;
  for (const value of values) mask |= 1 << codes.indexOf(value);
  return mask;
}
