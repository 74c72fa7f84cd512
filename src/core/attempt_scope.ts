import type { AttemptRecord } from "./request_record.ts";
import type { Scope, VerdictKind } from "./verdict.ts";

/** What an attempt's failure was about: as it was told, else what its kind nearly always is about. */
export function scopeOf({ scope, kind }: Pick<AttemptRecord, "scope" | "kind">): Scope {
  return scope ?? USUAL_SCOPES[kind];
}

/** Whether an attempt counts as failed: an answer that is empty is still one. */
export function hasFailed({ kind }: Pick<AttemptRecord, "kind">): boolean {
  return kind !== "succeeded" && kind !== "ok_empty";
}

const USUAL_SCOPES: Readonly<Record<VerdictKind, Scope>> = {
  succeeded: "request",
  ok_empty: "request",
  key_dead: "key",
  key_limited: "key",
  key_exhausted: "key",
  model_denied: "key_model",
  request_too_big_for_key: "account",
  request_bad: "request",
  provider_down: "upstream",
  client_gone: "client",
};
