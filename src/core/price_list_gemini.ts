import { type Dollars, type PublishedPrice, ratesOf, tieredRates } from "./price_list.ts";

const READ_ON = "2026-11-21";
/** Both transcribe https://ai.google.dev/gemini-api/docs/pricing, model by model. */
const COPY = "https://github.com/simonw/llm-prices/blob/main/data/google.json";
const PLANS = "https://github.com/api-evangelist/gemini/blob/main/plans/gemini-plans-pricing.yml";

const PRO_3 = { in: 2, out: 12 };
const PRO_3_LONG = { in: 4, out: 18 };

/** Google's Gemini API, paid tier. What is stored in a cache is billed by the hour besides, which no answer tells. */
export const GEMINI_PRICES: readonly PublishedPrice[] = [
  published("gemini-3.8-flash", { in: 0.75, out: 3.75 }, PLANS),
  { ...published("gemini-3.8-flash", { in: 1.5, out: 7.5 }, PLANS), from: "2027-01-01" },
  published("gemini-3.6-flash", { in: 1.5, out: 7.5, cached: 0.15 }, COPY),
  published("gemini-3.5-flash", { in: 1.5, out: 9, cached: 0.15 }, COPY),
  published("gemini-3.5-flash-lite", { in: 0.3, out: 2.5, cached: 0.03 }, COPY),
  tiered("gemini-3.1-pro", PRO_3, PRO_3_LONG, COPY),
  tiered("gemini-3-pro", PRO_3, PRO_3_LONG, COPY),
  published("gemini-3.1-flash-lite", { in: 0.25, out: 1.5, cached: 0.025 }, COPY),
  published("gemini-3-flash", { in: 0.5, out: 3 }, COPY),
  tiered("gemini-2.5-pro", { in: 1.25, out: 10, cached: 0.125 }, { in: 2.5, out: 15, cached: 0.25 }, COPY),
  published("gemini-2.5-flash", { in: 0.3, out: 2.5, cached: 0.03, audioIn: 1 }, PLANS),
  published("gemini-2.5-flash-lite", { in: 0.1, out: 0.4, cached: 0.01 }, COPY),
  published("gemini-2.0-flash", { in: 0.1, out: 0.4 }, COPY),
  published("gemini-2.0-flash-lite", { in: 0.075, out: 0.3 }, COPY),
  published("gemini-embedding-2", { in: 0.2, out: 0 }, PLANS),
];

function published(model: string, dollars: Dollars, source: string): PublishedPrice {
  return { model, price: ratesOf(dollars), source, readOn: READ_ON };
}

function tiered(model: string, dollars: Dollars, long: Dollars, source: string): PublishedPrice {
  return { model, price: tieredRates(dollars, 200_000, long), source, readOn: READ_ON };
}
