import type { PricedModel } from "../core/price.ts";
import { PriceBook, type PricedProvider, type PriceVersion } from "../core/price_book.ts";

/** Models of one provider that are remembered with their price: names come from callers. */
const MAX_REMEMBERED = 1_000;

/** The prices that hold now, in memory: a look-up for each request. */
export class LivePrices {
  #versions: readonly PriceVersion[] = [];
  #book = new PriceBook([]);
  #found = new WeakMap<PricedProvider, Map<string, PricedModel | undefined>>();
  #untilMs = Infinity;

  /** Takes all versions that are stored. */
  set(versions: readonly PriceVersion[]): void {
    this.#versions = versions;
    this.#book = new PriceBook(versions);
    this.#forget(Infinity);
    // The next look-up finds out for how long its answers hold.
    this.#untilMs = -Infinity;
  }

  versions(): readonly PriceVersion[] {
    return this.#versions;
  }

  /** For prices of another moment. */
  book(): PriceBook {
    return this.#book;
  }

  /**
   * What a model, by the provider's own name of it, costs now; `undefined` when no price is known. A provider that was
   * changed is another object, so that what is remembered of it goes with it.
   */
  find(provider: PricedProvider, model: string, nowMs: number): PricedModel | undefined {
    if (nowMs >= this.#untilMs) this.#forget(this.#book.nextTurnMs(nowMs));
    let models = this.#found.get(provider);
    if (models === undefined || models.size > MAX_REMEMBERED) this.#found.set(provider, models = new Map());
    const known = models.get(model);
    if (known !== undefined || models.has(model)) return known;
    const found = this.#book.find(provider, model, nowMs);
    models.set(model, found);
    return found;
  }

  #forget(untilMs: number): void {
    this.#found = new WeakMap();
    this.#untilMs = untilMs;
  }
}
