import { ApiError, GoogleGenAI } from "@google/genai";
import Anthropic from "@anthropic-ai/sdk";
import assert from "node:assert/strict";
import OpenAI from "openai";
import { startSimulatedProvider } from "../../src/demo/simulated_provider.ts";
import { textAt } from "../support/admin_under_test.ts";
import { at, type Got, type KeyturnUnderTest, startKeyturn, until } from "../support/keyturn_under_test.ts";
import { chat, CHAT_PATH, contents, GENERATE_PATH, message, MESSAGES_PATH } from "./asks.ts";
import { ScriptedUpstream } from "./scripted_upstream.ts";

interface MadeKey {
  readonly id: string;
  readonly key: string;
}

async function makeKey(keyturn: KeyturnUnderTest, limits: Record<string, number>): Promise<MadeKey> {
  const made = await keyturn.admin("POST", "/admin/client-keys", { name: "limited", limits });
  return { id: textAt(made, "id"), key: textAt(made, "key") };
}

function askWith(keyturn: KeyturnUnderTest, { key }: MadeKey, path: string, body: unknown): Promise<Got> {
  return keyturn.ask(path, body, { "x-proxy-key": key });
}

const rateLimits = ({ headers }: { readonly headers: Headers }) =>
  ["limit", "remaining"].map((name) => headers.get(`x-ratelimit-${name}`));

Deno.test("admit() refuses the request over the limit in each dialect, so that SDKs raise their rate limit error", async () => {
  const keys = [{ secret: "good-key-0001", behaviour: "ok" }] as const;
  const providers = (["openai", "anthropic", "gemini"] as const)
    .map((dialect) => ({ dialect, provider: startSimulatedProvider({ dialect, keys }) }));
  await using keyturn = await startKeyturn();
  for (const { dialect, provider } of providers) await keyturn.enterSimulated(dialect, provider);
  const limited = await makeKey(keyturn, { requestsPerMinute: 3 });
  const asks = [[CHAT_PATH, chat()], [MESSAGES_PATH, message()], [GENERATE_PATH, contents()]] as const;
  const apiKey = limited.key;

  const good: Got[] = [];
  for (const [path, body] of asks) good.push(await askWith(keyturn, limited, path, body));
  const refused: Got[] = [];
  for (const [path, body] of asks) refused.push(await askWith(keyturn, limited, path, body));
  const openai = () =>
    new OpenAI({ baseURL: `${keyturn.url}/v1`, apiKey, maxRetries: 0 }).chat.completions
      .create({ model: "gpt-4o", messages: [{ role: "user", content: "hi" }] });
  const anthropic = () =>
    new Anthropic({ baseURL: keyturn.url, apiKey, maxRetries: 0 }).messages
      .create({ model: "claude-haiku-4-5", max_tokens: 9, messages: [{ role: "user", content: "hi" }] });
  const httpOptions = { baseUrl: keyturn.url, retryOptions: { attempts: 1 } };
  const gemini = () =>
    new GoogleGenAI({ apiKey, httpOptions }).models
      .generateContent({ model: "gemini-2.5-flash", contents: "hi" });
  await assert.rejects(openai, (error) => error instanceof OpenAI.RateLimitError);
  await assert.rejects(anthropic, (error) => error instanceof Anthropic.RateLimitError);
  await assert.rejects(gemini, (error) => error instanceof ApiError && error.status === 429);
  await keyturn.stop();
  const served = providers.map(({ provider }) => provider.totals.requests);
  await Promise.all(providers.map(({ provider }) => provider.close()));

  assert.deepEqual(good.map(({ status }) => status), [200, 200, 200]);
  assert.deepEqual(good.map(rateLimits), [["3", "2"], ["3", "1"], ["3", "0"]]);
  for (const each of refused) {
    assert.equal(each.status, 429, each.text);
    assert.deepEqual(rateLimits(each), ["3", "0"]);
    const seconds = Number(each.headers.get("retry-after"));
    assert.ok(seconds >= 1 && seconds <= 60, `${seconds} s`);
  }
  assert.equal(at(refused[0]?.json, "error", "limit"), "requestsPerMinute");
  assert.equal(at(refused[0]?.json, "error", "limitValue"), 3);
  assert.match(String(at(refused[1]?.json, "error", "message")), /limit of 3 requests a minute/);
  assert.equal(at(refused[2]?.json, "error", "details", 0, "metadata", "limitValue"), "3");
  assert.deepEqual(served, [1, 1, 1]);
});

Deno.test("admit() reserves the tokens that a request asks for, and gives back what it did not use", async () => {
  const held = Promise.withResolvers<void>();
  const usage = { prompt_tokens: 10, completion_tokens: 20, total_tokens: 30 };
  await using upstream = new ScriptedUpstream(async (_, index) => {
    if (index === 0) await held.promise;
    return Response.json({ choices: [{ message: { content: "ok" } }], usage });
  });
  await using keyturn = await startKeyturn();
  await keyturn.enter("one", { baseUrl: upstream.url }, ["key-0001", "key-0002"]);
  const limited = await makeKey(keyturn, { tokensPerDay: 1000 });
  const large = chat("hi", { max_tokens: 800 });

  const first = askWith(keyturn, limited, CHAT_PATH, large);
  await until(() => upstream.requests.length === 1);
  const meanwhile = await askWith(keyturn, limited, CHAT_PATH, large);
  held.resolve();
  const done = await first;
  const after = await askWith(keyturn, limited, CHAT_PATH, large);

  assert.equal(meanwhile.status, 429, meanwhile.text);
  assert.equal(at(meanwhile.json, "error", "limit"), "tokensPerDay");
  assert.deepEqual([done.status, after.status], [200, 200]);
  const shown = await keyturn.admin("GET", `/admin/client-keys/${limited.id}`);
  const [window] = Object(shown).windows;
  assert.equal(at(window, "limit"), "tokensPerDay");
  assert.equal(at(window, "remaining"), 1000 - 2 * 30);
});

Deno.test("admit() counts requests of a day and requests at the same time, and a failed one costs no tokens", async () => {
  const held = Promise.withResolvers<void>();
  await using upstream = new ScriptedUpstream(async (_, index) => {
    if (index > 0) {
      return Response.json({ error: { message: "no", type: "invalid_request_error" } }, { status: 400 });
    }
    await held.promise;
    return Response.json({ choices: [{ message: { content: "ok" } }] });
  });
  await using keyturn = await startKeyturn();
  await keyturn.enter("one", { baseUrl: upstream.url }, ["key-0001"]);
  const single = await makeKey(keyturn, { concurrency: 1 });
  const daily = await makeKey(keyturn, { requestsPerDay: 2, tokensPerMinute: 1000 });

  const first = askWith(keyturn, single, CHAT_PATH, chat());
  await until(() => upstream.requests.length === 1);
  const second = await askWith(keyturn, single, CHAT_PATH, chat());
  held.resolve();
  const third = (await first, await askWith(keyturn, single, CHAT_PATH, chat()));
  const statuses: number[] = [];
  for (let count = 0; count < 3; count++) {
    statuses.push((await askWith(keyturn, daily, CHAT_PATH, chat("hi", { max_tokens: 900 }))).status);
  }

  assert.equal((await first).status, 200);
  assert.deepEqual([second.status, at(second.json, "error", "limit")], [429, "concurrency"]);
  assert.equal(second.headers.get("retry-after"), "1");
  assert.equal(third.status, 400);
  assert.deepEqual(statuses, [400, 400, 429]);
});

Deno.test("callerHeaders() tells the client key's limits in the place of the upstream's, only where it has some", async () => {
  const headers = { "x-ratelimit-limit": "99", "x-ratelimit-limit-requests": "77" };
  await using upstream = new ScriptedUpstream(() =>
    Response.json({ choices: [{ text: "ok" }] }, { headers })
  );
  await using keyturn = await startKeyturn();
  await keyturn.enter("one", { baseUrl: upstream.url }, ["key-0001"]);
  const limited = await makeKey(keyturn, { requestsPerMinute: 5 });

  const own = await askWith(keyturn, limited, CHAT_PATH, chat());
  const free = await keyturn.ask(CHAT_PATH, chat());

  assert.deepEqual(rateLimits(own), ["5", "4"]);
  assert.ok(Number(own.headers.get("x-ratelimit-reset")) <= 60);
  assert.equal(own.headers.get("x-ratelimit-limit-requests"), "77");
  assert.equal(free.headers.get("x-ratelimit-limit"), "99");
});
