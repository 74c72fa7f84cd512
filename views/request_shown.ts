import type { RequestOutcome } from "../src/core/request_record.ts";
import type { Scope, VerdictKind } from "../src/core/verdict.ts";
import type { Tone } from "./parts/badge.tsx";
import type { View } from "./view.ts";

/** One try of a request, as its page shows it. */
export interface AttemptShown {
  /** Slug; `null` when it is no more. */
  readonly provider: string | null;
  readonly providerId: string;
  readonly providerKeyId: string;
  /** Last four characters; `null` when the key is no more. */
  readonly providerKey: string | null;
  readonly startedMs: number;
  readonly durationMs: number;
  readonly status: number | null;
  readonly verdict: VerdictKind;
  readonly scope: Scope;
  readonly rule: string;
  readonly untilMs: number | null;
}

/** A request of the log, or one that was just sent. */
export interface RequestShown {
  readonly id: string;
  readonly startedMs: number;
  readonly durationMs: number;
  readonly firstByteMs: number | null;
  readonly waitedMs: number;
  readonly dialect: string;
  readonly upstreamDialect: string | null;
  readonly isStream: boolean;
  readonly clientKeyId: string | null;
  readonly clientKey: string | null;
  readonly group: string | null;
  readonly model: string | null;
  readonly providerModel: string | null;
  readonly status: number;
  readonly outcome: RequestOutcome;
  readonly usageSource: string;
  readonly usage: Readonly<Record<string, number>> | null;
  readonly costNanoDollars: number | null;
  readonly priceVersion: string | null;
  readonly attempts: readonly AttemptShown[];
}

/** A page of the log. */
export interface LogShown {
  readonly requests: readonly RequestShown[];
  readonly next: number | null;
  /** Up to where the log was searched, when that was not to its end. */
  readonly searchedToMs: number | null;
  readonly logged: number;
}

export const OUTCOME_TONES: Readonly<Record<RequestOutcome, Tone>> = {
  succeeded: "good",
  failed: "bad",
  refused: "wait",
  interrupted: "bad",
  client_gone: "off",
};

export const VERDICT_TONES: Readonly<Record<VerdictKind, Tone>> = {
  succeeded: "good",
  ok_empty: "good",
  key_dead: "bad",
  key_limited: "wait",
  key_exhausted: "wait",
  model_denied: "wait",
  request_too_big_for_key: "wait",
  request_bad: "bad",
  provider_down: "bad",
  client_gone: "off",
};

/** A provider key as people tell it from others: `openai …4f2a`. */
export function keyLabel(view: View, { provider, providerKey, providerKeyId }: AttemptShown): string {
  const { requests: texts } = view.messages;
  const ending = providerKeyId === ""
    ? texts.noKey
    : providerKey === null
    ? texts.deletedKey
    : `…${providerKey}`;
  return `${provider ?? texts.deletedProvider} ${ending}`;
}

/** The rule that decided, in words: `openai.rate_limit_exceeded` and the like. */
export function ruleText({ messages }: View, rule: string): string {
  const { rules } = messages.requests;
  const [, what = ""] = rule.split(".", 2);
  const words: Readonly<Record<string, string>> = rules.known;
  const known = Object.hasOwn(words, rule) ? words[rule] : undefined;
  if (known !== undefined) return known;
  const status = /^(\d(?:\d\d|xx))/.exec(what)?.[1];
  if (status !== undefined) return rules.status(status);
  return rules.error(what.replaceAll("_", " "));
}
