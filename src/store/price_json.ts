import { z } from "zod";
import type { ModelPrice, ModelPrices } from "../core/price.ts";

const rate = z.number();

const rates = {
  inputNanoPerMillion: rate,
  outputNanoPerMillion: rate,
  cachedNanoPerMillion: rate.exactOptional(),
  cacheWriteNanoPerMillion: rate.exactOptional(),
  cacheWriteHourNanoPerMillion: rate.exactOptional(),
  reasoningNanoPerMillion: rate.exactOptional(),
  audioInputNanoPerMillion: rate.exactOptional(),
  audioOutputNanoPerMillion: rate.exactOptional(),
  imageInputNanoPerMillion: rate.exactOptional(),
  imageOutputNanoPerMillion: rate.exactOptional(),
};

/** As the third version of the schema stored it: whole nano-dollars a token. */
const perToken = z.object({
  inputNanoDollars: z.number(),
  outputNanoDollars: z.number(),
  cachedNanoDollars: z.number().exactOptional(),
}).transform(({ inputNanoDollars, outputNanoDollars, cachedNanoDollars }): ModelPrice => ({
  inputNanoPerMillion: inputNanoDollars * 1e6,
  outputNanoPerMillion: outputNanoDollars * 1e6,
  ...(cachedNanoDollars !== undefined && { cachedNanoPerMillion: cachedNanoDollars * 1e6 }),
}));

/** A stored price, in the present form or in that of the third version of the schema. */
export const storedPrice: z.ZodType<ModelPrice> = z.union([
  z.object({
    ...rates,
    longPrompt: z.object({ ...rates, aboveInputTokens: z.number() }).exactOptional(),
  }),
  perToken,
]);

export const storedPrices: z.ZodType<ModelPrices> = z.record(z.string(), storedPrice);
