import { findPrice, type ModelPrice, type PricedModel } from "./price.ts";
import type { PriceList } from "./price_list.ts";
import { SHIPPED_PRICES, shippedPricesOf } from "./price_table.ts";
import type { Provider } from "./provider.ts";

/** A price that the operator has set, for all providers or for one. It holds until a later one of the same does. */
export interface PriceVersion {
  readonly id: string;
  /** "" for every provider. */
  readonly providerId: string;
  /** A model's name at the provider, or a pattern with `*`. */
  readonly model: string;
  readonly validFromMs: number;
  /** `undefined` takes the price back: what is behind it counts again. */
  readonly price: ModelPrice | undefined;
  /** Where it comes from, in the operator's words. */
  readonly source: string;
  readonly createdAtMs: number;
}

/** A provider as its prices depend on it. */
export type PricedProvider = Pick<Provider, "id" | "vendor" | "baseUrl" | "prices">;

/**
 * All prices there are. A model's price is the provider's own (`Provider.prices`), else the operator's for that
 * provider, else the operator's for all, else the one that was shipped for its vendor.
 */
export class PriceBook {
  readonly #byProvider = new Map<string, readonly PriceVersion[]>();
  /** Moments at which a price begins, in order. */
  readonly #turns: readonly number[];

  constructor(versions: readonly PriceVersion[]) {
    for (const version of versions) {
      const { providerId } = version;
      this.#byProvider.set(providerId, [...this.#byProvider.get(providerId) ?? [], version]);
    }
    const listed = SHIPPED_PRICES.flatMap(({ lists }) => lists);
    const turns = new Set([...versions, ...listed].map(({ validFromMs }) => validFromMs));
    this.#turns = [...turns].sort((one, other) => one - other);
  }

  /** The price of a model at a moment; `undefined` when none is known, which is never zero. */
  find(provider: PricedProvider, model: string, atMs: number): PricedModel | undefined {
    const own = findPrice(provider.prices, model);
    if (own !== undefined) return { price: own, version: `own-${fingerprint(JSON.stringify(own))}` };
    return this.#findVersion(provider.id, model, atMs) ?? this.#findVersion("", model, atMs) ??
      findListed(shippedPricesOf(provider), model, atMs);
  }

  /** When a price changes next after a moment: `Infinity` for never. */
  nextTurnMs(afterMs: number): number {
    return this.#turns.find((turnMs) => turnMs > afterMs) ?? Infinity;
  }

  #findVersion(providerId: string, model: string, atMs: number): PricedModel | undefined {
    const current = new Map<string, PriceVersion>();
    for (const version of this.#byProvider.get(providerId) ?? []) {
      if (version.validFromMs > atMs) continue;
      const before = current.get(version.model);
      if (before === undefined || isLater(version, before)) current.set(version.model, version);
    }
    const prices: Record<string, ModelPrice> = {};
    for (const { model: name, price } of current.values()) if (price !== undefined) prices[name] = price;
    const price = findPrice(prices, model);
    if (price === undefined) return undefined;
    const version = [...current.values()].find((each) => each.price === price);
    return version && { price, version: version.id };
  }
}

function isLater(one: PriceVersion, other: PriceVersion): boolean {
  if (one.validFromMs !== other.validFromMs) return one.validFromMs > other.validFromMs;
  if (one.createdAtMs !== other.createdAtMs) return one.createdAtMs > other.createdAtMs;
  return one.id > other.id;
}

/** The shipped lists of a vendor, the newest that holds at the moment first; the oldest holds for all before it. */
function findListed(lists: readonly PriceList[], model: string, atMs: number): PricedModel | undefined {
  for (const { version, validFromMs, prices } of lists) {
    if (validFromMs > atMs) continue;
    const price = findPrice(prices, model);
    if (price !== undefined) return { price, version };
  }
  return undefined;
}

/** FNV-1a of 32 bits in hexadecimal. */
function fingerprint(text: string): string {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return (hash >>> 0).toString(16).padStart(8, "0");
}
