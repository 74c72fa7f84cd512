import type { KeyHealth } from "./health.ts";
import type { Verdict } from "./verdict.ts";

/**
 * What a check of one provider key has shown: `accepted`, the provider knows the key; `rejected`, it refuses the key;
 * `failed`, nothing about the key (an outage, a limit, no request that would prove it).
 */
export type KeyCheckResult = "accepted" | "rejected" | "failed";

export interface KeyCheck {
  readonly keyId: string;
  readonly result: KeyCheckResult;
  readonly verdict: Verdict;
  /** As it stands after the check; `undefined` when the key was removed meanwhile. */
  readonly health: KeyHealth | undefined;
}

/** How far the check of many keys has come. */
export interface KeyCheckTally {
  readonly total: number;
  readonly checked: number;
  readonly accepted: number;
  readonly rejected: number;
  readonly failed: number;
}

/** The end of a check of a whole provider. */
export interface ProviderCheck extends KeyCheckTally {
  /** Whether every key was asked: not when it was cancelled, or given up because the provider is down. */
  readonly isComplete: boolean;
  /** The first hundred keys that were not accepted, with the reason for people. */
  readonly problems: readonly {
    readonly keyId: string;
    readonly result: KeyCheckResult;
    readonly rule: string;
    readonly reason: string | null;
  }[];
}
