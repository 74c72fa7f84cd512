import type { KeyHealth } from "../core/health.ts";
import type { Ticker } from "../core/watch.ts";
import type { KeyPool } from "../pool/key_pool.ts";
import type { LiveProvider } from "../pool/live_providers.ts";
import { chunksOf } from "../store/chunks.ts";
import {
  type HealthRecord,
  type KnownHealth,
  mergeRecord,
  SAVED_AT_ONCE,
  saveHealth,
  type StoredHealth,
} from "../store/health_store.ts";
import { setQuietly } from "./set_quietly.ts";
import { ToldRests } from "./told_rests.ts";

/**
 * What is to be saved of the health of keys, what is known of their records, and what the others are to be told.
 * One call at a time: each works on what is known of the records.
 */
export class HealthLedger {
  readonly #kv: Deno.Kv;
  readonly #ticker: Ticker;
  readonly #told = new ToldRests();
  /** Changed keys that are not saved yet, with their provider: a rejected one may never change again. */
  readonly #unsaved = new Map<string, string>();
  /** What this instance knows of the stored records. */
  readonly known: KnownHealth = new Map();
  /** Keys whose news is saved but not told yet, with their provider. */
  readonly untold = new Map<string, string>();

  constructor(kv: Deno.Kv, ticker: Ticker) {
    this.#kv = kv;
    this.#ticker = ticker;
  }

  /** This was stored when the instance started: everybody knows it. */
  noteLoaded({ keyId, health }: HealthRecord): void {
    this.#told.note(keyId, health);
  }

  /** What has changed since the last time and is news to others; the rest is left for its time. */
  takeNews({ provider: { id: providerId }, pool }: LiveProvider): HealthRecord[] {
    const nowMs = this.#ticker.now();
    const news: HealthRecord[] = [];
    for (const { id: keyId, health } of pool.drainChanges()) {
      if (this.#told.isNews(keyId, health, nowMs)) {
        this.#unsaved.delete(keyId);
        news.push({ providerId, keyId, health });
      } else this.#unsaved.set(keyId, providerId);
    }
    return this.#withEnds(pool, news);
  }

  /** What else has changed and what could not be saved before, as it stands now. */
  takeUnsaved({ provider: { id: providerId }, pool }: LiveProvider): HealthRecord[] {
    const records: HealthRecord[] = [];
    for (const [keyId, ofProvider] of this.#unsaved) {
      if (ofProvider !== providerId) continue;
      this.#unsaved.delete(keyId);
      const health = pool.healthOf(keyId);
      if (health !== undefined) records.push({ providerId, keyId, health });
    }
    return this.#withEnds(pool, records);
  }

  /**
   * Saves records that were taken, and gives their pool what others had written to them.
   * @throws {Error} when Deno KV cannot be written; what is not saved then is kept for `takeUnsaved()`.
   */
  async save(live: LiveProvider, records: readonly HealthRecord[]): Promise<void> {
    let savedCount = 0;
    try {
      for (const chunk of chunksOf(records, SAVED_AT_ONCE)) {
        const merged = await saveHealth(this.#kv, chunk, this.known);
        savedCount += chunk.length;
        this.#noteSaved(live, chunk, merged);
      }
    } finally {
      for (const { keyId, providerId } of records.slice(savedCount)) this.#unsaved.set(keyId, providerId);
    }
  }

  /** Takes stored records of a provider over into its pool. */
  absorb({ provider, pool }: LiveProvider, stored: readonly StoredHealth[]): void {
    const taken = new Map<string, KeyHealth>();
    for (const { keyId, health, versionstamp } of stored) {
      const known = this.known.get(keyId);
      const current = pool.healthOf(keyId);
      if (current === undefined || known?.versionstamp === versionstamp) continue;
      taken.set(keyId, mergeRecord(current, health, known?.usedCount));
      this.known.set(keyId, { versionstamp, usedCount: health.usedCount });
      this.#told.learn(keyId, health);
    }
    this.#take(provider.id, pool, taken);
  }

  forget(keyIds: readonly string[]): void {
    for (const keyId of keyIds) {
      this.#unsaved.delete(keyId);
      this.untold.delete(keyId);
      this.#told.forget(keyId);
    }
  }

  #noteSaved(
    { provider, pool }: LiveProvider,
    saved: readonly HealthRecord[],
    merged: readonly HealthRecord[],
  ): void {
    const nowMs = this.#ticker.now();
    const usedWhenSaved = new Map<string, number>();
    for (const { keyId, health } of saved) {
      usedWhenSaved.set(keyId, health.usedCount);
      if (this.#told.isNews(keyId, health, nowMs)) this.untold.set(keyId, provider.id);
      this.#told.note(keyId, health);
    }
    const taken = new Map<string, KeyHealth>();
    for (const { keyId, health } of merged) {
      this.#told.note(keyId, health);
      const current = pool.healthOf(keyId);
      // The key went on while its record was saved: what came since stands beside what others wrote.
      if (current !== undefined) taken.set(keyId, mergeRecord(current, health, usedWhenSaved.get(keyId)));
    }
    this.#take(provider.id, pool, taken);
  }

  /** The same records, and their keys in the pool, with a word about each rest that was ended (`ToldRests`). */
  #withEnds(pool: KeyPool, records: readonly HealthRecord[]): HealthRecord[] {
    const nowMs = this.#ticker.now();
    const ended = new Map<string, KeyHealth>();
    const marked = records.map((record) => {
      const health = this.#told.withEnds(record.keyId, record.health, nowMs);
      if (health !== record.health) ended.set(record.keyId, health);
      return health === record.health ? record : { ...record, health };
    });
    const [first] = records;
    if (first !== undefined) this.#take(first.providerId, pool, ended);
    return marked;
  }

  #take(providerId: string, pool: KeyPool, healths: ReadonlyMap<string, KeyHealth>): void {
    for (const keyId of setQuietly(pool, healths)) this.#unsaved.set(keyId, providerId);
  }
}
