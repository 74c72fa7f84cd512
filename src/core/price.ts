import { compileNamePatterns, type NameTest } from "./name_pattern.ts";
import type { TokenUsage } from "./usage.ts";

/**
 * What a model's tokens cost: whole billionths of a US dollar for a million tokens. One dollar for a million tokens
 * is 1,000,000,000. What is left out costs what the whole does that it is a part of: cached tokens as other input.
 */
export interface TokenRates {
  readonly inputNanoPerMillion: number;
  readonly outputNanoPerMillion: number;
  /** Input that the provider read from its cache. */
  readonly cachedNanoPerMillion?: number;
  /** Input that the provider wrote to its cache. */
  readonly cacheWriteNanoPerMillion?: number;
  /** Input that is written to be kept for an hour; without it, as what is kept for five minutes. */
  readonly cacheWriteHourNanoPerMillion?: number;
  readonly reasoningNanoPerMillion?: number;
  readonly audioInputNanoPerMillion?: number;
  readonly audioOutputNanoPerMillion?: number;
  readonly imageInputNanoPerMillion?: number;
  readonly imageOutputNanoPerMillion?: number;
}

/** A model's rates, and the other ones of long prompts where the provider has such. */
export interface ModelPrice extends TokenRates {
  /** For the whole request, once its input is longer than that. */
  readonly longPrompt?: LongPromptRates;
}

export interface LongPromptRates extends TokenRates {
  readonly aboveInputTokens: number;
}

/** Prices by a model's name, or by a pattern with `*` for any characters. */
export type ModelPrices = Readonly<Record<string, ModelPrice>>;

/** A price, and which one it was: kept beside every cost that was counted at it. */
export interface PricedModel {
  readonly price: ModelPrice;
  readonly version: string;
}

/** The names of all rates. */
export const RATES = [
  "inputNanoPerMillion",
  "outputNanoPerMillion",
  "cachedNanoPerMillion",
  "cacheWriteNanoPerMillion",
  "cacheWriteHourNanoPerMillion",
  "reasoningNanoPerMillion",
  "audioInputNanoPerMillion",
  "audioOutputNanoPerMillion",
  "imageInputNanoPerMillion",
  "imageOutputNanoPerMillion",
] as const satisfies readonly (keyof TokenRates)[];

/**
 * What was used, in whole billionths of a US dollar, rounded once. `undefined`, and never zero, where no token count
 * or no price is known. More than a number holds exactly is that largest number.
 */
export function costOf(usage: TokenUsage | undefined, price: ModelPrice | undefined): number | undefined {
  if (usage === undefined || price === undefined) return undefined;
  if (usage.inputTokens === undefined && usage.outputTokens === undefined) return undefined;
  const { longPrompt } = price;
  const isLong = longPrompt !== undefined && (usage.inputTokens ?? 0) > longPrompt.aboveInputTokens;
  const rates = isLong ? longPrompt : price;
  // Tokens times a rate goes beyond exact numbers, so whole nano-dollars and their millionths are summed apart.
  let whole = 0;
  let millionths = 0;
  for (const { tokens, rate } of billedParts(usage, rates)) {
    whole += tokens * Math.floor(rate / MILLION);
    millionths += tokens * (rate % MILLION);
  }
  return Math.min(whole + Math.round(millionths / MILLION), Number.MAX_SAFE_INTEGER);
}

/** How many tokens are billed at which rate: each token once, however the provider reports its parts. */
export function billedParts(
  usage: TokenUsage,
  rates: TokenRates,
): { readonly tokens: number; readonly rate: number }[] {
  const { inputNanoPerMillion: input, outputNanoPerMillion: output } = rates;
  const { cacheWriteNanoPerMillion: write = input } = rates;
  const cacheWrites = usage.cacheWriteTokens ?? 0;
  const hourWrites = Math.min(usage.cacheWriteHourTokens ?? 0, cacheWrites);
  return [
    ...shared(usage.inputTokens ?? 0, input, [
      [usage.cachedTokens, rates.cachedNanoPerMillion],
      [hourWrites, rates.cacheWriteHourNanoPerMillion ?? write],
      [cacheWrites - hourWrites, write],
      [usage.audioInputTokens, rates.audioInputNanoPerMillion],
      [usage.imageInputTokens, rates.imageInputNanoPerMillion],
    ]),
    ...shared(usage.outputTokens ?? 0, output, [
      [usage.reasoningTokens, rates.reasoningNanoPerMillion],
      [usage.audioOutputTokens, rates.audioOutputNanoPerMillion],
      [usage.imageOutputTokens, rates.imageOutputNanoPerMillion],
    ]),
  ];
}

const MILLION = 1_000_000;

type Part = readonly [tokens: number | undefined, rate: number | undefined];

/** The whole at its rate, less the parts that have their own; together never more than the whole. */
function shared(whole: number, rate: number, parts: readonly Part[]): { tokens: number; rate: number }[] {
  let left = whole;
  const billed: { tokens: number; rate: number }[] = [];
  for (const [part = 0, own] of parts) {
    if (part <= 0 || own === undefined) continue;
    const tokens = Math.min(part, left);
    left -= tokens;
    billed.push({ tokens, rate: own });
  }
  billed.push({ tokens: left, rate });
  return billed;
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
