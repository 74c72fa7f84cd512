import type { Ticker, Watched } from "../core/watch.ts";
import type { Log } from "../log.ts";
import type { LiveProviders } from "../pool/live_providers.ts";
import type { PoolTransition } from "../pool/roster.ts";
import type { Database } from "../store/database.ts";
import { addKeyHistory, trimKeyHistory } from "../store/key_history_store.ts";

export interface KeyHistoryKeeperDeps {
  readonly db: Database;
  readonly live: LiveProviders;
  readonly ticker: Ticker;
  readonly log: Log;
}

/**
 * Writes down how the states of keys change, once a second and in batches: nothing of it is on the way of a request.
 * What cannot be written is dropped, because a history with a hole is better than a memory that grows.
 */
export class KeyHistoryKeeper implements Watched {
  dueMs = Infinity;
  watchSeat?: number;
  readonly #deps: KeyHistoryKeeperDeps;
  /** Entries since the key was trimmed last. */
  readonly #added = new Map<string, number>();
  #last: Promise<void> = Promise.resolve();
  #isClosed = false;
  #isFailing = false;

  constructor(deps: KeyHistoryKeeperDeps) {
    this.#deps = deps;
    this.#arm();
  }

  expire(): void {
    this.dueMs = Infinity;
    void this.save().then(() => this.#arm());
  }

  /** Writes what has come since the last time. */
  save(): Promise<void> {
    this.#last = this.#last.then(() => this.#saveOnce());
    return this.#last;
  }

  /** Writes once more and stops. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#deps.ticker.unwatch(this);
    await this.save();
  }

  #arm(): void {
    if (this.#isClosed) return;
    this.dueMs = this.#deps.ticker.now() + PERIOD_MS;
    this.#deps.ticker.watch(this);
  }

  async #saveOnce(): Promise<void> {
    const { db, live, log } = this.#deps;
    const observed = live.list().flatMap(({ pool }) => [...pool.drainTransitions()]);
    if (observed.length === 0) return;
    try {
      await addKeyHistory(db, observed);
      await trimKeyHistory(db, this.#takeLong(observed));
      this.#isFailing = false;
    } catch (error) {
      // The top of a background loop: told once, and tried again with what comes next.
      if (!this.#isFailing) log.error("key_history.failed", { error, entries: observed.length });
      this.#isFailing = true;
    }
  }

  /** The keys that have got many entries since they were trimmed. */
  #takeLong(observed: readonly PoolTransition[]): string[] {
    const long: string[] = [];
    for (const { keyId } of observed) {
      const added = (this.#added.get(keyId) ?? 0) + 1;
      if (added < TRIM_AFTER) this.#added.set(keyId, added);
      else {
        this.#added.delete(keyId);
        long.push(keyId);
      }
    }
    if (this.#added.size > MAX_COUNTED) this.#added.clear();
    return long;
  }
}

const PERIOD_MS = 1000;
const TRIM_AFTER = 50;
const MAX_COUNTED = 200_000;
