import { isFromEnvironment } from "../core/client_key.ts";
import type { Ticker, Watched } from "../core/watch.ts";
import type { Log } from "../log.ts";

/** When one client key was used last. */
export interface LastUse {
  readonly id: string;
  readonly lastUsedMs: number;
}

/** So late may be what is shown of it; a request never waits for the database. */
const PERIOD_MS = 5_000;

/** Remembers when each client key was used last, and writes that from time to time, all of it at once. */
export class LastUses implements Watched {
  readonly #write: (uses: readonly LastUse[]) => Promise<void>;
  readonly #ticker: Ticker;
  readonly #log: Log;
  #uses = new Map<string, number>();
  #writing: Promise<void> = Promise.resolve();
  /** When it is written next (the ticker reads it). */
  dueMs = Infinity;

  constructor(write: (uses: readonly LastUse[]) => Promise<void>, ticker: Ticker, log: Log) {
    this.#write = write;
    this.#ticker = ticker;
    this.#log = log;
  }

  /** Nothing of a caller without a client key, nor of one that is set in the environment and has no row. */
  note(clientKeyId: string | undefined, usedMs: number): void {
    if (clientKeyId === undefined || isFromEnvironment(clientKeyId)) return;
    if (this.#uses.size === 0) this.#arm();
    this.#uses.set(clientKeyId, usedMs);
  }

  /** The ticker calls this. */
  expire(): void {
    this.#writing = this.#writing.then(() => this.#writeOnce());
  }

  /** Writes what is left, and stops. */
  async close(): Promise<void> {
    this.#ticker.unwatch(this);
    this.expire();
    await this.#writing;
    this.#ticker.unwatch(this);
  }

  async #writeOnce(): Promise<void> {
    const uses = this.#uses;
    if (uses.size === 0) return;
    this.#uses = new Map();
    try {
      await this.#write([...uses].map(([id, lastUsedMs]) => ({ id, lastUsedMs })));
    } catch (error) {
      // Top of a background loop: what is not written is tried again, unless something later has come.
      this.#log.error("client_keys.last_use_failed", { error, clientKeys: uses.size });
      for (const [id, usedMs] of this.#uses) uses.set(id, usedMs);
      this.#uses = uses;
      this.#arm();
    }
  }

  #arm(): void {
    this.dueMs = this.#ticker.now() + PERIOD_MS;
    this.#ticker.watch(this);
  }
}
