import type { Action, Scope, Verdict, VerdictKind } from "../core/verdict.ts";
import type { Evidence } from "./dialect.ts";
import type { ErrorBody } from "./error_body.ts";
import { scrub } from "./scrub.ts";
import { MONTH_MS, type WaitHint, waitHintOf } from "./wait_hint.ts";

/** A failed answer, read once and looked at by every rule. */
export interface Failure {
  readonly evidence: Evidence;
  readonly error: ErrorBody;
  /** The HTTP status, or inside a 200 the one that the error names; 0 when it names none. */
  readonly status: number;
  /** The model that the request or its path names. */
  readonly model: string | undefined;
}

/** One line of a vendor's table. The first rule that matches decides. */
export interface FailureRule {
  /** For traces and people, e.g. `openai.insufficient_quota`. */
  readonly id: string;
  matches(failure: Failure): boolean;
  judge(failure: Failure, rule: string): Verdict;
}

/** The verdict of the first rule that matches, or `undefined`. */
export function firstVerdict(failure: Failure, rules: readonly FailureRule[]): Verdict | undefined {
  const rule = rules.find((candidate) => candidate.matches(failure));
  return rule?.judge(failure, rule.id);
}

/** How long a refused model is left alone: providers state no time for it. */
const MODEL_DENIED_MS = 3_600_000;
/** How often an exhausted key is probed when the provider states no date. */
const EXHAUSTED_PROBE_MS = 3_600_000;

interface Parts {
  readonly kind: VerdictKind;
  readonly scope: Scope;
  readonly action: Action;
  readonly isConclusive?: boolean;
  readonly hint?: WaitHint | undefined;
}

/** The provider named the key as invalid, revoked or restricted: one answer is enough. */
export function keyDead(failure: Failure, rule: string): Verdict {
  return verdictOf(failure, rule, { kind: "key_dead", scope: "key", action: "next_key" });
}

/** A rejection that something in front of the provider may have made: it takes several in a row. */
export function keyDoubtful(failure: Failure, rule: string): Verdict {
  return verdictOf(failure, rule, {
    kind: "key_dead",
    scope: "key",
    action: "next_key",
    isConclusive: false,
  });
}

/** A limit that the keys of an account share for every model. */
export function accountLimited(failure: Failure, rule: string): Verdict {
  return verdictOf(failure, rule, {
    kind: "key_limited",
    scope: "account",
    action: "next_account",
    hint: hintOf(failure),
  });
}

/** A limit that counts per model; of the account when the request names no model. */
export function modelLimited(failure: Failure, rule: string): Verdict {
  if (failure.model === undefined) return accountLimited(failure, rule);
  return verdictOf(failure, rule, {
    kind: "key_limited",
    scope: "key_model",
    action: "next_account",
    hint: hintOf(failure),
  });
}

/** No credit, or a spend cap: probed hourly when the provider states no date. */
export function accountExhausted(failure: Failure, rule: string): Verdict {
  return exhaustedUntil(failure, rule, hintOf(failure));
}

/** As `accountExhausted`, until a moment that the rule knows; `undefined` means the hourly probe. */
export function exhaustedUntil(failure: Failure, rule: string, known: WaitHint | undefined): Verdict {
  const hint = known ?? { untilMs: failure.evidence.nowMs + EXHAUSTED_PROBE_MS, source: "ladder" };
  return verdictOf(failure, rule, { kind: "key_exhausted", scope: "account", action: "next_account", hint });
}

/** A credit cap on this one key. */
export function keyExhausted(failure: Failure, rule: string): Verdict {
  return { ...accountExhausted(failure, rule), scope: "key", action: "next_key" };
}

/**
 * The key is fine but may not use this model. Without a model nobody is blamed: the refusal is about some
 * other thing that the request asked for.
 */
export function modelDenied(failure: Failure, rule: string): Verdict {
  if (failure.model === undefined) {
    return verdictOf(failure, rule, { kind: "model_denied", scope: "request", action: "next_account" });
  }
  const untilMs = failure.evidence.nowMs + MODEL_DENIED_MS;
  return verdictOf(failure, rule, {
    kind: "model_denied",
    scope: "key_model",
    action: "next_account",
    hint: { untilMs, source: "ladder" },
  });
}

/** One request exceeds what this account may use in a minute: waiting does not help, a larger account may. */
export function tooBigForKey(failure: Failure, rule: string): Verdict {
  return verdictOf(failure, rule, {
    kind: "request_too_big_for_key",
    scope: "request",
    action: "next_account",
  });
}

/** The request's own fault. One that is too long for the model's context is marked. */
export function requestBad(failure: Failure, rule: string): Verdict {
  const verdict = verdictOf(failure, rule, { kind: "request_bad", scope: "request", action: "answer" });
  return isTooLong(failure) ? { ...verdict, isTooLong: true } : verdict;
}

/**
 * OpenAI and its kin have a code for it; Anthropic ("prompt is too long: 208310 tokens > 200000 maximum", "exceed
 * context limit"), Gemini ("The input token count (…) exceeds the maximum number of tokens allowed"), xAI ("maximum
 * prompt length") and vLLM ("maximum context length") say it only in words.
 */
function isTooLong(failure: Failure): boolean {
  return names(failure, "context_length_exceeded") || says(failure, TOO_LONG);
}

const TOO_LONG =
  /\b(?:(?:maximum )?context[_ ](?:length|window|limit)|prompt is too long|maximum prompt length|input token count\b.{0,60}\bexceeds)\b/i;

/** The provider's own trouble, or the model's: any key may try again. */
export function providerDown(failure: Failure, rule: string): Verdict {
  return verdictOf(failure, rule, {
    kind: "provider_down",
    scope: "upstream",
    action: "retry",
    hint: hintOf(failure),
  });
}

/** The provider's own trouble with this very request: another attempt meets the same end. */
export function providerGaveUp(failure: Failure, rule: string): Verdict {
  return { ...providerDown(failure, rule), action: "answer" };
}

/** The provider refuses the address that we call from, whatever the key. */
export function egressRefused(failure: Failure, rule: string): Verdict {
  return { ...providerDown(failure, rule), scope: "egress" };
}

/** The same judgement, made by a status alone: it takes more than one answer. */
export function inconclusive(judge: FailureRule["judge"]): FailureRule["judge"] {
  return (failure, rule) => ({ ...judge(failure, rule), isConclusive: false });
}

/** Whether the error's code or type is one of these. */
export function names(failure: Failure, ...words: readonly string[]): boolean {
  return words.includes(failure.error.code) || words.includes(failure.error.type);
}

/** Whether the message (not the whole body, which may repeat the caller's text) matches. */
export function says(failure: Failure, pattern: RegExp): boolean {
  return pattern.test(failure.error.message);
}

/** A time that the provider stated, at most 31 days ahead: what lies beyond a day is probed meanwhile (core/deadline.ts). */
export function hintOf(failure: Failure): WaitHint | undefined {
  const { headers, vendor, nowMs } = failure.evidence;
  return waitHintOf(headers, failure.error, vendor, nowMs, MONTH_MS);
}

const MAX_REASON_CHARS = 200;

function verdictOf(failure: Failure, rule: string, parts: Parts): Verdict {
  const { kind, scope, action, isConclusive = true, hint } = parts;
  const reason = reasonOf(failure);
  const account = accountIn(failure.error.text);
  return {
    kind,
    scope,
    action,
    isConclusive,
    rule,
    ...(hint === undefined ? {} : hint),
    ...(reason === "" ? {} : { reason }),
    ...(account === undefined ? {} : { account }),
  };
}

function reasonOf({ error }: Failure): string {
  const said = error.message || error.code || error.type || error.status;
  // The first cut bounds the work; the second, after scrubbing, may not leave half a secret.
  const clean = scrub(said.slice(0, 4000), []).replace(/[\s\p{Cc}]+/gu, " ").trim();
  return clean.length <= MAX_REASON_CHARS ? clean : `${clean.slice(0, MAX_REASON_CHARS - 1).toWellFormed()}…`;
}

/** OpenAI and Groq write "in organization org-…", Google "projects/123" and "project_number:123". */
function accountIn(text: string): string | undefined {
  const organization = /\borganization[\s`'"]+(org[-_][A-Za-z0-9]+)/.exec(text)?.[1];
  if (organization !== undefined) return organization;
  const project = /\bprojects\/(\d+)/.exec(text)?.[1] ?? /\bproject_number:(\d+)/.exec(text)?.[1];
  return project === undefined ? undefined : `projects/${project}`;
}
