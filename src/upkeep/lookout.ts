import type { Ticker } from "../core/watch.ts";
import type { Log } from "../log.ts";
import { watchJournals } from "../store/journal.ts";
import { waitUntil } from "./wait.ts";

export interface LookoutDeps {
  readonly kv: Deno.Kv;
  readonly ticker: Ticker;
  readonly log: Log;
  /**
   * Whether Deno KV tells this process what others write: a server and Deno Deploy do, a file does not. Asking all
   * the time would be paid for there.
   */
  readonly isPushed: boolean;
  /** Looks what the other instances have written. Never rejects. */
  readonly look: () => Promise<void>;
}

/** Looks again and again what the other instances have written, so that each knows within a second. */
export class Lookout {
  readonly #deps: LookoutDeps;
  readonly #closing = new AbortController();
  #looking: Promise<void> = Promise.resolve();
  #following: Promise<void> = Promise.resolve();
  /** Whether news is being pushed at present, so that looking is only for safety. */
  #isFollowing = false;
  #reader: ReadableStreamDefaultReader<unknown> | undefined;
  readonly #next = { dueMs: Infinity, expire: () => this.#lookAgain() };

  constructor(deps: LookoutDeps) {
    this.#deps = deps;
  }

  open(): void {
    this.#arm();
    if (this.#deps.isPushed) this.#following = this.#follow();
  }

  /** Looks no more, and waits for the look that is under way. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#deps.ticker.unwatch(this.#next);
    // A stream that broke has nothing left to cancel.
    await this.#reader?.cancel().catch(() => undefined);
    await this.#following;
    await this.#looking;
  }

  #arm(): void {
    if (this.#closing.signal.aborted) return;
    this.#next.dueMs = this.#deps.ticker.now() + (this.#isFollowing ? SAFETY_MS : LOOK_MS);
    this.#deps.ticker.watch(this.#next);
  }

  #lookAgain(): void {
    this.#looking = this.#deps.look().then(() => this.#arm());
  }

  async #follow(): Promise<void> {
    const { kv, ticker, log } = this.#deps;
    while (!this.#closing.signal.aborted) {
      try {
        const reader = watchJournals(kv).getReader();
        this.#reader = reader;
        while (!(await reader.read()).done) {
          this.#isFollowing = true;
          await this.#deps.look();
        }
      } catch (error) {
        // Top of a background loop: until it can be followed again, looking often does the same.
        log.warn("instances.watch_broken", { error });
      }
      this.#isFollowing = false;
      this.#deps.ticker.unwatch(this.#next);
      this.#arm();
      await waitUntil(ticker, ticker.now() + SAFETY_MS, this.#closing.signal);
    }
  }
}

const LOOK_MS = 200;
/** How often it looks where news is pushed, and how long it waits before it follows again. */
const SAFETY_MS = 10_000;
