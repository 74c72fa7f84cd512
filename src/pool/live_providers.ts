import type { Provider } from "../core/provider.ts";
import type { Ticker } from "../core/watch.ts";
import type { Verdict } from "../core/verdict.ts";
import { admitCall, admitLast, type Breaker, CLOSED_BREAKER, noteCall, upstreamSign } from "./breaker.ts";
import { KeyPool } from "./key_pool.ts";

/** A provider with what is alive of it: its pool of keys and the breaker of its upstream. */
export class LiveProvider {
  /** Replaced as a whole by each change; never edited. */
  provider: Provider;
  readonly pool: KeyPool;
  #breaker: Breaker = CLOSED_BREAKER;

  constructor(provider: Provider, pool: KeyPool) {
    this.provider = provider;
    this.pool = pool;
  }

  /** Asks for one call. When it is admitted, `note` must be told what became of it. */
  admit(nowMs: number): boolean {
    const { isAdmitted, breaker } = admitCall(this.#breaker, nowMs);
    this.#breaker = breaker;
    return isAdmitted;
  }

  /** The same for a call that no other provider could take: one at a time, though the breaker is open. */
  admitLast(nowMs: number): boolean {
    const { isAdmitted, breaker } = admitLast(this.#breaker, nowMs);
    this.#breaker = breaker;
    return isAdmitted;
  }

  /** What a call has shown of the upstream; `undefined` for one that was not made after all. */
  note(verdict: Verdict | undefined, nowMs: number): void {
    this.#breaker = noteCall(this.#breaker, verdict && upstreamSign(verdict), nowMs);
  }

  /** Until when no call is let through; `undefined` when calls are. */
  closedToCallsUntilMs(nowMs: number): number | undefined {
    const breaker = this.#breaker;
    if (breaker.state === "closed") return undefined;
    const untilMs = breaker.state === "open" ? breaker.untilMs : breaker.probeUntilMs;
    return untilMs > nowMs ? untilMs : undefined;
  }
}

/** All providers in memory: what requests are routed by. The stores hold the same for good. */
export class LiveProviders {
  readonly #bySlug = new Map<string, LiveProvider>();
  readonly #byId = new Map<string, LiveProvider>();
  readonly #ticker: Ticker;
  readonly #random: () => number;
  #ordered: readonly LiveProvider[] = [];

  constructor(ticker: Ticker, random: () => number) {
    this.#ticker = ticker;
    this.#random = random;
  }

  /** Adds the provider, or changes its settings; its keys and their health stay. */
  set(provider: Provider): LiveProvider {
    const known = this.#byId.get(provider.id);
    if (known !== undefined) {
      // Slugs that were exchanged through another instance come one after the other.
      if (this.#bySlug.get(known.provider.slug) === known) this.#bySlug.delete(known.provider.slug);
      known.provider = provider;
      known.pool.configure(provider);
    }
    const live = known ?? new LiveProvider(provider, this.#newPool(provider));
    this.#byId.set(provider.id, live);
    this.#bySlug.set(provider.slug, live);
    this.#order();
    return live;
  }

  delete(id: string): void {
    const known = this.#byId.get(id);
    if (known === undefined) return;
    this.#byId.delete(id);
    this.#bySlug.delete(known.provider.slug);
    this.#order();
  }

  find(slug: string): LiveProvider | undefined {
    return this.#bySlug.get(slug);
  }

  findById(id: string): LiveProvider | undefined {
    return this.#byId.get(id);
  }

  /** All, by priority and then by slug. */
  list(): readonly LiveProvider[] {
    return this.#ordered;
  }

  #newPool({ strategy, policy }: Provider): KeyPool {
    return new KeyPool({ strategy, policy, ticker: this.#ticker, random: this.#random });
  }

  #order(): void {
    this.#ordered = [...this.#byId.values()].sort((one, other) =>
      one.provider.priority - other.provider.priority || (one.provider.slug < other.provider.slug ? -1 : 1)
    );
  }
}
