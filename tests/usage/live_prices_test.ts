import assert from "node:assert/strict";
import type { PricedProvider, PriceVersion } from "../../src/core/price_book.ts";
import { LivePrices } from "../../src/usage/live_prices.ts";

const PROVIDER: PricedProvider = { id: "p", vendor: "other", baseUrl: "https://api.example.com", prices: {} };

function versionOf(id: string, validFromMs: number): PriceVersion {
  const price = { inputNanoPerMillion: 1, outputNanoPerMillion: 1 };
  return { id, providerId: "", model: "m", validFromMs, price, source: "", createdAtMs: 0 };
}

Deno.test("LivePrices.find() remembers what it has found until the next price begins, or others are set", () => {
  const prices = new LivePrices();
  prices.set([versionOf("a", 100), versionOf("b", 200)]);
  const found = (nowMs: number) => prices.find(PROVIDER, "m", nowMs)?.version;

  const before = [found(50), found(99), found(100), found(199), found(200)];
  prices.set([versionOf("c", 0)]);
  const after = found(200);

  assert.deepEqual(before, [undefined, undefined, "a", "a", "b"]);
  assert.equal(after, "c");
});

Deno.test("LivePrices.find() sees a provider that was changed, and forgets names of which there are too many", () => {
  const prices = new LivePrices();
  prices.set([versionOf("a", 0)]);
  const priced = { ...PROVIDER, prices: { m: { inputNanoPerMillion: 2, outputNanoPerMillion: 2 } } };

  const first = prices.find(PROVIDER, "m", 1)?.version;
  const changed = prices.find(priced, "m", 1)?.version;
  for (let index = 0; index < 5000; index++) prices.find(PROVIDER, `made-up-${index}`, 1);

  assert.equal(first, "a");
  assert.match(changed ?? "", /^own-/);
  assert.equal(prices.find(PROVIDER, "m", 1)?.version, "a");
});
