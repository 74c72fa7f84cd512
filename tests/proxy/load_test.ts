import assert from "node:assert/strict";
import { type SimulatedProvider, startSimulatedProvider } from "../../src/demo/simulated_provider.ts";
import type { SimulatedKey } from "../../src/demo/simulated_key.ts";
import { CLIENT_KEY, type KeyturnUnderTest, startKeyturn } from "../support/keyturn_under_test.ts";
import { chat, CHAT_PATH } from "./asks.ts";

const BODY = JSON.stringify(chat("hi"));

/** Sends so many chats, `concurrency` at a time; gives how many answered with each status. */
async function load(
  keyturn: KeyturnUnderTest,
  count: number,
  concurrency: number,
): Promise<Map<number, number>> {
  const statuses = new Map<number, number>();
  const headers = { authorization: `Bearer ${CLIENT_KEY}`, "content-type": "application/json" };
  let left = count;
  const caller = async () => {
    while (left-- > 0) {
      const response = await fetch(keyturn.url + CHAT_PATH, { method: "POST", headers, body: BODY });
      await response.bytes();
      statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, caller));
  return statuses;
}

function shares(provider: SimulatedProvider): number[] {
  return [...provider.served.values()].map(({ requests }) => requests);
}

Deno.test("10,000 requests meet no error with 3 limited, 2 revoked and 1 empty key of 10", async () => {
  const keys: SimulatedKey[] = [
    ...["a", "b", "c"].map((name) => ({ secret: `limited-${name}-01`, behaviour: { limitedPerMinute: 20 } })),
    ...["a", "b"].map((name) => ({ secret: `revoked-${name}-01`, behaviour: "revoked" as const })),
    { secret: "empty-a-01", behaviour: "out_of_credit" },
    ...["a", "b", "c", "d"].map((name) => ({ secret: `good-${name}-01`, behaviour: "ok" as const })),
  ];
  const provider = startSimulatedProvider({ dialect: "openai", keys, logSize: 0 });
  await using keyturn = await startKeyturn({ logLevel: "warn" });
  await keyturn.enterSimulated("openai", provider);

  const statuses = await load(keyturn, 10_000, 64);
  await keyturn.stop();
  const [usage] = await keyturn.usage();
  await provider.close();

  assert.deepEqual([...statuses], [[200, 10_000]]);
  const { maxConsecutiveFailures } = keyturn.config.policy;
  for (const name of ["revoked-a-01", "revoked-b-01"]) {
    const requests = provider.served.get(name)?.requests ?? 0;
    assert.ok(requests >= 1 && requests <= maxConsecutiveFailures, `${name} was asked ${requests} times`);
  }
  assert.equal(provider.totals.succeeded, 10_000);
  assert.equal(usage?.requests, 10_000);
  assert.equal(usage?.inputTokens, provider.totals.inputTokens);
  assert.equal(usage?.outputTokens, provider.totals.outputTokens);
});

Deno.test("round robin gives new keys the same number of requests each, at concurrency 64", async () => {
  const keys = Array.from(
    { length: 7 },
    (_, index) => ({ secret: `key-000${index}`, behaviour: "ok" as const }),
  );
  const provider = startSimulatedProvider({ dialect: "openai", keys, logSize: 0 });
  await using keyturn = await startKeyturn({ logLevel: "warn" });
  await keyturn.enterSimulated("openai", provider);

  await load(keyturn, 1_000, 64);
  await keyturn.stop();
  await provider.close();

  const counts = shares(provider);
  assert.equal(counts.reduce((sum, count) => sum + count, 0), 1_000);
  assert.ok(Math.max(...counts) - Math.min(...counts) <= 1, `shares ${counts}`);
});

Deno.test("weighted gives each key its share within one percent of the requests", async () => {
  const weights = [1, 2, 7];
  const keys = weights.map((weight) => ({ secret: `weight-${weight}-01`, behaviour: "ok" as const }));
  const provider = startSimulatedProvider({ dialect: "openai", keys, logSize: 0 });
  await using keyturn = await startKeyturn({ logLevel: "warn" });
  await keyturn.enter("openai", { preset: "openai", baseUrl: provider.baseUrl, strategy: "weighted" });
  await keyturn.addKeys("openai", keys.map(({ secret }, index) => `${secret}:${weights[index]}`));

  await load(keyturn, 1_000, 16);
  await keyturn.stop();
  await provider.close();

  assert.deepEqual(shares(provider).map((count) => Math.round(count / 10)), [10, 20, 70]);
});
