import type { Log } from "../log.ts";
import type { LiveProvider, LiveProviders } from "../pool/live_providers.ts";
import { deleteCursor, reserveCursor } from "../store/cursor_store.ts";
import {
  deleteHealth,
  type HealthRecord,
  type HealthVersions,
  loadHealth,
  saveHealth,
} from "../store/health_store.ts";

/**
 * Keeps what is known of the keys in Deno KV, so that a restart forgets no cooldown: all that changed since
 * the last time is written together, and what another instance wrote meanwhile is taken over.
 */
export class HealthKeeper {
  readonly #kv: Deno.Kv;
  readonly #live: LiveProviders;
  readonly #log: Log;
  readonly #versions: HealthVersions = new Map();
  readonly #cursors = new Map<string, number>();
  /** What could not be saved, by key id: a rejected key may never change again. */
  readonly #unsaved = new Map<string, HealthRecord>();
  readonly #periodMs: number;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #saving: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(kv: Deno.Kv, live: LiveProviders, log: Log, periodMs = 250) {
    this.#kv = kv;
    this.#live = live;
    this.#log = log;
    this.#periodMs = periodMs;
  }

  /** Gives the pools what is stored of their keys, and begins to save what changes. */
  async open(): Promise<void> {
    for (const { providerId, keyId, health } of await loadHealth(this.#kv, this.#versions)) {
      this.#live.findById(providerId)?.pool.setHealth(keyId, health);
    }
    for (const { provider, pool } of this.#live.list()) {
      const total = pool.counts().total;
      if (total > 0) pool.cursor = await reserveCursor(this.#kv, provider.id, 0) % total;
      this.#cursors.set(provider.id, pool.cursor);
      // What was just loaded is no change.
      pool.drainChanges();
    }
    this.#arm();
  }

  /** Saves what has changed; resolves when it is saved, or kept for the next time. */
  save(): Promise<void> {
    this.#saving = this.#saving.then(() => this.#saveOnce());
    return this.#saving;
  }

  /** Forgets keys that were removed from their pool; of a provider that is no more, the cursor too. */
  forget(providerId: string, keyIds: readonly string[]): Promise<void> {
    this.#saving = this.#saving.then(() => this.#forgetOnce(providerId, keyIds));
    return this.#saving;
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
      await this.save();
      this.#arm();
    }, this.#periodMs);
  }

  async #saveOnce(): Promise<void> {
    for (const live of this.#live.list()) {
      const changed = this.#takeChanged(live);
      if (changed.length === 0) continue;
      try {
        const merged = await saveHealth(this.#kv, changed, this.#versions);
        for (const { keyId, health } of merged) live.pool.setHealth(keyId, health);
        await this.#saveCursor(live);
      } catch (error) {
        // Top of a background loop: memory stays right, and the next save tries again.
        this.#log.error("health.save_failed", { error, keys: changed.length });
        for (const record of changed) this.#unsaved.set(record.keyId, record);
      }
    }
  }

  /** What has changed since the last time, and what could not be saved then. */
  #takeChanged({ provider, pool }: LiveProvider): HealthRecord[] {
    const providerId = provider.id;
    const changed = new Map<string, HealthRecord>();
    for (const [keyId, record] of this.#unsaved) {
      if (record.providerId !== providerId) continue;
      this.#unsaved.delete(keyId);
      if (pool.get(keyId) !== undefined) changed.set(keyId, record);
    }
    for (const { id, health } of pool.drainChanges()) {
      changed.set(id, { providerId, keyId: id, health });
    }
    return [...changed.values()];
  }

  async #forgetOnce(providerId: string, keyIds: readonly string[]): Promise<void> {
    for (const keyId of keyIds) this.#unsaved.delete(keyId);
    try {
      await deleteHealth(this.#kv, keyIds.map((keyId) => ({ providerId, keyId })), this.#versions);
      if (this.#live.findById(providerId) !== undefined) return;
      this.#cursors.delete(providerId);
      await deleteCursor(this.#kv, providerId);
    } catch (error) {
      // The keys are gone all the same: their records are dead weight, not a fault.
      this.#log.error("health.forget_failed", { error, keys: keyIds.length });
    }
  }

  /** Instances add what they took to one sum, so that each start goes on where all together stopped. */
  async #saveCursor({ provider, pool }: LiveProvider): Promise<void> {
    const total = pool.counts().total;
    const before = this.#cursors.get(provider.id) ?? 0;
    const taken = total === 0 ? 0 : ((pool.cursor - before) % total + total) % total;
    this.#cursors.set(provider.id, pool.cursor);
    if (taken > 0) await reserveCursor(this.#kv, provider.id, taken);
  }
}
