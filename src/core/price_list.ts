import type { LongPromptRates, ModelPrice, ModelPrices, TokenRates } from "./price.ts";

/** Prices of one vendor as they were published, from a moment on. */
export interface PriceList {
  /** Kept beside every cost that was counted with it. */
  readonly version: string;
  readonly validFromMs: number;
  readonly prices: ModelPrices;
}

/** A price as it is published, and where. */
export interface PublishedPrice {
  readonly model: string;
  readonly price: ModelPrice;
  /** The page that it was read on. */
  readonly source: string;
  /** The day it was read, `2026-11-21`. */
  readonly readOn: string;
  /** The day from which it holds, where that was told; left out, it holds for all time before too. */
  readonly from?: string;
}

/** US dollars for a million tokens. */
export interface Dollars {
  readonly in: number;
  readonly out: number;
  readonly cached?: number;
  readonly write?: number;
  readonly writeHour?: number;
  readonly audioIn?: number;
}

/** Rates from dollars for a million tokens, as providers publish them. */
export function ratesOf(dollars: Dollars): TokenRates {
  return {
    inputNanoPerMillion: nano(dollars.in),
    outputNanoPerMillion: nano(dollars.out),
    ...(dollars.cached !== undefined && { cachedNanoPerMillion: nano(dollars.cached) }),
    ...(dollars.write !== undefined && { cacheWriteNanoPerMillion: nano(dollars.write) }),
    ...(dollars.writeHour !== undefined && { cacheWriteHourNanoPerMillion: nano(dollars.writeHour) }),
    ...(dollars.audioIn !== undefined && { audioInputNanoPerMillion: nano(dollars.audioIn) }),
  };
}

/** The same with the rates of prompts that are longer than `above` tokens. */
export function tieredRates(dollars: Dollars, above: number, long: Dollars): ModelPrice {
  const longPrompt: LongPromptRates = { ...ratesOf(long), aboveInputTokens: above };
  return { ...ratesOf(dollars), longPrompt };
}

/**
 * The lists of a vendor, the newest first: one for each day from which prices hold. `snapshots` are the ends of names
 * that mean a dated version of a model, as patterns: `-20*`.
 */
export function priceLists(
  vendor: string,
  published: readonly PublishedPrice[],
  snapshots: readonly string[],
): readonly PriceList[] {
  const days = [...new Set(published.map(({ from = "" }) => from))].sort().reverse();
  return days.map((day) => {
    const prices: Record<string, ModelPrice> = {};
    for (const { model, price, from = "" } of published) {
      if (from !== day) continue;
      prices[model] = price;
      for (const end of snapshots) prices[`${model}${end}`] = price;
    }
    const readOn = published.filter(({ from = "" }) =>
      from === day
    ).map((each) => each.readOn).sort().at(-1) ?? "";
    return {
      version: `${vendor}-${day === "" ? readOn : day}`,
      validFromMs: day === "" ? 0 : Date.parse(`${day}T00:00:00Z`),
      prices,
    };
  });
}

/** Rounded, because 0.0375 times a billion is not whole in binary. */
function nano(dollars: number): number {
  return Math.round(dollars * 1e9);
}
