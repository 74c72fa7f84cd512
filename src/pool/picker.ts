import type { Strategy } from "../core/provider.ts";
import type { Ask, Shortage } from "./ask.ts";
import type { PoolEntry } from "./pool_key.ts";
import type { Roster } from "./roster.ts";

/** Finds the key for an ask in a roster, or why there is none. Changes nothing but whose turn it is. */
export class Picker {
  readonly #roster: Roster;

  constructor(roster: Roster) {
    this.#roster = roster;
  }

  /**
   * The key that is `booked`, as long as it may be used; else the next one. It may be full if the ask may wait, or
   * `isPatient`: then a busy key that has not failed will do when all else is taken.
   */
  pick(ask: Ask, strategy: Strategy, isPatient: boolean, booked?: PoolEntry): PoolEntry | undefined {
    const isAccepted = this.#filter(ask);
    if (booked !== undefined && booked.isOffered && this.#isFor(ask, booked.slot, isAccepted)) return booked;
    const mayBeFull = isPatient || ask.mayWait === true || this.#roster.fullOffers === 0;
    const accepts = mayBeFull ? isAccepted : this.#free(isAccepted);
    const slot = this.#roster.lanes.pick(strategy, ask.model, accepts);
    if (slot >= 0) return this.#roster.atSlot(slot);
    return isPatient ? this.#pickBusy(ask, accepts, true) : undefined;
  }

  /** Why there is none. Costs log n and the number of leases at most. */
  shortage(ask: Ask, inFlight: number): Shortage {
    const accepts = this.#filter(ask);
    const { dues, lanes } = this.#roster;
    const keyDueMs = accepts === undefined
      ? dues.nextDueMs
      : dues.nextDueWhere((entry) => accepts(entry.slot));
    const modelDueMs = ask.model === undefined ? Infinity : lanes.nextDueFor(ask.model, accepts ?? ANY);
    const readyAtMs = Math.min(keyDueMs, modelDueMs);
    const isBusy = this.#pickBusy(ask, accepts, false) !== undefined;
    const counts = this.#roster.counts(inFlight);
    const reason = isBusy ? "busy" : readyAtMs < Infinity ? "cooling" : "none";
    return readyAtMs < Infinity ? { reason, readyAtMs, counts } : { reason, counts };
  }

  #filter(ask: Ask): ((slot: number) => boolean) | undefined {
    const { tried, excludedAccounts, onlyKeyId } = ask;
    if (onlyKeyId !== undefined) {
      return (slot) => this.#roster.atSlot(slot)?.key.id === onlyKeyId && !tried.includes(onlyKeyId);
    }
    if (tried.length === 0 && (excludedAccounts === undefined || excludedAccounts.length === 0)) {
      return undefined;
    }
    return (slot) => {
      const key = this.#roster.atSlot(slot)?.key;
      if (key === undefined || tried.includes(key.id)) return false;
      return key.account === undefined || excludedAccounts === undefined ||
        !excludedAccounts.includes(key.account);
    };
  }

  #isFor(ask: Ask, slot: number, accepts: ((slot: number) => boolean) | undefined): boolean {
    return (accepts === undefined || accepts(slot)) &&
      (ask.model === undefined || !this.#roster.lanes.isRestingFor(ask.model, slot));
  }

  #free(accepts: ((slot: number) => boolean) | undefined): (slot: number) => boolean {
    return (slot) => this.#roster.atSlot(slot)?.isFull === false && (accepts === undefined || accepts(slot));
  }

  /** A ready key that has all the leases it may have; `mustBeClean` leaves out those that have failed. */
  #pickBusy(
    ask: Ask,
    accepts: ((slot: number) => boolean) | undefined,
    mustBeClean: boolean,
  ): PoolEntry | undefined {
    const { busy } = this.#roster;
    let slot = 0;
    for (let seen = 0; seen < busy.size; seen++) {
      slot = busy.nextFrom(slot);
      const entry = this.#roster.atSlot(slot);
      const isWanted = this.#isFor(ask, slot, accepts);
      if (isWanted && entry !== undefined && !(mustBeClean && entry.health.consecutiveFailures > 0)) {
        return entry;
      }
      slot++;
    }
    return undefined;
  }
}

const ANY = () => true;
