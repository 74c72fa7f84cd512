import { type PriceList, priceLists, type PublishedPrice } from "./price_list.ts";
import { ANTHROPIC_PRICES } from "./price_list_anthropic.ts";
import { GEMINI_PRICES } from "./price_list_gemini.ts";
import { OPENAI_PRICES } from "./price_list_openai.ts";
import {
  DEEPSEEK_PRICES,
  GROQ_PRICES,
  MISTRAL_PRICES,
  MOONSHOT_PRICES,
  XAI_PRICES,
} from "./price_list_others.ts";
import type { Provider, Vendor } from "./provider.ts";

/** A vendor's prices that are shipped with the program. */
export interface ShippedPrices {
  readonly name: string;
  readonly vendor: Vendor;
  /** For vendors that have no name of their own in `Vendor`: the host of their API. */
  readonly host?: string;
  readonly published: readonly PublishedPrice[];
  readonly lists: readonly PriceList[];
}

/**
 * Prices of current models of the preset providers, each with its page and the day it was read. What is not here has
 * no price until its operator sets one: providers that bill in yuan or resell others' models at changing prices
 * (OpenRouter, Together), and deployments whose names are free (Azure).
 */
export const SHIPPED_PRICES: readonly ShippedPrices[] = [
  shipped("openai", "openai", OPENAI_PRICES, ["-20*"]),
  shipped("anthropic", "anthropic", ANTHROPIC_PRICES, ["-20*", "-latest"]),
  shipped("gemini", "gemini", GEMINI_PRICES, ["-preview*", "-0*"]),
  shipped("deepseek", "deepseek", DEEPSEEK_PRICES, []),
  shipped("groq", "groq", GROQ_PRICES, []),
  shipped("mistral", "mistral", MISTRAL_PRICES, []),
  { ...shipped("xai", "other", XAI_PRICES, []), host: "api.x.ai" },
  { ...shipped("moonshot", "other", MOONSHOT_PRICES, []), host: "api.moonshot.ai" },
];

/** The shipped lists for a provider, the newest first; none for one that is not known. */
export function shippedPricesOf(
  { vendor, baseUrl }: Pick<Provider, "vendor" | "baseUrl">,
): readonly PriceList[] {
  const found = SHIPPED_PRICES.find((each) =>
    each.host === undefined ? each.vendor === vendor : vendor === "other" && hostOf(baseUrl) === each.host
  );
  return found?.lists ?? [];
}

function shipped(
  name: string,
  vendor: Vendor,
  published: readonly PublishedPrice[],
  snapshots: readonly string[],
): ShippedPrices {
  return { name, vendor, published, lists: priceLists(name, published, snapshots) };
}

function hostOf(baseUrl: string): string {
  return /^https?:\/\/([^/:?#]+)/i.exec(baseUrl)?.[1]?.toLowerCase() ?? "";
}
