import { z } from "zod";

/** A million dollars for a million tokens is beyond any model: whoever writes more has mistaken the unit. */
const rate = z.number().int().min(0).max(1e15);

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

/** The price of a model as it is sent: whole nano-dollars for a million tokens. */
export const priceField = z.strictObject({
  ...rates,
  longPrompt: z.strictObject({ ...rates, aboveInputTokens: z.number().int().min(1) }).exactOptional(),
});
