import { type Dollars, type PublishedPrice, ratesOf, tieredRates } from "./price_list.ts";

const READ_ON = "2026-11-21";
const PRICING = "https://platform.claude.com/docs/en/about-claude/pricing";
const MODELS = "https://platform.claude.com/docs/en/models";

const FABLE = { in: 10, out: 50, cached: 1, write: 12.5, writeHour: 20 };
const OPUS = { in: 5, out: 25, cached: 0.5, write: 6.25, writeHour: 10 };
const OLD_OPUS = { in: 15, out: 75, cached: 1.5, write: 18.75, writeHour: 30 };
const SONNET = { in: 2, out: 10, cached: 0.2, write: 2.5, writeHour: 4 };
const OLD_SONNET = { in: 3, out: 15, cached: 0.3, write: 3.75, writeHour: 6 };

/** Anthropic's standard tier; batches and fast mode cost otherwise. */
export const ANTHROPIC_PRICES: readonly PublishedPrice[] = [
  published("claude-fable-5-1", { ...FABLE, cached: 0.25 }),
  published("claude-mythos-5-1", { ...FABLE, cached: 0.25 }),
  published("claude-fable-5", FABLE),
  published("claude-mythos-5", FABLE),
  published(
    "claude-opus-5-5",
    { in: 4, out: 20, cached: 0.2, write: 5, writeHour: 8 },
    `${MODELS}/opus-5-5/overview`,
  ),
  published("claude-opus-5", OPUS),
  published("claude-opus-4-8", OPUS),
  published("claude-opus-4-7", OPUS),
  published("claude-opus-4-6", OPUS),
  published("claude-opus-4-5", OPUS),
  published("claude-opus-4-1", OLD_OPUS),
  published("claude-opus-4-0", OLD_OPUS),
  published("claude-opus-4", OLD_OPUS),
  published("claude-sonnet-5-5", SONNET),
  // Its cache reads became cheaper: https://github.com/kurofune/claudit/releases/tag/v1.9.2
  { ...published("claude-sonnet-5-5", { ...SONNET, cached: 0.1 }), from: "2026-10-07" },
  published("claude-sonnet-5", SONNET),
  published("claude-sonnet-4-6", OLD_SONNET),
  published("claude-sonnet-4-5", OLD_SONNET),
  published("claude-sonnet-4-0", OLD_SONNET),
  published("claude-sonnet-4", OLD_SONNET),
  published("claude-3-7-sonnet", OLD_SONNET),
  {
    model: "claude-haiku-5-5",
    price: tieredRates(
      { in: 0.1, out: 0.5, cached: 0.01, write: 0.125, writeHour: 0.2 },
      100_000,
      { in: 0.5, out: 2.5, cached: 0.05, write: 0.625, writeHour: 1 },
    ),
    source: "https://github.com/kurofune/claudit/releases/tag/v1.9.2",
    readOn: READ_ON,
  },
  published("claude-haiku-4-5", { in: 1, out: 5, cached: 0.1, write: 1.25, writeHour: 2 }),
  published("claude-3-5-haiku", { in: 0.8, out: 4, cached: 0.08, write: 1, writeHour: 1.6 }),
  published("claude-3-haiku", { in: 0.25, out: 1.25, cached: 0.03, write: 0.3, writeHour: 0.5 }),
];

function published(model: string, dollars: Dollars, source = PRICING): PublishedPrice {
  return { model, price: ratesOf(dollars), source, readOn: READ_ON };
}
