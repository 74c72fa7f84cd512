import { DeadlineHeap } from "../core/deadline_heap.ts";
import {
  FRESH_HEALTH,
  isUntested,
  type KeyHealth,
  leaseLimit,
  modelRest,
  settleHealth,
} from "../core/health.ts";
import { type KeyTransition, transitionsOf } from "../core/key_transition.ts";
import type { ProviderPolicy } from "../core/provider.ts";
import { SlotSet } from "../core/slot_set.ts";
import { Lanes } from "./lanes.ts";
import { type PooledKey, PoolEntry } from "./pool_key.ts";

/** How many keys are in which state, and how many leases are out. A disabled key counts as disabled only. */
export interface PoolCounts {
  readonly total: number;
  readonly ready: number;
  readonly cooling: number;
  readonly exhausted: number;
  readonly rejected: number;
  readonly disabled: number;
  readonly inFlight: number;
}

/** A change of one key's state. */
export interface PoolTransition {
  readonly keyId: string;
  readonly transition: KeyTransition;
}

const MAX_TRANSITIONS = 2000;

/** The keys of a pool in their states, with every index over them kept true on each change. */
export class Roster {
  readonly lanes: Lanes;
  /** Slots that are ready but full. Never more than there are leases. */
  readonly busy = new SlotSet();
  /** How many stand in the lanes although they are full. */
  fullOffers = 0;
  /** Ends of the rests of enabled keys. */
  readonly dues = new DeadlineHeap<PoolEntry>();
  /** Another number whenever a key has become free, or has changed its state. */
  revision = 0;
  readonly #entries = new Map<string, PoolEntry>();
  readonly #bySlot: (PoolEntry | undefined)[] = [];
  readonly #freeSlots: number[] = [];
  readonly #accounts = new Map<string, Set<PoolEntry>>();
  readonly #changed = new Set<PoolEntry>();
  #transitions: PoolTransition[] = [];
  readonly #counts = { ready: 0, cooling: 0, exhausted: 0, rejected: 0, disabled: 0 };
  #policy: ProviderPolicy;

  constructor(policy: ProviderPolicy, random: () => number) {
    this.#policy = policy;
    this.lanes = new Lanes(random);
  }

  get size(): number {
    return this.#entries.size;
  }

  get(id: string): PoolEntry | undefined {
    return this.#entries.get(id);
  }

  atSlot(slot: number): PoolEntry | undefined {
    return this.#bySlot[slot];
  }

  entries(): MapIterator<PoolEntry> {
    return this.#entries.values();
  }

  /** All keys of its account, itself included. */
  sharers(entry: PoolEntry): Iterable<PoolEntry> {
    const { account } = entry.key;
    return (account === undefined ? undefined : this.#accounts.get(account)) ?? [entry];
  }

  counts(inFlight: number): PoolCounts {
    return { total: this.#entries.size, ...this.#counts, inFlight };
  }

  /** When the next rest ends, of a key or for a model, or `Infinity`. */
  get nextDueMs(): number {
    return Math.min(this.dues.nextDueMs, this.lanes.nextDueMs);
  }

  set(key: PooledKey, nowMs: number): PoolEntry {
    const known = this.#entries.get(key.id);
    if (known === undefined) return this.#add(key, nowMs);
    this.revision++;
    this.#unindex(known);
    known.key = key;
    this.#index(known);
    this.withdraw(known);
    this.place(known, known.health, nowMs);
    return known;
  }

  remove(entry: PoolEntry): void {
    this.revision++;
    this.withdraw(entry);
    this.#unindex(entry);
    this.#entries.delete(entry.key.id);
    this.#changed.delete(entry);
    this.dues.delete(entry);
    this.busy.delete(entry.slot);
    this.lanes.forget(entry.slot);
    this.#bySlot[entry.slot] = undefined;
    this.#freeSlots.push(entry.slot);
    entry.slot = -1;
  }

  /**
   * Gives the key this health, as it stands at `nowMs`, and puts it where it then belongs. What is only told by others,
   * or was stored, is no news for its history.
   */
  place(entry: PoolEntry, unsettled: KeyHealth, nowMs: number, isNews = true): void {
    const health = settleHealth(unsettled, nowMs);
    const before = entry.health;
    const { key } = entry;
    if (before.state !== health.state) this.revision++;
    if (before !== health) {
      if (isNews) this.#note(entry, before, health, nowMs);
      this.#counts[stateOf(entry)]--;
      entry.health = health;
      this.#counts[stateOf(entry)]++;
      this.#changed.add(entry);
    }
    if (key.isEnabled && health.state !== "ready" && health.untilMs !== undefined) {
      this.dues.set(entry, health.untilMs);
    } else this.dues.delete(entry);
    this.#placeModels(entry, before, nowMs);
    this.refresh(entry);
  }

  /** Puts the key in or out of the lanes, after a change of its leases or of its health. */
  refresh(entry: PoolEntry): void {
    const { key, health, slot } = entry;
    if (slot < 0) return;
    const isUsable = key.isEnabled && health.state === "ready";
    const isFull = entry.inFlight >= leaseLimit(health, this.#policy);
    // An untested key keeps its turns while it is full: whoever may wait, waits for it.
    const isOffered = isUsable && (!isFull || isUntested(health));
    if (entry.isFull && !isFull) this.revision++;
    if (isOffered && !entry.isOffered) {
      this.lanes.offer(slot, entry);
      this.revision++;
    } else if (!isOffered && entry.isOffered) this.lanes.withdraw(slot);
    this.#countFullOffer(entry, isOffered, isFull);
    if (isUsable && isFull) this.busy.add(slot);
    else if (this.busy.size > 0) this.busy.delete(slot);
  }

  /** Takes the key out of the lanes until the next `refresh()`, which lets it join with the traits it then has. */
  withdraw(entry: PoolEntry): void {
    if (entry.isOffered) this.lanes.withdraw(entry.slot);
    this.#countFullOffer(entry, false, entry.isFull);
  }

  /** Ends the rests that are over at `nowMs`; gives whether there were any. */
  settleDue(nowMs: number): boolean {
    if (nowMs < this.dues.nextDueMs && nowMs < this.lanes.nextDueMs) return false;
    for (;;) {
      const entry = this.dues.takeDue(nowMs);
      if (entry === undefined) break;
      this.place(entry, entry.health, nowMs);
    }
    if (this.lanes.endDueRests(nowMs)) this.revision++;
    return true;
  }

  markChanged(entry: PoolEntry): void {
    this.#changed.add(entry);
  }

  /** What changed since the last call. */
  takeChanged(): PoolEntry[] {
    const changed = [...this.#changed];
    this.#changed.clear();
    return changed;
  }

  /** What became of the states of keys since the last call, in its order. */
  takeTransitions(): readonly PoolTransition[] {
    const taken = this.#transitions;
    this.#transitions = [];
    return taken;
  }

  setPolicy(policy: ProviderPolicy): void {
    this.#policy = policy;
    for (const entry of this.#entries.values()) this.refresh(entry);
  }

  #add(key: PooledKey, nowMs: number): PoolEntry {
    const slot = this.#freeSlots.pop() ?? this.#bySlot.length;
    const entry = new PoolEntry(key, slot, FRESH_HEALTH);
    this.#bySlot[slot] = entry;
    this.#entries.set(key.id, entry);
    this.#index(entry);
    this.place(entry, FRESH_HEALTH, nowMs);
    return entry;
  }

  #note(entry: PoolEntry, before: KeyHealth, health: KeyHealth, nowMs: number): void {
    // More than this between two takings is a storm, of which the beginning tells enough.
    if (this.#transitions.length >= MAX_TRANSITIONS) return;
    for (const transition of transitionsOf(before, health, nowMs)) {
      this.#transitions.push({ keyId: entry.key.id, transition });
    }
  }

  #countFullOffer(entry: PoolEntry, isOffered: boolean, isFull: boolean): void {
    if (entry.isOffered && entry.isFull) this.fullOffers--;
    entry.isOffered = isOffered;
    entry.isFull = isFull;
    if (isOffered && isFull) this.fullOffers++;
  }

  #index(entry: PoolEntry): void {
    this.#counts[stateOf(entry)]++;
    const { account } = entry.key;
    if (account === undefined) return;
    const sharers = this.#accounts.get(account);
    if (sharers === undefined) this.#accounts.set(account, new Set([entry]));
    else sharers.add(entry);
  }

  #unindex(entry: PoolEntry): void {
    this.#counts[stateOf(entry)]--;
    const { account } = entry.key;
    const sharers = account === undefined ? undefined : this.#accounts.get(account);
    sharers?.delete(entry);
    if (account !== undefined && sharers?.size === 0) this.#accounts.delete(account);
  }

  #placeModels(entry: PoolEntry, before: KeyHealth, nowMs: number): void {
    const { health, key, slot } = entry;
    if (before.models !== health.models) {
      for (const model in before.models) {
        if (modelRest(health, model) === undefined) this.lanes.endRest(model, slot);
        this.revision++;
      }
    }
    // A key that cannot come back by itself must not promise to be ready for a model soon.
    const canReturn = key.isEnabled && (health.state === "ready" || health.untilMs !== undefined);
    for (const model in health.models) {
      const untilMs = modelRest(health, model)?.untilMs ?? 0;
      if (canReturn && untilMs > nowMs) this.lanes.rest(model, slot, untilMs);
      else this.lanes.endRest(model, slot);
    }
  }
}

function stateOf(entry: PoolEntry): "ready" | "cooling" | "exhausted" | "rejected" | "disabled" {
  return entry.key.isEnabled ? entry.health.state : "disabled";
}
