import { type ClientLimits, hasLimits, type LimitName } from "../core/client_limits.ts";
import type { Ticker, Watched } from "../core/watch.ts";
import type { Log } from "../log.ts";
import { type Admission, type Estimate, type Refusal, UNLIMITED } from "./admission.ts";
import { ClientWindows } from "./client_windows.ts";
import { type SharedWindows, WindowLink } from "./window_link.ts";
import type { WindowState } from "./window_state.ts";

export interface LimiterOptions {
  readonly ticker: Ticker;
  readonly windows: SharedWindows;
  readonly log: Log;
  /** Names this instance among those that share the windows; another one after each start. */
  readonly instance: string;
}

/** A client key as far as its limits matter. */
export interface LimitedClientKey {
  readonly id: string;
  readonly limits?: ClientLimits;
}

const ROUND_MS = 500;
/** Without a request for so long, an instance gives back what it holds. */
const IDLE_MS = 1_500;
/** Well before a slice counts as lost. */
const RENEW_MS = 2_500;
/** A client key is forgotten so long after its last request: longer than its minute. */
const FORGET_MS = 120_000;
/** Exchanges that one round begins at most, so that requests in flight do not feel it. */
const MAX_ROUND_EXCHANGES = 100;

/**
 * Holds client keys to their limits, on all instances together: each takes slices of a window in advance and uses
 * them without asking, so that a request waits for Deno KV only when no slice is left. Slices that are not used go
 * back; those of an instance that is killed count as used. Concurrency is counted here alone.
 */
export class ClientLimiter implements Watched {
  readonly #ticker: Ticker;
  readonly #instance: string;
  readonly #link: WindowLink;
  readonly #clients = new Map<string, ClientWindows>();
  readonly #running = new Set<Promise<void>>();
  /** When the next round is due (the ticker reads it). */
  dueMs = Infinity;

  constructor({ ticker, windows, log, instance }: LimiterOptions) {
    this.#ticker = ticker;
    this.#instance = instance;
    this.#link = new WindowLink(windows, ticker, log);
  }

  /** Lets a request in, or not; a promise only when nothing is in hand. The one that is let in must be settled. */
  admit(
    clientKey: LimitedClientKey,
    estimate: Estimate,
  ): Admission | Refusal | Promise<Admission | Refusal> {
    const { limits } = clientKey;
    if (!hasLimits(limits)) return UNLIMITED;
    const nowMs = this.#ticker.now();
    const client = this.#clientOf(clientKey.id, limits);
    client.askedMs = nowMs;
    // The clock was set back: the next round is not to wait until it is there again.
    if (this.dueMs - nowMs > 2 * ROUND_MS) this.dueMs = nowMs + ROUND_MS;
    const result = client.admitNow(estimate, nowMs);
    if (result === undefined) {
      const waiting = client.wait(estimate);
      this.#exchange(client);
      return waiting;
    }
    if (client.isLow) this.#exchange(client);
    return result;
  }

  /**
   * `X-RateLimit-*` of the limit that is named, else of the requests a minute, else of the window of which least is
   * left. Reset: seconds until all of it is free again. No headers without such a limit.
   */
  headersFor(clientKey: LimitedClientKey, limit?: LimitName): (readonly [string, string])[] {
    const { limits } = clientKey;
    if (!hasLimits(limits)) return [];
    const states = this.#clientOf(clientKey.id, limits).states(this.#ticker.now());
    const state = states.find((each) => each.limit === limit) ??
      states.find((each) => each.limit === "requestsPerMinute") ?? tightest(states);
    if (state === undefined) return [];
    return [
      ["X-RateLimit-Limit", String(state.limitValue)],
      ["X-RateLimit-Remaining", String(state.remaining)],
      ["X-RateLimit-Reset", String(Math.ceil(state.resetMs / 1000))],
    ];
  }

  /** How the windows of a client key stand, as far as this instance knows; nothing of one that was not used lately. */
  statesOf(clientKeyId: string): WindowState[] {
    return this.#clients.get(clientKeyId)?.states(this.#ticker.now()) ?? [];
  }

  /** One round of what must be done from time to time (the ticker calls this). */
  expire(): void {
    const nowMs = this.#ticker.now();
    this.#run(this.#link.probe());
    let begun = 0;
    for (const client of this.#clients.values()) {
      if (begun >= MAX_ROUND_EXCHANGES) break;
      if (client.isExchanging) continue;
      const isIdle = nowMs - client.askedMs >= IDLE_MS;
      const isDue = isIdle || nowMs - client.exchangedMs >= RENEW_MS;
      if (isDue && (client.isOpen || (client.isOwing && !this.#link.isAlone))) {
        begun++;
        this.#exchange(client, isIdle);
      } else if (nowMs - client.askedMs > FORGET_MS && client.inFlight === 0 && !client.isOwing) {
        this.#clients.delete(client.id);
        this.#link.forget(client.id);
      }
    }
    this.#arm();
  }

  /** Tells what is not told yet and gives back what is held. Requests must be over. */
  async close(): Promise<void> {
    this.#ticker.unwatch(this);
    await this.#settled();
    for (const client of this.#clients.values()) {
      if (client.isOpen || client.isOwing) this.#exchange(client, true);
    }
    await this.#settled();
    this.#clients.clear();
    this.#ticker.unwatch(this);
  }

  #clientOf(id: string, limits: ClientLimits): ClientWindows {
    let client = this.#clients.get(id);
    if (client === undefined) {
      client = new ClientWindows(
        id,
        this.#instance,
        () => this.#ticker.now(),
        (each) => this.#exchange(each),
      );
      client.askedMs = this.#ticker.now();
      this.#clients.set(id, client);
      if (this.#clients.size === 1) this.#arm();
    }
    client.limits = limits;
    return client;
  }

  #arm(): void {
    if (this.#clients.size === 0) return;
    this.dueMs = this.#ticker.now() + ROUND_MS;
    this.#ticker.watch(this);
  }

  /** One exchange at a time for a client key; whoever comes meanwhile is in the next. */
  #exchange(client: ClientWindows, isIdle = false): void {
    if (client.isExchanging) return;
    client.isExchanging = true;
    this.#run(this.#exchangeAll(client, isIdle));
  }

  async #exchangeAll(client: ClientWindows, isIdle: boolean): Promise<void> {
    do {
      const exchange = client.begin(isIdle);
      client.conclude(
        exchange,
        await this.#link.exchange(client.id, exchange.ask, exchange.owed, client.seen),
      );
    } while (client.hasWaiting);
    client.isExchanging = false;
  }

  #run(work: Promise<void>): void {
    this.#running.add(work);
    work.finally(() => this.#running.delete(work));
  }

  async #settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }
}

function tightest(states: readonly WindowState[]): WindowState | undefined {
  const left = ({ remaining, limitValue }: WindowState) => remaining / Math.max(1, limitValue);
  return states.toSorted((a, b) => left(a) - left(b))[0];
}
