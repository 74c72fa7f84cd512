import type { LiveProvider } from "../pool/live_providers.ts";
import { deleteCursor, reserveCursor } from "../store/cursor_store.ts";

/**
 * Where `round_robin` goes on after a start. Each instance goes round by itself, which gives every key its even
 * share of each, and so of all; what all together took is one sum, so that a start goes on where they stopped.
 */
export class CursorKeeper {
  readonly #kv: Deno.Kv;
  readonly #saved = new Map<string, number>();

  constructor(kv: Deno.Kv) {
    this.#kv = kv;
  }

  async load({ provider, pool }: LiveProvider): Promise<void> {
    const total = pool.counts().total;
    if (total > 0) pool.cursor = await reserveCursor(this.#kv, provider.id, 0) % total;
    this.#saved.set(provider.id, pool.cursor);
  }

  async save({ provider, pool }: LiveProvider): Promise<void> {
    const total = pool.counts().total;
    const before = this.#saved.get(provider.id) ?? 0;
    const taken = total === 0 ? 0 : ((pool.cursor - before) % total + total) % total;
    this.#saved.set(provider.id, pool.cursor);
    if (taken > 0) await reserveCursor(this.#kv, provider.id, taken);
  }

  async forget(providerId: string): Promise<void> {
    this.#saved.delete(providerId);
    await deleteCursor(this.#kv, providerId);
  }
}
