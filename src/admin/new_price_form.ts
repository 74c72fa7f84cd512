import { z } from "zod";
import { priceField } from "./price_form.ts";
import { modelName } from "./provider_form.ts";
import { moment } from "./time_range.ts";

/** US dollars for a million tokens, as providers publish them. */
const dollars = z.number().min(0).max(1e6);

/** A new version of a price: in nano-dollars (`price`) or in dollars. */
export const newPriceForm = z.strictObject({
  model: modelName,
  /** Slug; left out, it is for every provider. */
  provider: z.string().exactOptional(),
  /** `null` takes the price back: what is behind it counts again. */
  price: priceField.nullable().exactOptional(),
  dollars: z.strictObject({
    in: dollars,
    out: dollars,
    cached: dollars.exactOptional(),
    write: dollars.exactOptional(),
    writeHour: dollars.exactOptional(),
    audioIn: dollars.exactOptional(),
  }).exactOptional(),
  /** Now, unless told; a moment in the past is for re-pricing. */
  validFrom: moment.exactOptional(),
  source: z.string().max(500).default(""),
});
