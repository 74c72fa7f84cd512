import { sumUsage } from "../store/usage_query.ts";
import type { FormState } from "../../views/form_state.ts";
import type { Markup } from "../../views/markup.ts";
import { PricesPage } from "../../views/prices.tsx";
import type { View } from "../../views/view.ts";
import { versionViews } from "./price_view.ts";
import { lastRepricings } from "./repricing_view.ts";
import { SHIPPED_VENDORS, type ShippedFilter, shippedPrices } from "./shipped_prices.ts";
import type { UsageDeps } from "./usage_deps.ts";

/** The page of prices, with its two forms as they are. */
export async function pricesPage(
  deps: UsageDeps,
  view: View,
  query: ShippedFilter,
  forms: { readonly priceForm: FormState; readonly repricingForm: FormState },
): Promise<Markup> {
  const { model: _model, ...shown } = query;
  const [unpriced, repricings] = await Promise.all([unpricedOf(deps), lastRepricings(deps)]);
  return PricesPage({
    view,
    versions: versionViews(deps),
    shipped: shippedPrices(shown),
    shippedTotal: shippedPrices({}).length,
    vendors: SHIPPED_VENDORS,
    unpriced,
    repricings,
    providers: deps.live.list().map(({ provider }) => provider.slug),
    ...forms,
  });
}

const MONTH_MINUTES = 30 * 1440;

/** Models of the last 30 days that some cost is missing of, the most used first. */
async function unpricedOf({ db, ticker, live }: UsageDeps) {
  const toMinute = Math.ceil(ticker.now() / 60_000);
  const sums = await sumUsage(db, {
    fromMinute: toMinute - MONTH_MINUTES,
    toMinute,
    by: ["providerId", "model"],
    counts: ["unpriced"],
    largestBy: "unpriced",
    limit: 10,
  });
  return sums.filter(({ unpriced, model }) => unpriced > 0 && model !== "").map((sum) => ({
    provider: live.findById(sum.providerId ?? "")?.provider.slug ?? null,
    model: sum.model ?? "",
    requests: sum.unpriced,
  }));
}
