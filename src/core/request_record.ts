import type { DialectName } from "./provider.ts";
import type { TokenUsage, UsageSource } from "./usage.ts";
import type { Scope, VerdictKind } from "./verdict.ts";

/** One try against one upstream, as it is recorded. */
export interface AttemptRecord {
  readonly providerId: string;
  readonly providerKeyId: string;
  readonly startedMs: number;
  /** Up to the moment the attempt was judged: of a good answer its beginning, not its end. */
  readonly durationMs: number;
  /** `undefined` when no answer came. */
  readonly status: number | undefined;
  readonly kind: VerdictKind;
  /** The rule that decided, e.g. `status.429`. */
  readonly rule: string;
  /** What the verdict was about; left out, it is taken from the kind. */
  readonly scope?: Scope | undefined;
  /** Until when the verdict has set the provider key (or key and model) aside. */
  readonly untilMs?: number | undefined;
}

/** How a request ended for its caller. */
export type RequestOutcome = "succeeded" | "failed" | "refused" | "interrupted" | "client_gone";

/**
 * One request, recorded once when it is over. Never a prompt, an answer, an error's text, an address or a credential.
 * What may be left out is then counted as unknown.
 */
export interface RequestRecord {
  readonly id: string;
  readonly startedMs: number;
  readonly durationMs: number;
  /** From the request's arrival to the first byte of its answer; `undefined` when none was sent. */
  readonly firstByteMs: number | undefined;
  /** What the caller speaks. */
  readonly dialect: DialectName;
  /** What the provider that was asked last speaks, where the request was translated. */
  readonly upstreamDialect?: DialectName | undefined;
  readonly clientKeyId: string | undefined;
  /** Slug of the group that the request was sent to. */
  readonly groupSlug?: string | undefined;
  /** As the caller asked for it, aliases resolved. */
  readonly model: string | undefined;
  /** The name that the provider asked last has for it, where that is another one. */
  readonly providerModel?: string | undefined;
  /** Whether the answer came as a stream: only then `firstByteMs` is the time to the first token. */
  readonly isStream?: boolean | undefined;
  /** How long it waited for a provider key to be free, in all. */
  readonly waitedMs?: number | undefined;
  /** What the caller got: 499 when it left before. */
  readonly status: number;
  readonly outcome: RequestOutcome;
  readonly attempts: readonly AttemptRecord[];
  /** `undefined` when nothing is known of it; an estimate is told by `usageSource`. */
  readonly usage: TokenUsage | undefined;
  /** Left out: "reported" where there is a usage, else "none". */
  readonly usageSource?: UsageSource | undefined;
  /** Whole billionths of a US dollar; `undefined` when the price or the usage is not known, which is never zero. */
  readonly costNanoDollars?: number | undefined;
  /** Which price `costNanoDollars` was counted at (`PricedModel.version`). */
  readonly priceVersion?: string | undefined;
}
