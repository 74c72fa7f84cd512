import { type Dollars, type PublishedPrice, ratesOf, tieredRates } from "./price_list.ts";

const READ_ON = "2026-11-21";
const MODELS = "https://developers.openai.com/api/docs/models";
const PRICING = "https://developers.openai.com/api/docs/pricing";
/** Transcribes the pricing page, model by model. */
const COPY = "https://github.com/simonw/llm-prices/blob/main/data/openai.json";

/**
 * OpenAI's standard tier; batch, flex and priority cost otherwise. Prompts of more than 272,000 tokens cost twice the
 * input and one and a half times the output, where that is published for the model.
 */
export const OPENAI_PRICES: readonly PublishedPrice[] = [
  flat("gpt-6-astra", { in: 10, out: 50, cached: 1 }, MODELS),
  flat("gpt-6-sol", { in: 2, out: 10, cached: 0.2, write: 2.5 }, PRICING),
  flat("gpt-6-luna", { in: 0.1, out: 0.5, cached: 0.01, write: 0.125 }, PRICING),
  tiered("gpt-5.6-sol", { in: 4, out: 20, cached: 0.4 }, MODELS),
  tiered("gpt-5.6", { in: 4, out: 20, cached: 0.4 }, MODELS),
  tiered("gpt-5.6-terra", { in: 2, out: 12, cached: 0.2 }, MODELS),
  tiered("gpt-5.6-luna", { in: 0.2, out: 1.2, cached: 0.02 }, MODELS),
  tiered("gpt-5.5", { in: 5, out: 30, cached: 0.5 }, COPY),
  tiered("gpt-5.5-pro", { in: 30, out: 180 }, COPY),
  tiered("gpt-5.4", { in: 2.5, out: 15, cached: 0.25 }, COPY),
  tiered("gpt-5.4-pro", { in: 30, out: 180 }, COPY),
  flat("gpt-5.4-mini", { in: 0.75, out: 4.5, cached: 0.075 }, COPY),
  flat("gpt-5.4-nano", { in: 0.2, out: 1.25, cached: 0.02 }, COPY),
  flat("gpt-5.2", { in: 1.75, out: 14, cached: 0.175 }, COPY),
  flat("gpt-5.2-pro", { in: 21, out: 168 }, COPY),
  flat("gpt-5.1", { in: 1.25, out: 10, cached: 0.125 }, COPY),
  flat("gpt-5.1-codex", { in: 1.25, out: 10, cached: 0.125 }, COPY),
  flat("gpt-5.1-codex-mini", { in: 0.25, out: 2, cached: 0.025 }, COPY),
  flat("gpt-5", { in: 1.25, out: 10, cached: 0.125 }, COPY),
  flat("gpt-5-pro", { in: 15, out: 120 }, COPY),
  flat("gpt-5-codex", { in: 1.25, out: 10, cached: 0.125 }, `${MODELS}/gpt-5-codex`),
  flat("gpt-5-mini", { in: 0.25, out: 2, cached: 0.025 }, COPY),
  flat("gpt-5-nano", { in: 0.05, out: 0.4, cached: 0.005 }, COPY),
  flat("gpt-4.1", { in: 2, out: 8, cached: 0.5 }, COPY),
  flat("gpt-4.1-mini", { in: 0.4, out: 1.6, cached: 0.1 }, COPY),
  flat("gpt-4.1-nano", { in: 0.1, out: 0.4, cached: 0.025 }, COPY),
  flat("gpt-4o", { in: 2.5, out: 10, cached: 1.25 }, COPY),
  flat("gpt-4o-mini", { in: 0.15, out: 0.6, cached: 0.075 }, COPY),
  flat("o4-mini", { in: 1.1, out: 4.4, cached: 0.275 }, COPY),
  flat("o4-mini-deep-research", { in: 2, out: 8, cached: 0.5 }, COPY),
  flat("o3-pro", { in: 20, out: 80 }, COPY),
  flat("o3-deep-research", { in: 10, out: 40, cached: 2.5 }, COPY),
  flat("o3-mini", { in: 1.1, out: 4.4, cached: 0.55 }, COPY),
  flat("o1-pro", { in: 150, out: 600 }, COPY),
  flat("text-embedding-3-small", { in: 0.02, out: 0 }, "https://tokenmath.io/openai-api-pricing-explained"),
];

function flat(model: string, dollars: Dollars, source: string): PublishedPrice {
  return { model, price: ratesOf(dollars), source, readOn: READ_ON };
}

function tiered(model: string, dollars: Dollars, source: string): PublishedPrice {
  const { in: input, out, cached } = dollars;
  const long = { in: input * 2, out: out * 1.5, ...(cached !== undefined && { cached: cached * 2 }) };
  return { model, price: tieredRates(dollars, 272_000, long), source, readOn: READ_ON };
}
