import { z } from "zod";
import { ratesOf } from "../core/price_list.ts";
import { AppError } from "../errors.ts";
import { addPriceVersion, type NewPrice } from "../store/price_store.ts";
import { EMPTY_FORM, filledForm } from "../../views/form_state.ts";
import { action } from "./action.ts";
import { newPriceForm } from "./new_price_form.ts";
import { versionAnswer, versionViews } from "./price_view.ts";
import { pricesPage } from "./prices_page.ts";
import { modelName, unprocessable } from "./provider_form.ts";
import { shippedAnswer, shippedDollars, shippedPrices } from "./shipped_prices.ts";
import type { UsageDeps } from "./usage_deps.ts";

const pricesAnswer = z.object({
  versions: z.array(versionAnswer).readonly(),
  shipped: z.array(shippedAnswer).readonly(),
});

const pricesQuery = z.object({
  provider: z.string().max(63).exactOptional(),
  model: modelName.exactOptional(),
  /** Part of a shipped model's name. */
  q: z.string().max(200).exactOptional(),
  /** Whose shipped prices. */
  vendor: z.string().max(63).exactOptional(),
  /** For the page: the model that its form begins with. */
  set: modelName.exactOptional(),
});

type PricesQuery = z.infer<typeof pricesQuery>;

/**
 * `GET /admin/prices?provider=&model=`: what the operator has set, the history of it included, the latest first; and
 * what was shipped, each price with its page. A provider's own prices stand with the provider.
 */
export function listPrices(deps: UsageDeps) {
  return action({
    query: pricesQuery,
    answer: pricesAnswer,
    run: ({ query }) => pricesOf(query, deps),
    page: (_answer, { view, query }) => {
      const { set, provider } = query;
      const priceForm = set === undefined
        ? EMPTY_FORM
        : filledForm({ model: set, provider, ...shippedDollars(set) });
      return pricesPage(deps, view(), query, { priceForm, repricingForm: EMPTY_FORM });
    },
  });
}

/** `POST /admin/prices`: 201 with a new version of a model's price, from now on or from a moment that is told. */
export function addPrice(deps: UsageDeps) {
  return action({
    body: newPriceForm,
    answer: versionAnswer,
    status: 201,
    run: async ({ body, note }) => {
      const { model, provider, price, dollars, validFrom, source } = body;
      if ((price === undefined) === (dollars === undefined)) {
        throw unprocessable("price", "takes either price or dollars");
      }
      note({ target: model });
      return await setPrice(deps, {
        providerId: provider === undefined ? "" : providerIdOf(provider, deps),
        model,
        price: dollars === undefined ? price ?? undefined : ratesOf(dollars),
        source,
        ...(validFrom !== undefined && { validFromMs: validFrom }),
      });
    },
    done: ({ model }, { view }) => ({ to: "/admin/prices", flash: view().messages.prices.saved(model) }),
    form: (form, { view }) => pricesPage(deps, view(), {}, { priceForm: form, repricingForm: EMPTY_FORM }),
  });
}

/** `DELETE /admin/prices/:id`: takes a price back, from now on; it stays in the history. */
export function takePriceBack(deps: UsageDeps) {
  return action({
    params: z.object({ id: z.string().max(64) }),
    answer: versionAnswer,
    run: async ({ params: { id }, note }) => {
      const version = deps.usage.prices.versions().find((each) => each.id === id);
      if (version === undefined) throw new AppError("not_found", "Cannot find this price");
      const { providerId, model } = version;
      note({ target: model });
      return await setPrice(deps, { providerId, model, price: undefined, source: "" });
    },
    done: ({ model }, { view }) => ({
      to: "/admin/prices",
      flash: view().messages.prices.own.tookBack(model),
    }),
  });
}

function pricesOf(query: PricesQuery, deps: UsageDeps) {
  const { provider, model } = query;
  const providerId = provider === undefined ? undefined : providerIdOf(provider, deps);
  return {
    versions: versionViews(deps).filter((version) =>
      (providerId === undefined || version.provider === provider) &&
      (model === undefined || version.model === model)
    ),
    shipped: provider === undefined ? shippedPrices(query) : [],
  };
}

async function setPrice(
  deps: UsageDeps,
  { validFromMs, ...price }: Omit<NewPrice, "validFromMs"> & { readonly validFromMs?: number },
) {
  return await deps.inTurn(async () => {
    const stamp = deps.stamp();
    const { id } = await addPriceVersion(
      deps.db,
      { ...price, validFromMs: validFromMs ?? stamp.nowMs },
      stamp,
    );
    await deps.usage.loadPrices();
    await deps.noteChange({ kind: "setting", ids: ["prices"] });
    const version = versionViews(deps).find((each) => each.id === id);
    if (version === undefined) throw new AppError("conflict", "Cannot find the price that was set");
    return version;
  });
}

/** @throws {AppError} `unprocessable` for a slug of nobody. */
function providerIdOf(slug: string, { live }: UsageDeps): string {
  const found = live.find(slug);
  if (found === undefined) throw unprocessable("provider", "is no provider's slug");
  return found.provider.id;
}
