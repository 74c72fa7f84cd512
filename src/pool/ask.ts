import type { Strategy } from "../core/provider.ts";
import type { PoolEntry } from "./pool_key.ts";
import type { PoolCounts } from "./roster.ts";

/** Which key a request wants. */
export interface Ask {
  readonly model?: string;
  /** Ids of the keys that this request has tried: never given again. */
  readonly tried: readonly string[];
  /** Accounts none of whose keys is wanted. */
  readonly excludedAccounts?: readonly string[];
  /** No other key than this one: for tries by hand. */
  readonly onlyKeyId?: string;
  /** Instead of the provider's. */
  readonly strategy?: Strategy;
  /**
   * The asker would rather wait (`waitForKey`) than pass over an untested key that is full: so the first requests to a
   * pool of new keys are spread as evenly as all later ones.
   */
  readonly mayWait?: boolean;
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
  /** The full key whose turn it was: to be waited for. Only for asks that may wait. */
  readonly booked?: PoolEntry;
}
