import { z } from "zod";
import { SHIPPED_PRICES } from "../core/price_table.ts";
import { priceAnswer } from "./price_view.ts";

/** A price that was shipped with the program, with its page. */
export const shippedAnswer = z.object({
  vendor: z.string(),
  model: z.string(),
  price: priceAnswer,
  source: z.string(),
  readOn: z.string(),
  from: z.string().nullable(),
});

/** What of the shipped prices is asked for. */
export interface ShippedFilter {
  readonly model?: string;
  /** Part of the model's name. */
  readonly q?: string;
  readonly vendor?: string;
}

/** The names under which vendors' prices were shipped. */
export const SHIPPED_VENDORS: readonly string[] = SHIPPED_PRICES.map(({ name }) => name);

/** Shipped prices that match, in the order of their lists. */
export function shippedPrices({ model, q = "", vendor }: ShippedFilter) {
  const part = q.toLowerCase();
  return SHIPPED_PRICES.filter(({ name }) => vendor === undefined || name === vendor).flatMap((
    { name, published },
  ) =>
    published.filter((each) => model === undefined || each.model === model)
      .filter((each) => each.model.toLowerCase().includes(part))
      .map((each) => ({
        vendor: name,
        model: each.model,
        price: each.price,
        source: each.source,
        readOn: each.readOn,
        from: each.from ?? null,
      }))
  );
}

/** What the form of a shipped model begins with: its rates, to be changed. */
export function shippedDollars(model: string): Readonly<Record<string, number>> {
  const [shipped] = shippedPrices({ model });
  if (shipped === undefined) return {};
  const { inputNanoPerMillion, outputNanoPerMillion, cachedNanoPerMillion } = shipped.price;
  return {
    "dollars.in": inputNanoPerMillion / 1e9,
    "dollars.out": outputNanoPerMillion / 1e9,
    ...(cachedNanoPerMillion !== undefined && { "dollars.cached": cachedNanoPerMillion / 1e9 }),
  };
}
