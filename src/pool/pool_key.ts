import type { KeyHealth } from "../core/health.ts";
import type { SlotTraits } from "../core/lane.ts";
import type { ProviderKey } from "../core/provider_key.ts";
import type { Secret } from "../core/secret.ts";

/** What a pool needs of a provider key, and room for its opened secret. */
export interface PooledKey
  extends
    Pick<ProviderKey, "id" | "isEnabled" | "weight" | "priority" | "account" | "maxRequests">,
    // What people look for keys by comes along, so that 100,000 are searched without the database.
    Partial<Pick<ProviderKey, "lastFour" | "tags" | "metadata" | "createdAtMs">> {
  /** The secret as it is stored; the pool never reads it. */
  readonly sealedSecret?: string;
  /** Opened by whoever uses it first; the pool never reads it. */
  secret?: Secret | undefined;
}

/** A key in its pool, with what the pool alone knows of it. Owned and changed by `Roster`. */
export class PoolEntry implements SlotTraits {
  key: PooledKey;
  health: KeyHealth;
  /** Its place in the lanes; -1 once it is removed. */
  slot: number;
  /** Requests in the quota period; newer than `health.usedCount`. */
  usedCount: number;
  inFlight = 0;
  /** Whether it stands in the lanes. */
  isOffered = false;
  /** Whether it has all the leases it may have (`leaseLimit`). */
  isFull = false;

  constructor(key: PooledKey, slot: number, health: KeyHealth) {
    this.key = key;
    this.slot = slot;
    this.health = health;
    this.usedCount = health.usedCount;
  }

  get weight(): number {
    return this.key.weight;
  }

  get priority(): number {
    return this.key.priority;
  }
}

/** One provider key held for one attempt, from `acquire()` to `release()`. */
export class Lease {
  readonly key: PooledKey;
  readonly model: string | undefined;
  readonly startedMs: number;
  /** The pool's own; not for callers. */
  readonly entry: PoolEntry;
  isReleased = false;

  constructor(entry: PoolEntry, model: string | undefined, startedMs: number) {
    this.entry = entry;
    this.key = entry.key;
    this.model = model;
    this.startedMs = startedMs;
  }
}
