/** What an attempt meant. Kinds and scopes are those of docs/failures.md. */

export type VerdictKind =
  | "succeeded"
  | "ok_empty"
  | "key_dead"
  | "key_limited"
  | "key_exhausted"
  | "model_denied"
  | "request_too_big_for_key"
  | "request_bad"
  | "provider_down"
  | "client_gone";

/** What the verdict is about, and so what may be held against whom. */
export type Scope = "request" | "key" | "account" | "key_model" | "upstream" | "egress" | "client";

/**
 * What this request does next: `answer` passes the upstream's answer on; `next_key` tries another key;
 * `next_account` tries a key of another account; `retry` may use any key, since none is to blame.
 */
export type Action = "answer" | "next_key" | "next_account" | "retry";

/** Where a deadline comes from. A time that the provider stated is obeyed; a ladder's is a guess. */
export type CooldownSource = "header" | "body" | "calendar" | "ladder" | "manual" | "quota";

export interface Verdict {
  readonly kind: VerdictKind;
  readonly scope: Scope;
  readonly action: Action;
  /** Until when the key (or key and model) must rest, if the provider said so or a calendar tells. */
  readonly untilMs?: number;
  /** Where `untilMs` comes from; without `untilMs` the health transition climbs its ladder. */
  readonly source?: CooldownSource;
  /** One answer is enough: the provider named the cause by an explicit code. */
  readonly isConclusive: boolean;
  /** The request is longer than the model's context: another model may have room for it. */
  readonly isTooLong?: true;
  /** The rule that decided, e.g. `openai.insufficient_quota`: for traces and for people. */
  readonly rule: string;
  /** What the provider said, at most 200 characters, scrubbed of secrets. */
  readonly reason?: string;
  /** An account that the error text names (`org-…`, `projects/…`), for learning who shares a quota. */
  readonly account?: string;
}

export const SUCCEEDED: Verdict = {
  kind: "succeeded",
  scope: "request",
  action: "answer",
  isConclusive: true,
  rule: "status.2xx",
};

/** The stored secret does not open: nothing of it can be used, and no other key is to blame. */
export const SEALED: Verdict = {
  kind: "key_dead",
  scope: "key",
  action: "next_key",
  isConclusive: true,
  rule: "keyring.sealed",
  reason: "Cannot open the stored secret with this master key",
};
