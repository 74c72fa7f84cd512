import type { Log } from "../log.ts";
import type { LiveProvider, LiveProviders } from "../pool/live_providers.ts";
import { reserveCursor } from "../store/cursor_store.ts";
import { type HealthVersions, loadHealth, saveHealth } from "../store/health_store.ts";

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
      const providerId = live.provider.id;
      const changed = live.pool.drainChanges().map(({ id, health }) => ({ providerId, keyId: id, health }));
      if (changed.length === 0) continue;
      try {
        const merged = await saveHealth(this.#kv, changed, this.#versions);
        for (const { keyId, health } of merged) live.pool.setHealth(keyId, health);
        await this.#saveCursor(live);
      } catch (error) {
        // Top of a background loop: memory stays right, and each key is saved with its next change.
        this.#log.error("health.save_failed", { error, keys: changed.length });
      }
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
