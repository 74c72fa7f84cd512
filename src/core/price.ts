import { compileNamePatterns, type NameTest } from "./name_pattern.ts";
import type { TokenUsage } from "./usage.ts";

/**
 * What a model's tokens cost: whole billionths of a US dollar for each token. One dollar for a million tokens
 * is 1,000 of them.
 */
export interface ModelPrice {
  readonly inputNanoDollars: number;
  readonly outputNanoDollars: number;
  /** For input that the provider read from its cache; without it that costs as other input does. */
  readonly cachedNanoDollars?: number;
}

/** Prices by a model's name, or by a pattern with `*` for any characters. */
export type ModelPrices = Readonly<Record<string, ModelPrice>>;

/**
 * What was used, in whole billionths of a US dollar. `undefined`, and never zero, where no token count or no price is
 * known. More than a number holds exactly is that largest number.
 */
export function costOf(usage: TokenUsage | undefined, price: ModelPrice | undefined): number | undefined {
  if (usage === undefined || price === undefined) return undefined;
  const { inputTokens, outputTokens, cachedTokens = 0 } = usage;
  if (inputTokens === undefined && outputTokens === undefined) return undefined;
  const { inputNanoDollars, outputNanoDollars, cachedNanoDollars = inputNanoDollars } = price;
  const input = inputTokens ?? 0;
  const cached = Math.min(cachedTokens, input);
  const cost = (input - cached) * inputNanoDollars + cached * cachedNanoDollars +
    (outputTokens ?? 0) * outputNanoDollars;
  return Math.min(cost, Number.MAX_SAFE_INTEGER);
}

/** The price of a model: by its exact name, else by the longest pattern that matches; `undefined` without one. */
export function findPrice(prices: ModelPrices, model: string): ModelPrice | undefined {
  if (Object.hasOwn(prices, model)) return prices[model];
  let patterns = compiled.get(prices);
  if (patterns === undefined) compiled.set(prices, patterns = patternsOf(prices));
  return patterns.find(({ test }) => test(model))?.price;
}

interface PricePattern {
  readonly test: NameTest;
  readonly price: ModelPrice;
}

/** Prices are replaced as a whole, so that each set is compiled once. */
const compiled = new WeakMap<ModelPrices, readonly PricePattern[]>();

/** The longest first; of the same length the one that is written first. */
function patternsOf(prices: ModelPrices): readonly PricePattern[] {
  return Object.entries(prices)
    .filter(([name]) => name.includes("*"))
    .sort(([one], [other]) => other.length - one.length)
    .map(([name, price]) => ({ test: compileNamePatterns([name]), price }));
}
