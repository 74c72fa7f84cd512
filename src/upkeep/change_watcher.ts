import type { Ticker } from "../core/watch.ts";
import type { Log } from "../log.ts";
import { type Change, type ChangesSince, changesSince, noteChange } from "../store/change_store.ts";
import { journalEpoch } from "../store/journal.ts";
import { waitUntil } from "./wait.ts";

export interface ChangeWatcherDeps {
  readonly kv: Deno.Kv;
  readonly ticker: Ticker;
  readonly log: Log;
  /** Which of the instances that share the Deno KV this one is. */
  readonly instanceId: string;
  /** Takes what others have changed from the database into memory; rejects when it cannot, and is asked again. */
  readonly reload: (changes: ChangesSince["changes"]) => Promise<void>;
}

/** Tells the other instances what an operator has changed here, and learns what was changed there. */
export class ChangeWatcher {
  readonly #deps: ChangeWatcherDeps;
  #epoch = 0;
  /** Changes that could not be told yet. */
  #untold: Change[] = [];
  /** Telling never waits for a reload: that one may be waiting for the very change that is to be told. */
  #telling: Promise<void> = Promise.resolve();
  #learning: Promise<void> = Promise.resolve();
  #isFailing = false;

  constructor(deps: ChangeWatcherDeps) {
    this.#deps = deps;
  }

  /** To be called before the database is read at start: what is changed from then on is learned. */
  async open(): Promise<void> {
    this.#epoch = await journalEpoch(this.#deps.kv, "changes");
  }

  /**
   * Tells of a change that is committed. Resolves when it is told; when Deno KV is in trouble after two seconds,
   * and goes on trying: the change itself is not lost.
   */
  async note(change: Change): Promise<void> {
    if (change.ids.length === 0) return;
    this.#untold.push(change);
    await within(this.#deps.ticker, PATIENCE_MS, this.#tell());
  }

  /**
   * Learns what others have changed up to now; at once when they have changed nothing (one `kv.get`). Gives up
   * waiting after two seconds when Deno KV or the database is in trouble.
   */
  async catchUp(): Promise<void> {
    this.#learning = this.#learning.then(() => this.#guard(() => this.#learn()));
    await within(this.#deps.ticker, PATIENCE_MS, this.#learning);
  }

  /** Waits for what is under way. */
  async close(): Promise<void> {
    await within(this.#deps.ticker, PATIENCE_MS, Promise.all([this.#telling, this.#learning]));
  }

  /** What fails is logged once for each time of trouble, and tried again by the next call. */
  async #guard(act: () => Promise<void>): Promise<void> {
    try {
      await act();
      this.#isFailing = false;
    } catch (error) {
      if (!this.#isFailing) this.#deps.log.error("changes.share_failed", { error });
      this.#isFailing = true;
    }
  }

  #tell(): Promise<void> {
    this.#telling = this.#telling.then(() => this.#guard(() => this.#tellAll()));
    return this.#telling;
  }

  async #tellAll(): Promise<void> {
    for (let change = this.#untold[0]; change !== undefined; change = this.#untold[0]) {
      await noteChange(this.#deps.kv, this.#deps.instanceId, change);
      this.#untold.shift();
    }
  }

  async #learn(): Promise<void> {
    if (this.#untold.length > 0) await this.#tell();
    const { kv, instanceId, log, reload } = this.#deps;
    const { epoch, changes } = await changesSince(kv, instanceId, this.#epoch);
    if (changes === "everything" || changes.length > 0) {
      const counts = changes === "everything"
        ? { everything: true }
        : Object.fromEntries(changes.map(({ kind, ids }) => [kind, ids.length]));
      await reload(changes);
      log.info("changes.learned", counts);
    }
    this.#epoch = epoch;
  }
}

const PATIENCE_MS = 2_000;

/** Waits for work that never rejects, but not longer than this. */
async function within(ticker: Ticker, ms: number, work: Promise<unknown>): Promise<void> {
  const isOver = new AbortController();
  await Promise.race([work, waitUntil(ticker, ticker.now() + ms, isOver.signal)]);
  isOver.abort();
}
