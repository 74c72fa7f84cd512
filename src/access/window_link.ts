import type { ClientLimits } from "../core/client_limits.ts";
import type { Ticker } from "../core/watch.ts";
import { spanOf, WINDOW_NAMES, type WindowName } from "../core/client_limits.ts";
import { countingUses, type Uses } from "../core/rate_window.ts";
import {
  EMPTY_RECORD,
  exchangeSlices,
  type SliceAnswer,
  type SliceAsk,
  type WindowRecord,
  type WindowUses,
} from "../core/window_slices.ts";
import type { Log } from "../log.ts";

/** The windows that all instances share: reads a record, lets `change` decide, writes, and asks anew on a conflict. */
export type SharedWindows = <T extends { readonly record: WindowRecord }>(
  clientKeyId: string,
  change: (record: WindowRecord) => T,
) => Promise<T>;

/** What this instance last knew of a client key. */
export interface Seen {
  readonly record: WindowRecord;
  readonly instances: number;
}

export interface Exchanged {
  readonly answer: SliceAnswer;
  /** Whether it was with the others, or alone with what was last known of them. */
  readonly isShared: boolean;
}

/** So long a request waits for the shared windows before it is judged by what is known here. */
const PATIENCE_MS = 1_000;
const PROBE_INTERVAL_MS = 1_000;
const MET_MS = 300_000;
/** No client key has this id. */
const PROBE_ID = "";

/**
 * The way to the shared windows. While they are out of reach the limits go on to hold, neither open nor closed:
 * each of the instances that were last seen allows its even share of what is left, and tells later what was used.
 */
export class WindowLink {
  readonly #shared: SharedWindows;
  readonly #ticker: Ticker;
  readonly #log: Log;
  /** By client key: our share, while we are alone. */
  readonly #alone = new Map<string, Seen>();
  #state: "shared" | "alone" | "probed" = "shared";
  #nextProbeMs = 0;
  /** The most instances that any client key met lately: the others may come to each of them. */
  #met = { instances: 1, atMs: -Infinity };
  #isProbing = false;

  constructor(shared: SharedWindows, ticker: Ticker, log: Log) {
    this.#shared = shared;
    this.#ticker = ticker;
    this.#log = log;
  }

  get isAlone(): boolean {
    return this.#state === "alone";
  }

  /** `owed` is what was used while we were alone. Never throws. */
  async exchange(clientKeyId: string, ask: SliceAsk, owed: WindowUses, seen: Seen): Promise<Exchanged> {
    if (this.#state !== "alone") {
      const answer = await this.#exchangeShared(clientKeyId, { ...ask, spent: joined(owed, ask.spent) });
      if (answer !== undefined) {
        this.#noteMet(answer);
        this.#alone.delete(clientKeyId);
        return { answer, isShared: true };
      }
    }
    const share = this.#alone.get(clientKeyId) ??
      shareOf(seen.record, Math.max(seen.instances, this.#met.instances), ask.limits, this.#ticker.now());
    const limits = divided(ask.limits, share.instances);
    const answer = exchangeSlices(share.record, { ...ask, limits }, this.#ticker.now());
    this.#alone.set(clientKeyId, { record: answer.record, instances: share.instances });
    return { answer: { ...answer, instances: share.instances }, isShared: false };
  }

  /** To be called from time to time: finds out whether the shared windows are back. */
  async probe(): Promise<void> {
    if (this.#state !== "alone" || this.#isProbing || this.#ticker.now() < this.#nextProbeMs) return;
    this.#isProbing = true;
    try {
      await this.#shared(PROBE_ID, (record) => ({ record }));
      this.#state = "probed";
    } catch {
      // Still out of reach, which is logged already.
      this.#nextProbeMs = this.#ticker.now() + PROBE_INTERVAL_MS;
    } finally {
      this.#isProbing = false;
    }
  }

  forget(clientKeyId: string): void {
    this.#alone.delete(clientKeyId);
  }

  #exchangeShared(clientKeyId: string, ask: SliceAsk): Promise<SliceAnswer | undefined> {
    return new Promise((resolve) => {
      let isGivenUp = false;
      const giveUp = (error: unknown) => {
        isGivenUp = true;
        this.#noteTrouble(error);
        resolve(undefined);
      };
      let looks = 0;
      const patience = {
        dueMs: this.#ticker.now() + PATIENCE_MS / 2,
        // Looked at twice: if this process itself stood still, the answer may just be about to be read.
        expire: () => {
          if (++looks === 2) return giveUp(new Error("Cannot share limits: Deno KV does not answer"));
          patience.dueMs = this.#ticker.now() + PATIENCE_MS / 2;
          this.#ticker.watch(patience);
        },
      };
      this.#ticker.watch(patience);
      this.#shared(clientKeyId, (record) => {
        const answer = exchangeSlices(record, ask, this.#ticker.now());
        // What comes too late must not be written: it is told again.
        return isGivenUp ? { ...answer, record } : answer;
      }).then((answer) => {
        this.#ticker.unwatch(patience);
        if (isGivenUp) return;
        this.#noteShared();
        resolve(answer);
      }, (error: unknown) => {
        this.#ticker.unwatch(patience);
        if (!isGivenUp) giveUp(error);
      });
    });
  }

  #noteMet({ instances, atMs }: SliceAnswer): void {
    if (instances >= this.#met.instances || atMs - this.#met.atMs > MET_MS) this.#met = { instances, atMs };
  }

  #noteTrouble(error: unknown): void {
    if (this.#state === "shared") this.#log.error("limits.alone", { error });
    this.#state = "alone";
    this.#nextProbeMs = this.#ticker.now() + PROBE_INTERVAL_MS;
  }

  #noteShared(): void {
    if (this.#state === "shared") return;
    this.#state = "shared";
    this.#log.info("limits.shared_again");
  }
}

/** Our part of what is left: uses and limits alike are divided by the instances. */
function shareOf(record: WindowRecord, instances: number, limits: ClientLimits, nowMs: number): Seen {
  const uses: { [name in WindowName]?: Uses } = {};
  for (const name of WINDOW_NAMES) {
    const limit = limits[name];
    if (limit === undefined) continue;
    uses[name] = countingUses(record.uses[name] ?? [], spanOf(name), limit, nowMs)
      .map(([untilMs, amount]) => [untilMs, amount / instances] as const);
  }
  return { record: { ...EMPTY_RECORD, uses }, instances };
}

function divided(limits: ClientLimits, instances: number): ClientLimits {
  const share: { [name in WindowName]?: number } = {};
  for (const name of WINDOW_NAMES) {
    const limit = limits[name];
    if (limit !== undefined) share[name] = limit < 1 ? 0 : Math.max(1, Math.floor(limit / instances));
  }
  return share;
}

function joined(owed: WindowUses, spent: WindowUses): WindowUses {
  const all: { [name in WindowName]?: Uses } = { ...spent };
  for (const name of WINDOW_NAMES) {
    const before = owed[name] ?? [];
    if (before.length > 0) all[name] = [...before, ...spent[name] ?? []];
  }
  return all;
}
