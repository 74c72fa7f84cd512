import assert from "node:assert/strict";
import { costOf, findPrice, type ModelPrice } from "../../src/core/price.ts";
import type { TokenUsage } from "../../src/core/usage.ts";

const PRICE: ModelPrice = {
  inputNanoPerMillion: 2_500_000_000,
  outputNanoPerMillion: 10_000_000_000,
  cachedNanoPerMillion: 1_250_000_000,
};
const UNCACHED: ModelPrice = { inputNanoPerMillion: 2_500_000_000, outputNanoPerMillion: 10_000_000_000 };
const FREE: ModelPrice = { inputNanoPerMillion: 0, outputNanoPerMillion: 0 };
const DEAREST: ModelPrice = { inputNanoPerMillion: 1_000_000e9, outputNanoPerMillion: 1_000_000e9 };

const TINY: ModelPrice = { inputNanoPerMillion: 37_500_000, outputNanoPerMillion: 150_000_000 };
const CLAUDE: ModelPrice = {
  inputNanoPerMillion: 3_000_000_000,
  outputNanoPerMillion: 15_000_000_000,
  cachedNanoPerMillion: 300_000_000,
  cacheWriteNanoPerMillion: 3_750_000_000,
  cacheWriteHourNanoPerMillion: 6_000_000_000,
};
const MIXED: ModelPrice = {
  inputNanoPerMillion: 1_000_000,
  outputNanoPerMillion: 2_000_000,
  audioInputNanoPerMillion: 3_000_000,
  imageInputNanoPerMillion: 4_000_000,
  reasoningNanoPerMillion: 5_000_000,
  audioOutputNanoPerMillion: 6_000_000,
  imageOutputNanoPerMillion: 7_000_000,
  cachedNanoPerMillion: 8_000_000,
};
const LONG: ModelPrice = {
  inputNanoPerMillion: 1_000_000,
  outputNanoPerMillion: 3_000_000,
  longPrompt: { aboveInputTokens: 100, inputNanoPerMillion: 2_000_000, outputNanoPerMillion: 4_000_000 },
};

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
  ["free cached input", { inputTokens: 9, cachedTokens: 9 }, { ...PRICE, cachedNanoPerMillion: 0 }, 0],
  ["reasoning as the output that it is part of", { outputTokens: 9, reasoningTokens: 9 }, PRICE, 90_000],
  ["only input stated", { inputTokens: 4 }, PRICE, 10_000],
  ["only output stated", { outputTokens: 4 }, PRICE, 40_000],
  ["no tokens", { inputTokens: 0, outputTokens: 0 }, PRICE, 0],
  ["a free model", { inputTokens: 100, outputTokens: 20 }, FREE, 0],
  ["no usage", undefined, PRICE, undefined],
  ["usage without a count", { cachedTokens: 4 }, PRICE, undefined],
  ["no price", { inputTokens: 100, outputTokens: 20 }, undefined, undefined],
  ["neither of them", undefined, undefined, undefined],
  ["fractions of a nano-dollar a token", { inputTokens: 3 }, TINY, 113],
  ["fractions that a million tokens make whole", { inputTokens: 1e6, outputTokens: 1e6 }, TINY, 187_500_000],
  [
    "what is written to the cache, for minutes and for an hour, and what is read from it",
    { inputTokens: 100, cachedTokens: 10, cacheWriteTokens: 30, cacheWriteHourTokens: 20 },
    CLAUDE,
    60 * 3_000 + 10 * 300 + 10 * 3_750 + 20 * 6_000,
  ],
  [
    "audio, pictures and reasoning at rates of their own",
    {
      inputTokens: 100,
      outputTokens: 50,
      audioInputTokens: 10,
      imageInputTokens: 20,
      reasoningTokens: 5,
      audioOutputTokens: 6,
      imageOutputTokens: 7,
    },
    MIXED,
    70 * 1 + 10 * 3 + 20 * 4 + 32 * 2 + 5 * 5 + 6 * 6 + 7 * 7,
  ],
  ["no token twice", { inputTokens: 10, cachedTokens: 8, audioInputTokens: 8 }, MIXED, 8 * 8 + 2 * 3],
  ["a long prompt at its own rates", { inputTokens: 101, outputTokens: 1 }, LONG, 101 * 2 + 4],
  ["a prompt that is just not long", { inputTokens: 100, outputTokens: 1 }, LONG, 100 + 3],
  ["the last exact number", { inputTokens: 9_007_199 }, DEAREST, 9_007_199_000_000_000],
  ["beyond exact numbers", { inputTokens: 1e8, outputTokens: 1e8 }, DEAREST, Number.MAX_SAFE_INTEGER],
];

for (const [what, usage, price, cost] of COSTS) {
  Deno.test(cost === undefined ? `costOf() knows no cost for ${what}` : `costOf() counts ${what}`, () => {
    const counted = costOf(usage, price);

    assert.equal(counted, cost);
  });
}

const priceOf = (inputNanoPerMillion: number): ModelPrice => ({
  inputNanoPerMillion,
  outputNanoPerMillion: 0,
});

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

  const found = names.map((name) => findPrice(prices, name)?.inputNanoPerMillion);

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
