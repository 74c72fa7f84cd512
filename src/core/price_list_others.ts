import { type Dollars, type PublishedPrice, ratesOf, tieredRates } from "./price_list.ts";

const READ_ON = "2026-11-21";
const DEEPSEEK = "https://api-docs.deepseek.com/quick_start/pricing";
const GROQ = "https://console.groq.com/docs/models";
const MISTRAL = "https://docs.mistral.ai/models/model-cards";
const XAI = "https://docs.x.ai/developers/models.md";
/** Transcribe the vendors' pages, model by model. */
const MISTRAL_COPY = "https://github.com/simonw/llm-prices/blob/main/data/mistral.json";
const XAI_COPY = "https://github.com/simonw/llm-prices/blob/main/data/xai.json";
const MOONSHOT_COPY = "https://github.com/simonw/llm-prices/blob/main/data/moonshot-ai.json";

const V4_FLASH = { in: 0.14, out: 0.28, cached: 0.0028 };

export const DEEPSEEK_PRICES: readonly PublishedPrice[] = [
  published("deepseek-v4-flash", V4_FLASH, DEEPSEEK),
  published("deepseek-v4-pro", { in: 0.435, out: 0.87, cached: 0.003625 }, DEEPSEEK),
  // Both are names of it: without thinking, and with.
  published("deepseek-chat", V4_FLASH, DEEPSEEK),
  published("deepseek-reasoner", V4_FLASH, DEEPSEEK),
];

export const GROQ_PRICES: readonly PublishedPrice[] = [
  published("openai/gpt-oss-120b", { in: 0.15, out: 0.6, cached: 0.075 }, GROQ),
  published("openai/gpt-oss-20b", { in: 0.075, out: 0.3, cached: 0.0375 }, GROQ),
  published("meta-llama/llama-4-scout-17b-16e-instruct", { in: 0.11, out: 0.34 }, GROQ),
  published("qwen/qwen3-32b", { in: 0.29, out: 0.59 }, GROQ),
  published("llama-3.3-70b-versatile", { in: 0.59, out: 0.79 }, GROQ),
  published("llama-3.1-8b-instant", { in: 0.05, out: 0.08 }, GROQ),
];

export const MISTRAL_PRICES: readonly PublishedPrice[] = [
  published("mistral-medium-3.5", { in: 1.5, out: 7.5 }, `${MISTRAL}/mistral-medium-3-5-26-04`),
  published("mistral-medium-3-5-26-04", { in: 1.5, out: 7.5 }, `${MISTRAL}/mistral-medium-3-5-26-04`),
  published("mistral-medium-2505", { in: 0.4, out: 2 }, MISTRAL_COPY),
  published(
    "mistral-large-2512",
    { in: 0.5, out: 1.5 },
    "https://vercel.com/ai-gateway/models/mistral-large-3.md",
  ),
  published("mistral-large-2411", { in: 2, out: 6 }, MISTRAL_COPY),
  published("pixtral-large-latest", { in: 2, out: 6 }, MISTRAL_COPY),
  published("magistral-medium-latest", { in: 2, out: 5 }, MISTRAL_COPY),
  published("codestral-latest", { in: 0.3, out: 0.9 }, MISTRAL_COPY),
];

export const XAI_PRICES: readonly PublishedPrice[] = [
  long("grok-4.7", { in: 2, out: 6, cached: 0.5 }, XAI_COPY),
  long("grok-4.6", { in: 2, out: 6, cached: 0.5 }, XAI_COPY),
  long("grok-4.5", { in: 2, out: 6, cached: 0.3 }, XAI_COPY),
  long("grok-4.3", { in: 1.25, out: 2.5, cached: 0.2 }, XAI_COPY),
  long("grok-4.20-0309-reasoning", { in: 1.25, out: 2.5, cached: 0.2 }, XAI_COPY),
  long("grok-4.20-0309-non-reasoning", { in: 1.25, out: 2.5, cached: 0.2 }, XAI_COPY),
  published("grok-4-1-fast-reasoning", { in: 0.2, out: 0.5, cached: 0.05 }, XAI),
  published("grok-4-1-fast-non-reasoning", { in: 0.2, out: 0.5, cached: 0.05 }, XAI),
  published("grok-code-fast-1", { in: 0.2, out: 1.5, cached: 0.02 }, XAI_COPY),
  published("grok-3", { in: 3, out: 15, cached: 0.75 }, XAI_COPY),
  published("grok-3-mini", { in: 0.3, out: 0.5, cached: 0.075 }, XAI_COPY),
];

/** In dollars at api.moonshot.ai; at api.moonshot.cn they are in yuan. */
export const MOONSHOT_PRICES: readonly PublishedPrice[] = [
  published("kimi-k2.6", { in: 0.95, out: 4, cached: 0.16 }, MOONSHOT_COPY),
  published("kimi-k2-0905-preview", { in: 0.6, out: 2.5, cached: 0.15 }, MOONSHOT_COPY),
  published("kimi-k2-turbo-preview", { in: 1.15, out: 8, cached: 0.15 }, MOONSHOT_COPY),
  published("kimi-k2-thinking", { in: 0.6, out: 2.5, cached: 0.15 }, MOONSHOT_COPY),
  published("kimi-k2-thinking-turbo", { in: 1.15, out: 8, cached: 0.15 }, MOONSHOT_COPY),
];

function published(model: string, dollars: Dollars, source: string): PublishedPrice {
  return { model, price: ratesOf(dollars), source, readOn: READ_ON };
}

/** Twice as much for prompts of more than 200,000 tokens. */
function long(model: string, dollars: Dollars & { readonly cached: number }, source: string): PublishedPrice {
  const { in: input, out, cached } = dollars;
  const twice = { in: input * 2, out: out * 2, cached: cached * 2 };
  return { model, price: tieredRates(dollars, 200_000, twice), source, readOn: READ_ON };
}
