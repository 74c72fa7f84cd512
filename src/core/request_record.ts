import type { DialectName } from "./provider.ts";
import type { TokenUsage } from "./usage.ts";
import type { VerdictKind } from "./verdict.ts";

/** One try against one upstream, as it is recorded. */
export interface AttemptRecord {
  readonly providerId: string;
  readonly providerKeyId: string;
  readonly startedMs: number;
  readonly durationMs: number;
  /** `undefined` when no answer came. */
  readonly status: number | undefined;
  readonly kind: VerdictKind;
  /** The rule that decided, e.g. `status.429`. */
  readonly rule: string;
}

/** How a request ended for its caller. */
export type RequestOutcome = "succeeded" | "failed" | "refused" | "interrupted" | "client_gone";

/** One request, recorded once when it is over. Never a prompt, an answer or a credential. */
export interface RequestRecord {
  readonly id: string;
  readonly startedMs: number;
  readonly durationMs: number;
  /** From the request's arrival to the first byte of its answer; `undefined` when none was sent. */
  readonly firstByteMs: number | undefined;
  readonly dialect: DialectName;
  readonly clientKeyId: string | undefined;
  readonly model: string | undefined;
  /** What the caller got: 499 when it left before. */
  readonly status: number;
  readonly outcome: RequestOutcome;
  readonly attempts: readonly AttemptRecord[];
  readonly usage: TokenUsage | undefined;
}
