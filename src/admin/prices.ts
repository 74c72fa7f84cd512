import { z } from "zod";
import type { ModelPrice } from "../core/price.ts";
import type { PriceVersion } from "../core/price_book.ts";
import { SHIPPED_PRICES } from "../core/price_table.ts";
import { addPriceVersion } from "../store/price_store.ts";
import { addRepricing, listRepricings, type Repricing } from "../store/repricing_store.ts";
import { action } from "./action.ts";
import { priceField } from "./price_form.ts";
import { modelName, unprocessable } from "./provider_form.ts";
import type { UsageDeps } from "./usage_deps.ts";
import { moment } from "./usage_question.ts";

const priceAnswer = z.record(z.string(), z.union([z.number(), z.record(z.string(), z.number())]));

const versionAnswer = z.object({
  id: z.string(),
  provider: z.string().nullable(),
  model: z.string(),
  validFromMs: z.number(),
  price: priceAnswer.nullable(),
  source: z.string(),
  createdAtMs: z.number(),
});

const shippedAnswer = z.object({
  vendor: z.string(),
  model: z.string(),
  price: priceAnswer,
  source: z.string(),
  readOn: z.string(),
  from: z.string().nullable(),
});

const pricesAnswer = z.object({ versions: z.array(versionAnswer), shipped: z.array(shippedAnswer) });

/**
 * `GET /admin/prices?provider=&model=`: what the operator has set, the history of it included, the latest first; and
 * what was shipped, each price with its page. A provider's own prices stand with the provider.
 */
export function listPrices(deps: UsageDeps) {
  return action({
    query: z.object({ provider: z.string().max(63).exactOptional(), model: modelName.exactOptional() }),
    answer: pricesAnswer,
    run: ({ query: { provider, model } }) => {
      const providerId = provider === undefined ? undefined : providerIdOf(provider, deps);
      const versions = deps.usage.prices.versions().filter((version) =>
        (providerId === undefined || version.providerId === providerId) &&
        (model === undefined || version.model === model)
      );
      const shipped = SHIPPED_PRICES.flatMap(({ name, published }) =>
        published.filter((each) => model === undefined || each.model === model).map((each) => ({
          vendor: name,
          model: each.model,
          price: shown(each.price),
          source: each.source,
          readOn: each.readOn,
          from: each.from ?? null,
        }))
      );
      return {
        versions: versions.map((version) => versionView(version, deps)).reverse(),
        shipped: provider === undefined ? shipped : [],
      };
    },
  });
}

const newPriceForm = z.strictObject({
  model: modelName,
  /** Slug; left out, it is for every provider. */
  provider: z.string().exactOptional(),
  /** `null` takes the price back: what is behind it counts again. */
  price: priceField.nullable(),
  /** Now, unless told; a moment in the past is for re-pricing. */
  validFrom: moment.exactOptional(),
  source: z.string().max(500).default(""),
});

/** `POST /admin/prices`: 201 with a new version of a model's price, from now on or from a moment that is told. */
export function addPrice(deps: UsageDeps) {
  return action({
    body: newPriceForm,
    answer: versionAnswer,
    status: 201,
    run: async ({ body: { model, provider, price, validFrom, source }, note }) => {
      const providerId = provider === undefined ? "" : providerIdOf(provider, deps);
      return await deps.inTurn(async () => {
        const stamp = deps.stamp();
        const version = await addPriceVersion(deps.db, {
          providerId,
          model,
          price: price ?? undefined,
          validFromMs: validFrom ?? stamp.nowMs,
          source,
        }, stamp);
        await deps.usage.loadPrices();
        await deps.noteChange({ kind: "setting", ids: ["prices"] });
        note({ target: model });
        return versionView(version, deps);
      });
    },
  });
}

const repricingAnswer = z.object({
  id: z.string(),
  fromMs: z.number(),
  toMs: z.number(),
  phase: z.string(),
  rows: z.number(),
  createdAtMs: z.number(),
  endedMs: z.number().nullable(),
});

/** `GET /admin/repricings`: the latest ones and how far they are. */
export function listAskedRepricings({ db }: UsageDeps) {
  return action({
    answer: z.object({ repricings: z.array(repricingAnswer) }),
    run: async () => ({ repricings: (await listRepricings(db, 20)).map(repricingView) }),
  });
}

/** `POST /admin/repricings` `{from, to}`: counts the costs of a time anew, in the background. */
export function addAskedRepricing(deps: UsageDeps) {
  return action({
    body: z.strictObject({ from: moment, to: moment.exactOptional() }),
    answer: repricingAnswer,
    status: 201,
    run: async ({ body: { from, to = deps.ticker.now() }, note }) => {
      if (from >= to) throw unprocessable("from", "is not before to");
      const repricing = await addRepricing(deps.db, { fromMs: from, toMs: to }, deps.stamp());
      deps.usage.reprice();
      note({ target: repricing.id });
      return repricingView(repricing);
    },
  });
}

/** @throws {AppError} `unprocessable` for a slug of nobody. */
function providerIdOf(slug: string, { live }: UsageDeps): string {
  const found = live.find(slug);
  if (found === undefined) throw unprocessable("provider", "is no provider's slug");
  return found.provider.id;
}

function versionView({ providerId, price, ...version }: PriceVersion, { live }: UsageDeps) {
  const { id, model, validFromMs, source, createdAtMs } = version;
  return {
    id,
    provider: providerId === "" ? null : live.findById(providerId)?.provider.slug ?? providerId,
    model,
    validFromMs,
    price: price === undefined ? null : shown(price),
    source,
    createdAtMs,
  };
}

function shown({ longPrompt, ...rates }: ModelPrice): z.infer<typeof priceAnswer> {
  return { ...rates, ...(longPrompt !== undefined && { longPrompt: { ...longPrompt } }) };
}

function repricingView({ id, fromMs, toMs, phase, rows, createdAtMs, endedMs }: Repricing) {
  return { id, fromMs, toMs, phase, rows, createdAtMs, endedMs: endedMs ?? null };
}
