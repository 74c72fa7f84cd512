import assert from "node:assert/strict";
import { startSimulatedProvider } from "../../src/demo/simulated_provider.ts";
import { textAt } from "../support/admin_under_test.ts";
import { at, type KeyturnUnderTest, startKeyturn, until } from "../support/keyturn_under_test.ts";
import { chat, CHAT_PATH, contents, GENERATE_PATH, message, MESSAGES_PATH } from "./asks.ts";
import { ScriptedUpstream } from "./scripted_upstream.ts";

const KEYS = [{ secret: "good-key-0001", behaviour: "ok" }] as const;
const PRICE = {
  inputNanoPerMillion: 2_500_000_000,
  outputNanoPerMillion: 10_000_000_000,
  cachedNanoPerMillion: 1_250_000_000,
};
const AMPLE = 1_000_000_000;

/** A client key with a budget of so many nano-dollars a day. */
class Spender {
  readonly #keyturn: KeyturnUnderTest;
  readonly #id: string;
  readonly #key: string;
  readonly #budget: number;

  constructor(keyturn: KeyturnUnderTest, made: unknown, budget: number) {
    this.#keyturn = keyturn;
    this.#id = textAt(made, "id");
    this.#key = textAt(made, "key");
    this.#budget = budget;
  }

  ask(path: string, body: unknown) {
    return this.#keyturn.ask(path, body, { "x-proxy-key": this.#key });
  }

  /** What is gone of the budget, in nano-dollars. */
  async spent(): Promise<number> {
    const shown = await this.#keyturn.admin("GET", `/admin/client-keys/${this.#id}`);
    const remaining = at(shown, "windows", 0, "remaining");
    assert.equal(at(shown, "windows", 0, "limit"), "nanoDollarsPerDay");
    return this.#budget - Number(remaining);
  }
}

async function makeSpender(keyturn: KeyturnUnderTest, nanoDollarsPerDay: number): Promise<Spender> {
  const limits = { nanoDollarsPerDay };
  const made = await keyturn.admin("POST", "/admin/client-keys", { name: "spender", limits });
  return new Spender(keyturn, made, nanoDollarsPerDay);
}

Deno.test("finish() spends the provider's tokens at its price, and admit() refuses once the budget is reached", async () => {
  const provider = startSimulatedProvider({ dialect: "openai", keys: KEYS });
  await using keyturn = await startKeyturn();
  await keyturn.enterSimulated("openai", provider, { prices: { "gpt-4o": PRICE } });
  const spender = await makeSpender(keyturn, 200_000);

  const statuses: number[] = [];
  let last = await spender.ask(CHAT_PATH, chat("say 7 cached tokens"));
  for (; last.status === 200 && statuses.length < 20; last = await spender.ask(CHAT_PATH, chat())) {
    statuses.push(last.status);
  }
  const spent = await spender.spent();
  await keyturn.stop();
  const { requests, inputTokens, outputTokens } = provider.totals;
  await provider.close();

  const cachedTokens = 7;
  assert.ok(statuses.length >= 3, "the first requests fit into the budget");
  assert.equal(requests, statuses.length, "what is over the budget reaches no provider");
  assert.equal(spent, (inputTokens - cachedTokens) * 2_500 + cachedTokens * 1_250 + outputTokens * 10_000);
  assert.ok(spent <= 200_000);
  assert.equal(last.status, 429, last.text);
  assert.equal(at(last.json, "error", "limit"), "nanoDollarsPerDay");
  assert.equal(at(last.json, "error", "limitValue"), 200_000);
  assert.match(String(at(last.json, "error", "message")), /limit of 0\.0002 US dollars a day/);
});

Deno.test("finish() spends money in each dialect, and for what is streamed", async () => {
  const providers = (["openai", "anthropic", "gemini"] as const)
    .map((dialect) => ({ dialect, provider: startSimulatedProvider({ dialect, keys: KEYS }) }));
  await using keyturn = await startKeyturn();
  for (const { dialect, provider } of providers) {
    await keyturn.enterSimulated(dialect, provider, { prices: { "*": PRICE } });
  }
  const spender = await makeSpender(keyturn, AMPLE);
  const streamed = { stream: true, stream_options: { include_usage: true } };
  const asks = [
    [CHAT_PATH, chat("one two", streamed)],
    [MESSAGES_PATH, message("one two", { stream: true })],
    [GENERATE_PATH, contents()],
  ] as const;

  const statuses: number[] = [];
  for (const [path, body] of asks) statuses.push((await spender.ask(path, body)).status);
  const spent = await spender.spent();
  await keyturn.stop();
  const costs = providers.map(({ provider: { totals } }) =>
    totals.inputTokens * 2_500 + totals.outputTokens * 10_000
  );
  await Promise.all(providers.map(({ provider }) => provider.close()));

  assert.deepEqual(statuses, [200, 200, 200]);
  assert.ok(costs.every((cost) => cost > 0));
  assert.equal(spent, costs.reduce((sum, cost) => sum + cost));
});

Deno.test("admit() reserves at the price of the first provider, and finish() settles at that of the one that serves", async () => {
  const held = Promise.withResolvers<void>();
  await using first = new ScriptedUpstream(async () => {
    await held.promise;
    return Response.json({ error: { message: "down", type: "server_error" } }, { status: 503 });
  });
  const second = startSimulatedProvider({ dialect: "openai", keys: KEYS, models: ["own-name"] });
  await using keyturn = await startKeyturn();
  const dear = { inputNanoPerMillion: 0, outputNanoPerMillion: 1_000_000_000 };
  const cheap = { inputNanoPerMillion: 3_000_000, outputNanoPerMillion: 5_000_000 };
  await keyturn.enter("first", {
    baseUrl: first.url,
    models: ["gpt-4o"],
    priority: 1,
    prices: { "gpt-4o": dear },
  }, ["key-0001"]);
  await keyturn.enterSimulated("openai", second, {
    modelMap: { "gpt-4o": "own-name" },
    prices: { "gpt-4o": dear, "own-*": cheap },
  });
  const spender = await makeSpender(keyturn, AMPLE);

  const answer = spender.ask(CHAT_PATH, chat("one two three", { max_tokens: 800 }));
  await until(() => first.requests.length > 0);
  const reserved = await spender.spent();
  held.resolve();
  const { status, headers } = await answer;
  const spent = await spender.spent();
  await keyturn.stop();
  const { inputTokens, outputTokens } = second.totals;
  await second.close();

  assert.equal(status, 200);
  assert.equal(headers.get("x-proxy-provider"), "openai");
  assert.equal(reserved, 800 * 1_000);
  assert.equal(spent, inputTokens * 3 + outputTokens * 5);
});

Deno.test("admit() is never stopped by a model without a price, and such a model spends no money", async () => {
  const provider = startSimulatedProvider({ dialect: "openai", keys: KEYS, models: ["house-model"] });
  await using keyturn = await startKeyturn();
  await keyturn.enterSimulated("openai", provider, { prices: { "o*": PRICE } });
  const spender = await makeSpender(keyturn, 1);

  const statuses: number[] = [];
  for (let count = 0; count < 3; count++) {
    const { status } = await spender.ask(CHAT_PATH, chat("one", { model: "house-model", max_tokens: 1_000 }));
    statuses.push(status);
  }
  const spent = await spender.spent();
  await keyturn.stop();
  await provider.close();

  assert.deepEqual(statuses, [200, 200, 200]);
  assert.equal(spent, 0);
});

Deno.test("finish() spends no money for a failed request, and the estimate for an answer that tells no usage", async () => {
  await using upstream = new ScriptedUpstream((_, index) =>
    index === 0
      ? Response.json({ error: { message: "no", type: "invalid_request_error" } }, { status: 400 })
      : Response.json({ choices: [{ message: { content: "ok" } }] })
  );
  await using keyturn = await startKeyturn();
  const prices = { "gpt-4o": { inputNanoPerMillion: 0, outputNanoPerMillion: 7_000_000 } };
  await keyturn.enter("one", { baseUrl: upstream.url, prices }, ["key-0001"]);
  const spender = await makeSpender(keyturn, AMPLE);
  const body = chat("hi", { max_tokens: 100 });

  const failed = await spender.ask(CHAT_PATH, body);
  const afterFailure = await spender.spent();
  const answered = await spender.ask(CHAT_PATH, body);
  const afterAnswer = await spender.spent();

  assert.deepEqual([failed.status, answered.status], [400, 200]);
  assert.deepEqual([afterFailure, afterAnswer], [0, 700]);
});
