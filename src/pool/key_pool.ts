import { exhaustQuota, type KeyHealth, releaseHealth, resetQuota, settleHealth } from "../core/health.ts";
import type { ProviderPolicy, Strategy } from "../core/provider.ts";
import type { Verdict } from "../core/verdict.ts";
import type { Ticker } from "../core/watch.ts";
import type { Ask, Shortage } from "./ask.ts";
import { Blame } from "./blame.ts";
import { Picker } from "./picker.ts";
import { Lease, type PooledKey, type PoolEntry } from "./pool_key.ts";
import { type PoolCounts, type PoolTransition, Roster } from "./roster.ts";
import { type KeySource, type KeyWait, WaitingRoom } from "./waiting_room.ts";

export type { Ask, Shortage } from "./ask.ts";

/** What a pool takes from its provider. */
export interface KeyPoolSettings {
  readonly strategy: Strategy;
  readonly policy: ProviderPolicy;
}

export interface KeyListing {
  readonly key: PooledKey;
  readonly health: KeyHealth;
  readonly inFlight: number;
}

/**
 * All keys of one provider and their live state. Synchronous and without I/O; the time comes from the ticker, deadlines
 * that have passed are noticed by the next call. Handing out a key takes the same time however many are resting.
 */
export class KeyPool {
  readonly #ticker: Ticker;
  readonly #roster: Roster;
  readonly #picker: Picker;
  readonly #blame: Blame;
  readonly #waiting: WaitingRoom;
  #strategy: Strategy;
  #policy: ProviderPolicy;
  #inFlight = 0;

  constructor(deps: KeyPoolSettings & { readonly ticker: Ticker; readonly random: () => number }) {
    this.#ticker = deps.ticker;
    this.#strategy = deps.strategy;
    this.#policy = deps.policy;
    this.#roster = new Roster(deps.policy, deps.random);
    this.#picker = new Picker(this.#roster);
    this.#blame = new Blame(this.#roster, deps.random);
    this.#waiting = new WaitingRoom(deps.ticker, this.#source());
  }

  /** Takes over changed settings of the provider; nothing that is known of the keys is lost. */
  configure(settings: KeyPoolSettings): void {
    this.#strategy = settings.strategy;
    this.#policy = settings.policy;
    this.#roster.setPolicy(settings.policy);
    this.#waiting.serve();
  }

  /** Adds the key, or replaces what the operator says of it; its health stays. */
  set(key: PooledKey): void {
    const entry = this.#roster.set(key, this.#now());
    this.#applyQuota(entry, key);
    this.#waiting.serve();
  }

  /** Removes the key; leases on it end as usual. Gives whether it was there. */
  remove(id: string): boolean {
    const entry = this.#roster.get(id);
    if (entry === undefined) return false;
    this.#roster.remove(entry);
    this.#waiting.serve();
    return true;
  }

  get(id: string): PooledKey | undefined {
    return this.#roster.get(id)?.key;
  }

  /** Holds the next key for one attempt. A lease must be released, whatever happens. */
  acquire(ask: Ask): Lease | Shortage {
    const nowMs = this.#now();
    return this.#take(ask, false, nowMs);
  }

  /**
   * Waits its turn for a key, until `untilMs` (ticker's clock) at the longest. Settles at once when no key can come
   * in time or too many wait. `result` never rejects; a lease that it gives must be released, even after `cancel()`.
   * `booked` is that of the shortage that `acquire()` gave.
   */
  waitForKey(ask: Ask, untilMs: number, booked?: PoolEntry): KeyWait {
    this.#now();
    return this.#waiting.enter(ask, untilMs, booked);
  }

  /**
   * Applies what an attempt has shown, as soon as it is known: at the first event of a stream, not at its end.
   * May be called again when more is known.
   */
  report(lease: Lease, verdict: Verdict): void {
    this.#judge(lease.entry, verdict, lease.model, lease.startedMs);
  }

  /** Applies what a check outside of any lease has shown. A success brings a rejected key back. */
  reportCheck(id: string, verdict: Verdict, model?: string): void {
    const entry = this.#roster.get(id);
    if (entry !== undefined) this.#judge(entry, verdict, model, undefined);
  }

  /** Ends the lease. Safe to call twice. */
  release(lease: Lease): void {
    if (lease.isReleased) return;
    lease.isReleased = true;
    lease.entry.inFlight--;
    this.#inFlight--;
    this.#roster.refresh(lease.entry);
    this.#waiting.serve();
  }

  counts(): PoolCounts {
    this.#now();
    return this.#roster.counts(this.#inFlight);
  }

  /** How things stand for requests of a model: a key that rests for it alone counts as cooling. */
  outlook(model: string | undefined): Shortage {
    this.#now();
    const ask = model === undefined ? { tried: [] } : { tried: [], model };
    const { counts, ...when } = this.#picker.shortage(ask, this.#inFlight);
    const ofModel = model === undefined ? 0 : this.#roster.lanes.restingCount(model);
    const resting = Math.min(counts.ready, ofModel);
    return {
      ...when,
      counts: { ...counts, ready: counts.ready - resting, cooling: counts.cooling + resting },
    };
  }

  /** Keys that are ready, but have all the requests that they may have now. */
  get busyCount(): number {
    return this.#roster.busy.size;
  }

  /** The models that keys rest for though they may be ready for others, each with how many and until when at least. */
  modelRests(): readonly { readonly model: string; readonly count: number; readonly nextDueMs: number }[] {
    this.#now();
    return this.#roster.lanes.restingModels();
  }

  /** How many requests wait for a key. */
  get waitingCount(): number {
    return this.#waiting.size;
  }

  /** Since when rejections are held against no key, because all keys seem to share their cause; or `undefined`. */
  get sharedCauseSinceMs(): number | undefined {
    return this.#blame.sharedCauseSinceMs;
  }

  healthOf(id: string): KeyHealth | undefined {
    const entry = this.#roster.get(id);
    return entry === undefined ? undefined : healthNow(entry, this.#now());
  }

  /** How many leases are out on this key. */
  inFlightOf(id: string): number {
    return this.#roster.get(id)?.inFlight ?? 0;
  }

  /** Takes over what was stored or what another instance knows. Unknown ids are ignored. */
  setHealth(id: string, health: KeyHealth): void {
    const entry = this.#roster.get(id);
    if (entry === undefined) return;
    entry.usedCount = health.usedCount;
    if (health.lastSuccessMs !== undefined) this.#blame.noteWorked();
    this.#roster.withdraw(entry);
    this.#roster.place(entry, health, this.#now(), false);
    this.#applyQuota(entry, entry.key);
    this.#waiting.serve();
  }

  /** A person's word that the key (or the key for this model) may be used again. */
  clearRest(id: string, model?: string): void {
    const entry = this.#roster.get(id);
    if (entry === undefined) return;
    const nowMs = this.#now();
    const released = releaseHealth(healthNow(entry, nowMs), nowMs, model);
    entry.usedCount = released.usedCount;
    this.#roster.place(entry, released, nowMs);
    this.#waiting.serve();
  }

  /** Begins a quota period: all use is zero, and what was used up is ready. Looks at every key. */
  resetUsage(): void {
    const nowMs = this.#now();
    for (const entry of this.#roster.entries()) {
      entry.usedCount = 0;
      this.#roster.place(entry, resetQuota(entry.health), nowMs);
    }
    this.#roster.lanes.reset();
    this.#waiting.serve();
  }

  /** The keys whose health or use has changed since the last call, for storing. */
  drainChanges(): { readonly id: string; readonly health: KeyHealth }[] {
    const nowMs = this.#now();
    return this.#roster.takeChanged().map((entry) => ({ id: entry.key.id, health: healthNow(entry, nowMs) }));
  }

  /** How the states of keys have changed since the last call, for their history. */
  drainTransitions(): readonly PoolTransition[] {
    return this.#roster.takeTransitions();
  }

  /** Shows every key as it stands, in the order in which they were added: 100,000 take a few milliseconds. */
  each(look: (listing: Readonly<KeyListing & { readonly usedCount: number }>) => void): void {
    this.#now();
    for (const entry of this.#roster.entries()) look(entry);
  }

  /** Where `round_robin` goes on, for storing. */
  get cursor(): number {
    return this.#roster.lanes.cursor;
  }

  set cursor(position: number) {
    this.#roster.lanes.cursor = position;
  }

  /** Keys in the order in which they were added. */
  entries(offset: number, limit: number): KeyListing[] {
    const nowMs = this.#now();
    return [...this.#roster.entries().drop(offset).take(limit)]
      .map((entry) => ({ key: entry.key, health: healthNow(entry, nowMs), inFlight: entry.inFlight }));
  }

  /** Tells those who wait that nothing comes any more. The pool itself holds nothing open. */
  close(): void {
    this.#waiting.close();
  }

  #source(): KeySource {
    const roster = this.#roster;
    return {
      take: (ask, isPatient, booked) => this.#take(ask, isPatient, this.#ticker.now(), booked),
      settleDue: (nowMs) => roster.settleDue(nowMs),
      get revision() {
        return roster.revision;
      },
      get nextDueMs() {
        return roster.nextDueMs;
      },
    };
  }

  /** The time; what was due by then has happened. */
  #now(): number {
    const nowMs = this.#ticker.now();
    if (this.#roster.settleDue(nowMs)) this.#waiting.serve();
    return nowMs;
  }

  #take(ask: Ask, isPatient: boolean, nowMs: number, booked?: PoolEntry): Lease | Shortage {
    const entry = this.#picker.pick(ask, ask.strategy ?? this.#strategy, isPatient, booked);
    if (entry === undefined) return this.#picker.shortage(ask, this.#inFlight);
    if (entry.isFull && !isPatient) {
      return { ...this.#picker.shortage(ask, this.#inFlight), reason: "busy", booked: entry };
    }
    const lease = new Lease(entry, ask.model, nowMs);
    entry.inFlight++;
    entry.usedCount++;
    this.#inFlight++;
    this.#roster.markChanged(entry);
    const { maxRequests } = entry.key;
    if (maxRequests !== undefined && entry.usedCount >= maxRequests) {
      this.#roster.place(entry, exhaustQuota(entry.health, nowMs), nowMs);
    } else this.#roster.refresh(entry);
    return lease;
  }

  #judge(entry: PoolEntry, verdict: Verdict, model: string | undefined, startedMs: number | undefined): void {
    if (entry.slot < 0) return;
    const nowMs = this.#now();
    const attempt = {
      nowMs,
      ...(model !== undefined && { model }),
      ...(startedMs !== undefined && { startedMs }),
    };
    if (this.#blame.apply(entry, verdict, attempt, this.#policy)) this.#waiting.serve();
  }

  #applyQuota(entry: PoolEntry, key: PooledKey): void {
    const nowMs = this.#ticker.now();
    const isUsedUp = key.maxRequests !== undefined && entry.usedCount >= key.maxRequests;
    const isExhausted = entry.health.state === "exhausted" && entry.health.source === "quota";
    if (isUsedUp === isExhausted) return;
    const health = isUsedUp ? exhaustQuota(entry.health, nowMs) : resetQuota(entry.health);
    this.#roster.place(entry, health, nowMs);
  }
}

/** With the use that only the entry counts. */
function healthNow(entry: PoolEntry, nowMs: number): KeyHealth {
  return { ...settleHealth(entry.health, nowMs), usedCount: entry.usedCount };
}
