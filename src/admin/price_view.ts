import { z } from "zod";
import type { PriceVersion } from "../core/price_book.ts";
import { priceField } from "./price_form.ts";
import type { UsageDeps } from "./usage_deps.ts";

/** A price as it is answered: the form that it is sent in. */
export const priceAnswer = priceField;

export const versionAnswer = z.object({
  id: z.string(),
  /** Slug; `null` for every provider. */
  provider: z.string().nullable(),
  model: z.string(),
  validFromMs: z.number(),
  /** `null` takes it back. */
  price: priceAnswer.nullable(),
  source: z.string(),
  createdAtMs: z.number(),
  /** Whether it holds now, later, or no more. */
  state: z.enum(["holds", "later", "replaced", "takenBack"]),
});

export type VersionAnswer = z.infer<typeof versionAnswer>;

/** Every version that was ever set, the latest first, each with how it stands. */
export function versionViews(
  { usage, live, ticker }: Pick<UsageDeps, "usage" | "live" | "ticker">,
): VersionAnswer[] {
  const nowMs = ticker.now();
  const latest = new Map<string, PriceVersion>();
  // In the order of their beginnings: the last one that has begun is the one that holds.
  for (const version of usage.prices.versions()) {
    if (version.validFromMs <= nowMs) latest.set(placeOf(version), version);
  }
  return usage.prices.versions().map((version): VersionAnswer => {
    const { id, providerId, model, validFromMs, price, source, createdAtMs } = version;
    const isLatest = latest.get(placeOf(version)) === version;
    return {
      id,
      provider: providerId === "" ? null : live.findById(providerId)?.provider.slug ?? providerId,
      model,
      validFromMs,
      price: price === undefined ? null : { ...price },
      source,
      createdAtMs,
      state: validFromMs > nowMs
        ? "later"
        : !isLatest
        ? "replaced"
        : price === undefined
        ? "takenBack"
        : "holds",
    };
  }).reverse();
}

function placeOf({ providerId, model }: PriceVersion): string {
  return JSON.stringify([providerId, model]);
}
