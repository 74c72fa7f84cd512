import assert from "node:assert/strict";
import { startSimulatedProvider } from "../../src/demo/simulated_provider.ts";
import { CLIENT_KEY, startKeyturn, until } from "../support/keyturn_under_test.ts";
import { chat, CHAT_PATH, message, MESSAGES_PATH } from "./asks.ts";
import { RelayUnderTest } from "./manual_relay.ts";
import { ScriptedUpstream } from "./scripted_upstream.ts";

const CHAT_URL = `http://keyturn${CHAT_PATH}`;
const KEYS = [{ secret: "key-0001", behaviour: "ok" }] as const;
const WHOLE = {
  choices: [{ index: 0, message: { role: "assistant", content: "Hi" }, finish_reason: "stop" }],
  usage: { prompt_tokens: 8, completion_tokens: 0, prompt_tokens_details: { cached_tokens: 0 } },
};
const PRICE = { inputNanoPerMillion: 2_000_000_000, outputNanoPerMillion: 5_000_000_000 };
const HEAD = 'data: {"choices":[{"index":0,"delta":{"role":"assistant","content":"12345678"}}]}\n\n';

Deno.test("finish() records the cost at its price, and a zero as zero", async () => {
  await using upstream = new ScriptedUpstream(() => Response.json(WHOLE));
  using relay = new RelayUnderTest();
  const provider = relay.enter("one", upstream.url, ["key-0001"]);
  relay.live.set({ ...provider, modelMap: { "gpt-4o": "own-name" }, prices: { "own-name": PRICE } });

  await relay.post(CHAT_URL, chat());

  const [record] = relay.records;
  assert.deepEqual(record?.usage, { inputTokens: 8, outputTokens: 0, cachedTokens: 0 });
  assert.equal(record?.costNanoDollars, 16_000);
  assert.match(record?.priceVersion ?? "", /^own-/);
  assert.equal(record?.model, "gpt-4o");
  assert.equal(record?.providerModel, "own-name");
  assert.equal(record?.isStream, false);
  assert.equal(record?.upstreamDialect, undefined);
});

Deno.test("finish() records what an attempt's verdict was about, and until when", async () => {
  await using upstream = new ScriptedUpstream((_, index) =>
    index === 0
      ? Response.json({ error: { message: "slow down", code: "rate_limit_exceeded" } }, {
        status: 429,
        headers: { "retry-after": "20" },
      })
      : Response.json(WHOLE)
  );
  using relay = new RelayUnderTest();
  relay.enter("one", upstream.url, ["key-0001", "key-0002"]);

  await relay.post(CHAT_URL, chat());

  const [limited, served] = relay.records[0]?.attempts ?? [];
  assert.equal(limited?.scope, "key_model");
  assert.equal(limited?.untilMs, relay.ticker.now() + 20_000);
  assert.equal(served?.kind, "succeeded");
  assert.equal(served?.untilMs, undefined);
});

Deno.test("finish() records what the provider speaks of a request that was translated", async () => {
  await using upstream = new ScriptedUpstream(() => Response.json(WHOLE));
  using relay = new RelayUnderTest();
  relay.enter("one", upstream.url, ["key-0001"]);

  await relay.post(`http://keyturn/llm/one${MESSAGES_PATH}`, message("hi", { model: "gpt-4o" }));

  const [record] = relay.records;
  assert.equal(record?.dialect, "anthropic");
  assert.equal(record?.upstreamDialect, "openai");
  assert.equal(record?.providerModel, undefined);
});

Deno.test("finish() estimates a stream that broke off: a token for four bytes asked, and four characters told", async () => {
  await using upstream = new ScriptedUpstream(() => {
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(new TextEncoder().encode(HEAD.repeat(100)));
        controller.close();
      },
    });
    return new Response(body, { headers: { "content-type": "text/event-stream" } });
  });
  using relay = new RelayUnderTest();
  relay.enter("one", upstream.url, ["key-0001"]);
  const body = chat("hi", { stream: true });

  await relay.post(CHAT_URL, body);

  const [record] = relay.records;
  assert.equal(record?.outcome, "interrupted");
  assert.equal(record?.usageSource, "estimated");
  assert.equal(record?.isStream, true);
  const inputTokens = Math.ceil(JSON.stringify(body).length / 4);
  assert.deepEqual(record?.usage, { inputTokens, outputTokens: 200 });
});

Deno.test("finish() reads the usage of what passes as it is, by the dialect of its provider", async () => {
  const provider = startSimulatedProvider({ dialect: "openai", keys: KEYS });
  await using keyturn = await startKeyturn();
  await keyturn.enterSimulated("openai", provider);

  const streamed = { stream: true, stream_options: { include_usage: true } };
  const answers = [
    await keyturn.ask("/proxy/openai/v1/chat/completions", chat()),
    await keyturn.ask("/proxy/openai/v1/chat/completions", chat("one two", streamed)),
    await keyturn.ask("/proxy/openai/v1/models"),
  ];
  await keyturn.stop();
  const [sum] = await keyturn.usage();
  await provider.close();

  assert.deepEqual(answers.map(({ status }) => status), [200, 200, 200]);
  assert.match(answers[1]?.text ?? "", /"choices":\[\],"usage":\{/, "it is not taken out");
  assert.equal(sum?.inputTokens, provider.totals.inputTokens);
  assert.equal(sum?.outputTokens, provider.totals.outputTokens);
  assert.equal(sum?.metered, 2);
});

Deno.test("finish() records the group, and requests that no provider was asked for", async () => {
  const provider = startSimulatedProvider({ dialect: "openai", keys: KEYS });
  await using keyturn = await startKeyturn();
  await keyturn.enterSimulated("openai", provider);
  await keyturn.enter("empty", { baseUrl: provider.baseUrl });
  await keyturn.admin("POST", "/admin/groups", { slug: "all", members: [{ provider: "openai" }] });

  const statuses = [
    await keyturn.ask("/llm/all/v1/chat/completions", chat()),
    await keyturn.ask(CHAT_PATH, chat("hi", { model: "all/gpt-4o" })),
    await keyturn.ask("/llm/empty/v1/chat/completions", chat()),
    await keyturn.ask("/llm/nobody/v1/chat/completions", chat()),
    await keyturn.call("POST", CHAT_PATH, chat(), { authorization: "Bearer kt_wrong" }),
  ].map(({ status }) => status);
  await keyturn.stop();
  const byGroup = await keyturn.usage(["group"]);
  const refused = (await keyturn.usage(["providerId", "model"])).filter(({ providerId }) =>
    providerId === ""
  );
  await provider.close();

  assert.deepEqual(statuses, [200, 200, 503, 404, 401]);
  assert.equal(byGroup.find(({ group }) => group === "all")?.requests, 2);
  assert.equal(refused.reduce((sum, { requests }) => sum + requests, 0), 3);
  assert.equal(refused.reduce((sum, row) => sum + row.refused, 0), 3);
});

Deno.test("finish() records a caller that left while its request waited for a key", async () => {
  const provider = startSimulatedProvider({
    dialect: "openai",
    keys: [{ secret: "key-0001", behaviour: { limitedPerMinute: 1 } }],
  });
  await using keyturn = await startKeyturn();
  await keyturn.enterSimulated("openai", provider, { policy: { maxWaitMs: 100_000 } });
  await keyturn.ask(CHAT_PATH, chat());
  const pool = keyturn.server.keyturn.live.find("openai")?.pool;
  const leaving = new AbortController();

  const asked = fetch(keyturn.url + CHAT_PATH, {
    method: "POST",
    headers: { authorization: `Bearer ${CLIENT_KEY}`, "content-type": "application/json" },
    body: JSON.stringify(chat()),
    signal: leaving.signal,
  });
  await until(() => pool?.waitingCount === 1);
  leaving.abort();
  await assert.rejects(asked);
  await until(() => pool?.waitingCount === 0);
  await keyturn.stop();
  const rows = await keyturn.usage(["statusClass"]);
  await provider.close();

  const left = rows.find(({ statusClass }) => statusClass === 4);
  assert.equal(left?.clientGone, 1);
  assert.equal(left?.attempts, 0);
  assert.equal(left?.metered, 0, "nobody was asked for it");
});

Deno.test("relay() answers 413 to a body that proves too large while it is sent, and blames nobody", async () => {
  await using upstream = new ScriptedUpstream(() => Response.json({}));
  await using keyturn = await startKeyturn({ maxReplayBytes: 1_000, maxBodyBytes: 5_000 });
  await keyturn.enter("one", { baseUrl: upstream.url, dialect: "rest" }, ["key-0001"]);
  let sent = 0;
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      if (sent++ >= 100) return controller.close();
      controller.enqueue(new Uint8Array(100));
      await new Promise((resolve) => setTimeout(resolve, 1));
    },
  });

  const response = await fetch(`${keyturn.url}/proxy/one/upload`, {
    method: "POST",
    headers: { authorization: `Bearer ${CLIENT_KEY}` },
    body,
  });
  const text = await response.text();
  const counts = keyturn.server.keyturn.live.find("one")?.pool.counts();
  await keyturn.stop();
  const [sum] = await keyturn.usage();

  assert.equal(response.status, 413, text);
  assert.equal(counts?.ready, 1);
  assert.equal(counts?.inFlight, 0);
  assert.equal(sum?.keyDead, 0);
  assert.equal(sum?.providerDown, 0);
});
