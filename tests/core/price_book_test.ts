import assert from "node:assert/strict";
import { costOf, type ModelPrice } from "../../src/core/price.ts";
import { PriceBook, type PricedProvider, type PriceVersion } from "../../src/core/price_book.ts";
import { SHIPPED_PRICES } from "../../src/core/price_table.ts";

const NOW_MS = Date.parse("2026-11-21T12:00:00Z");
const OPENAI: PricedProvider = {
  id: "p1",
  vendor: "openai",
  baseUrl: "https://api.openai.com/v1",
  prices: {},
};
const priceOf = (inputNanoPerMillion: number): ModelPrice => ({
  inputNanoPerMillion,
  outputNanoPerMillion: 0,
});

function versionOf(id: string, more: Partial<PriceVersion> = {}): PriceVersion {
  return {
    id,
    providerId: "",
    model: "gpt-5",
    validFromMs: 0,
    price: priceOf(1),
    source: "",
    createdAtMs: 0,
    ...more,
  };
}

Deno.test("PriceBook.find() takes the provider's own price first, then the operator's for it, for all, then the shipped", () => {
  const own = { ...OPENAI, prices: { "gpt-5": priceOf(9) } };
  const forAll = versionOf("all");
  const forIt = versionOf("it", { providerId: "p1" });
  const withBoth = new PriceBook([forAll, forIt]);

  const found = [
    withBoth.find(own, "gpt-5", NOW_MS),
    withBoth.find(OPENAI, "gpt-5", NOW_MS),
    withBoth.find({ ...OPENAI, id: "p2" }, "gpt-5", NOW_MS),
    new PriceBook([]).find(OPENAI, "gpt-5", NOW_MS),
  ].map((priced) => priced?.version);

  assert.match(found[0] ?? "", /^own-[0-9a-f]{8}$/);
  assert.deepEqual(found.slice(1, 3), ["it", "all"]);
  assert.match(found[3] ?? "", /^openai-\d{4}-\d\d-\d\d$/);
});

Deno.test("PriceBook.find() takes the version that holds at the moment, and none that was taken back", () => {
  const book = new PriceBook([
    versionOf("a", { validFromMs: 100, price: priceOf(1), model: "x-*" }),
    versionOf("b", { validFromMs: 200, price: priceOf(2), model: "x-*" }),
    versionOf("c", { validFromMs: 200, price: priceOf(3), model: "x-*", createdAtMs: 5 }),
    versionOf("d", { validFromMs: 300, price: undefined, model: "x-*" }),
  ]);

  const found = [99, 100, 199, 200, 299, 300].map((atMs) => book.find(OPENAI, "x-1", atMs)?.version);

  assert.deepEqual(found, [undefined, "a", "a", "c", "c", undefined]);
  assert.equal(book.nextTurnMs(100), 200);
});

Deno.test("PriceBook.find() knows no price for a model, a vendor or a host that is not listed", () => {
  const book = new PriceBook([]);
  const elsewhere = { ...OPENAI, vendor: "other", baseUrl: "https://api.together.xyz/v1" } as const;

  const found = [
    book.find(OPENAI, "gpt-99", NOW_MS),
    book.find(OPENAI, "", NOW_MS),
    book.find(elsewhere, "gpt-5", NOW_MS),
    book.find({ ...elsewhere, baseUrl: "https://api.x.ai.evil.example/v1" }, "grok-3", NOW_MS),
  ];

  assert.deepEqual(found, [undefined, undefined, undefined, undefined]);
  assert.ok(book.find({ ...elsewhere, baseUrl: "https://api.x.ai/v1" }, "grok-3", NOW_MS) !== undefined);
});

Deno.test("PriceBook.find() knows dated versions of a model, and prices that change on a day", () => {
  const book = new PriceBook([]);
  const gemini = { ...OPENAI, vendor: "gemini" } as const;
  const anthropic = { ...OPENAI, vendor: "anthropic" } as const;
  const input = (provider: PricedProvider, model: string, at: string) =>
    book.find(provider, model, Date.parse(at))?.price.inputNanoPerMillion;

  const found = [
    input(anthropic, "claude-haiku-4-5-20251001", "2026-11-21"),
    input(OPENAI, "gpt-4o-2024-08-06", "2026-11-21"),
    input(OPENAI, "gpt-4o-mini", "2026-11-21"),
    input(gemini, "gemini-3.8-flash", "2026-12-31"),
    input(gemini, "gemini-3.8-flash", "2027-01-01"),
    input(gemini, "gemini-2.5-pro", "2027-01-01"),
  ];

  assert.deepEqual(found, [1e9, 2.5e9, 0.15e9, 0.75e9, 1.5e9, 1.25e9]);
});

Deno.test("every shipped price has its page and its day, and whole rates that are no dearer cached than not", () => {
  const published = SHIPPED_PRICES.flatMap((each) => each.published);

  const wrong = published.filter(({ price, source, readOn }) =>
    !/^https:\/\//.test(source) || Number.isNaN(Date.parse(readOn)) ||
    !Number.isSafeInteger(price.inputNanoPerMillion) || !Number.isSafeInteger(price.outputNanoPerMillion) ||
    (price.cachedNanoPerMillion ?? 0) > price.inputNanoPerMillion ||
    price.inputNanoPerMillion > 150e9 * 10 || costOf({ inputTokens: 1e6 }, price) === undefined
  );

  assert.deepEqual(wrong, []);
  assert.ok(published.length > 80);
});
