import type { Ticker } from "../core/watch.ts";
import type { Log } from "../log.ts";
import type { LiveProvider, LiveProviders } from "../pool/live_providers.ts";
import { healthNotedSince, type KeyIdsOf, noteHealth } from "../store/health_journal.ts";
import {
  deleteHealth,
  type HealthRecord,
  listHealth,
  loadHealth,
  readHealth,
} from "../store/health_store.ts";
import { journalEpoch } from "../store/journal.ts";
import { CursorKeeper } from "./cursor_keeper.ts";
import { HealthLedger } from "./health_ledger.ts";

export interface HealthKeeperDeps {
  readonly kv: Deno.Kv;
  readonly live: LiveProviders;
  readonly ticker: Ticker;
  readonly log: Log;
  /** Which of the instances that share the Deno KV this one is. */
  readonly instanceId: string;
  /** How often it saves what others must know; 250 ms unless told. The rest is saved every fourth time. */
  readonly periodMs?: number;
}

/**
 * Keeps what is known of the keys in Deno KV, so that a restart forgets no cooldown, and shares it with the other
 * instances: rests that begin or end are written at once and told to the others, so that no amount of mere use
 * delays them; use follows within a second. What others tell is merged into the pools by `learn()` and not written
 * back.
 *
 * Use that is counted against `maxRequests` adds up: each instance adds what it counted to the record whenever it
 * saves. Until then it may give out what others have used up: at most their use of a second.
 */
export class HealthKeeper {
  readonly #deps: HealthKeeperDeps;
  readonly #ledger: HealthLedger;
  readonly #cursors: CursorKeeper;
  #epoch = 0;
  #beats = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** One thing at a time: each works on what is known of the records. */
  #last: Promise<void> = Promise.resolve();
  #isClosed = false;
  #isFailing = false;

  constructor(deps: HealthKeeperDeps) {
    this.#deps = deps;
    this.#ledger = new HealthLedger(deps.kv, deps.ticker);
    this.#cursors = new CursorKeeper(deps.kv);
  }

  /** Gives the pools what is stored of their keys, and begins to save what changes. */
  async open(): Promise<void> {
    const { kv, live } = this.#deps;
    // Before the records: what is told from now on is read again, and nothing is missed.
    this.#epoch = await journalEpoch(kv, "health");
    for (const record of await loadHealth(kv, this.#ledger.known)) {
      this.#ledger.noteLoaded(record);
      live.findById(record.providerId)?.pool.setHealth(record.keyId, record.health);
    }
    for (const each of live.list()) {
      await this.#cursors.load(each);
      // What was just loaded is no change.
      each.pool.drainChanges();
    }
    this.#arm();
  }

  /** Saves what has changed; resolves when it is saved, or kept for the next time. */
  save(): Promise<void> {
    return this.#inTurn(() => this.#saveOnce(true));
  }

  /** Takes over the rests that other instances have told of since the last time. */
  learn(): Promise<void> {
    return this.#inTurn(() => this.#learnOnce());
  }

  /** Takes over what is stored of keys that another instance has added. */
  learnKeys(keys: readonly KeyIdsOf[]): Promise<void> {
    return this.#inTurn(() => this.#read(keys));
  }

  /** Forgets keys that were removed from their pool; of a provider that is no more, the cursor too. */
  forget(providerId: string, keyIds: readonly string[]): Promise<void> {
    return this.#inTurn(() => this.#forgetOnce(providerId, keyIds));
  }

  /** Saves once more and stops. */
  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#timer !== undefined) clearTimeout(this.#timer);
    await this.save();
  }

  #arm(): void {
    if (this.#isClosed) return;
    this.#timer = setTimeout(async () => {
      const isForAll = ++this.#beats % BEATS_FOR_ALL === 0;
      await this.#inTurn(() => this.#saveOnce(isForAll));
      this.#arm();
    }, this.#deps.periodMs ?? PERIOD_MS);
  }

  /** Top of the background loops: trouble is logged once, memory stays right, and the next time tries again. */
  #inTurn(act: () => Promise<void>): Promise<void> {
    this.#last = this.#last.then(act).then(() => void (this.#isFailing = false), (error) => {
      if (!this.#isFailing) this.#deps.log.error("health.share_failed", { error });
      this.#isFailing = true;
    });
    return this.#last;
  }

  /** First what others must know, of all providers; then, when it is time for it, mere use. */
  async #saveOnce(isForAll: boolean): Promise<void> {
    const lives = this.#deps.live.list();
    for (const live of lives) await this.#trySave(live, this.#ledger.takeNews(live));
    await this.#tell();
    if (!isForAll) return;
    for (const live of lives) {
      await this.#trySave(live, this.#ledger.takeUnsaved(live));
      await this.#cursors.save(live);
    }
    await this.#tell();
  }

  async #trySave(live: LiveProvider, records: readonly HealthRecord[]): Promise<void> {
    try {
      await this.#ledger.save(live, records);
    } catch (error) {
      this.#deps.log.error("health.save_failed", { error, keys: records.length });
    }
  }

  async #tell(): Promise<void> {
    const { untold } = this.#ledger;
    if (untold.size === 0) return;
    const byProvider = Map.groupBy(untold, ([, providerId]) => providerId);
    const keys = [...byProvider].map(([providerId, pairs]) => ({
      providerId,
      keyIds: pairs.map(([keyId]) => keyId),
    }));
    await noteHealth(this.#deps.kv, this.#deps.instanceId, keys);
    untold.clear();
  }

  async #learnOnce(): Promise<void> {
    const { kv, instanceId, live } = this.#deps;
    const { epoch, keys } = await healthNotedSince(kv, instanceId, this.#epoch);
    if (keys !== "all") await this.#read(keys);
    else for (const each of live.list()) this.#ledger.absorb(each, await listHealth(kv, each.provider.id));
    this.#epoch = epoch;
  }

  async #read(keys: readonly KeyIdsOf[]): Promise<void> {
    for (const { providerId, keyIds } of keys) {
      const live = this.#deps.live.findById(providerId);
      if (live === undefined) continue;
      const pooled = keyIds.filter((keyId) => live.pool.get(keyId) !== undefined);
      this.#ledger.absorb(live, await readHealth(this.#deps.kv, providerId, pooled));
    }
  }

  async #forgetOnce(providerId: string, keyIds: readonly string[]): Promise<void> {
    const { kv, live, log } = this.#deps;
    this.#ledger.forget(keyIds);
    try {
      await deleteHealth(kv, keyIds.map((keyId) => ({ providerId, keyId })), this.#ledger.known);
      if (live.findById(providerId) === undefined) await this.#cursors.forget(providerId);
    } catch (error) {
      // The keys are gone all the same: their records are dead weight, not a fault.
      log.error("health.forget_failed", { error, keys: keyIds.length });
    }
  }
}

const PERIOD_MS = 250;
const BEATS_FOR_ALL = 4;
