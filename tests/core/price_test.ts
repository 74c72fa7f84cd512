import assert from "node:assert/strict";
import { costOf, findPrice, type ModelPrice } from "../../src/core/price.ts";
import type { TokenUsage } from "../../src/core/usage.ts";

const PRICE: ModelPrice = { inputNanoDollars: 2_500, outputNanoDollars: 10_000, cachedNanoDollars: 1_250 };
const UNCACHED: ModelPrice = { inputNanoDollars: 2_500, outputNanoDollars: 10_000 };
const FREE: ModelPrice = { inputNanoDollars: 0, outputNanoDollars: 0 };
const DEAREST: ModelPrice = { inputNanoDollars: 1e9, outputNanoDollars: 1e9 };

const COSTS: readonly (readonly [
  what: string,
  usage: TokenUsage | undefined,
  price: ModelPrice | undefined,
  cost: number | undefined,
])[] = [
  ["input and output", { inputTokens: 100, outputTokens: 20 }, PRICE, 450_000],
  ["a million tokens", { inputTokens: 1e6, outputTokens: 1e6 }, PRICE, 12_500_000_000],
  ["cached input apart", { inputTokens: 100, outputTokens: 0, cachedTokens: 40 }, PRICE, 200_000],
  ["all input cached", { inputTokens: 100, cachedTokens: 100 }, PRICE, 125_000],
  ["cached input as any other without a price", { inputTokens: 100, cachedTokens: 40 }, UNCACHED, 250_000],
  ["no more cached input than input", { inputTokens: 10, cachedTokens: 40 }, PRICE, 12_500],
  ["free cached input", { inputTokens: 9, cachedTokens: 9 }, { ...PRICE, cachedNanoDollars: 0 }, 0],
  ["reasoning as the output that it is part of", { outputTokens: 9, reasoningTokens: 9 }, PRICE, 90_000],
  ["only input stated", { inputTokens: 4 }, PRICE, 10_000],
  ["only output stated", { outputTokens: 4 }, PRICE, 40_000],
  ["no tokens", { inputTokens: 0, outputTokens: 0 }, PRICE, 0],
  ["a free model", { inputTokens: 100, outputTokens: 20 }, FREE, 0],
  ["no usage", undefined, PRICE, undefined],
  ["usage without a count", { cachedTokens: 4 }, PRICE, undefined],
  ["no price", { inputTokens: 100, outputTokens: 20 }, undefined, undefined],
  ["neither of them", undefined, undefined, undefined],
  ["the last exact number", { inputTokens: 9_007_199 }, DEAREST, 9_007_199_000_000_000],
  ["beyond exact numbers", { inputTokens: 1e8, outputTokens: 1e8 }, DEAREST, Number.MAX_SAFE_INTEGER],
];

for (const [what, usage, price, cost] of COSTS) {
  Deno.test(cost === undefined ? `costOf() knows no cost for ${what}` : `costOf() counts ${what}`, () => {
    const counted = costOf(usage, price);

    assert.equal(counted, cost);
  });
}

const priceOf = (inputNanoDollars: number): ModelPrice => ({ inputNanoDollars, outputNanoDollars: 0 });

Deno.test("findPrice() takes the exact name before patterns, and the longest pattern before shorter ones", () => {
  const prices = {
    "*": priceOf(1),
    "gpt-*": priceOf(2),
    "gpt-5-mini*": priceOf(4),
    "gpt-5*": priceOf(3),
    "gpt-5": priceOf(5),
    "*-5.5": priceOf(6),
    "gpt*.5": priceOf(7),
  };
  const names = ["gpt-5", "gpt-5-mini-2026", "gpt-5-pro", "gpt-4o", "llama-4", "", "gpt-5.5", "GPT-5"];

  const found = names.map((name) => findPrice(prices, name)?.inputNanoDollars);

  assert.deepEqual(found, [5, 4, 3, 2, 1, 1, 3, 1]);
});

Deno.test("findPrice() takes of patterns of one length the one that is written first", () => {
  const one = { "a*": priceOf(1), "*z": priceOf(2) };
  const other = { "*z": priceOf(2), "a*": priceOf(1) };

  const found = [one, other].map((prices) => findPrice(prices, "az"));

  assert.deepEqual(found, [priceOf(1), priceOf(2)]);
});

Deno.test("findPrice() knows no price for a name that nothing matches, nor for members of every object", () => {
  const prices = { "gpt-*": priceOf(1), "claude": priceOf(2) };

  const found = ["", "claude-4", "agpt-5", "constructor", "__proto__"].map((name) => findPrice(prices, name));

  assert.deepEqual(found, [undefined, undefined, undefined, undefined, undefined]);
  assert.equal(findPrice({}, "gpt-5"), undefined);
});
