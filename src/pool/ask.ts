import type { Strategy } from "../core/provider.ts";
import type { PoolCounts } from "./roster.ts";

/** Which key a request wants. */
export interface Ask {
  readonly model?: string;
  /** Ids of the keys that this request has tried: never given again. */
  readonly tried: readonly string[];
  /** Accounts none of whose keys is wanted. */
  readonly excludedAccounts?: readonly string[];
  /** Instead of the provider's. */
  readonly strategy?: Strategy;
  /** Whose request it is: callers that wait take turns. */
  readonly clientKeyId?: string;
}

/**
 * Why there is no key for an ask: `busy`, one is ready but must prove itself in another request first; `cooling`,
 * one comes back at `readyAtMs` (ticker's clock; at the earliest); `none`, all are tried, rejected or disabled.
 */
export interface Shortage {
  readonly reason: "busy" | "cooling" | "none";
  readonly readyAtMs?: number;
  readonly counts: PoolCounts;
}
