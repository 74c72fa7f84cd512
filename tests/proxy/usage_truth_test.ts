import assert from "node:assert/strict";
import { type SimulatedProvider, startSimulatedProvider } from "../../src/demo/simulated_provider.ts";
import type { SimulatedKey } from "../../src/demo/simulated_key.ts";
import { openDatabase } from "../../src/store/database.ts";
import { sumUsage } from "../../src/store/usage_query.ts";
import { startServing } from "../cli/running.ts";
import { withWorkingFolder } from "../cli/program.ts";
import { CLIENT_KEY, startKeyturn, until } from "../support/keyturn_under_test.ts";
import { chat, contents, message } from "./asks.ts";

/** 50,000 take one to two minutes. */
const REQUESTS = 3_000;
const CONCURRENCY = 32;

/** One kind of request of the load: `leaves` in the middle of its answer. */
interface Ask {
  readonly path: string;
  readonly body: unknown;
  readonly leaves?: boolean;
}

const STREAM = { stream: true };
const TOLD = { stream: true, stream_options: { include_usage: true } };
const OPENAI = "/llm/openai/v1";
const ANTHROPIC = "/llm/anthropic/v1";
const GEMINI = "/llm/gemini/v1beta/models/gemini-2.5-flash";
const CLAUDE = { model: "claude-haiku-4-5" };
const GPT = { model: "gpt-4o", max_tokens: 200 };

const ASKS: readonly Ask[] = [
  { path: `${OPENAI}/chat/completions`, body: chat("one two three 7 cached tokens") },
  { path: `${OPENAI}/chat/completions`, body: chat("say 40 words", STREAM) },
  { path: `${OPENAI}/chat/completions`, body: chat("say 20 words", TOLD) },
  { path: `${OPENAI}/responses`, body: { model: "gpt-4o", input: "say 12 words" } },
  {
    path: `${OPENAI}/responses`,
    body: { model: "gpt-4o", input: "say 30 words 5 reasoning tokens", ...STREAM },
  },
  { path: `${OPENAI}/embeddings`, body: { model: "text-embedding-3-small", input: ["two words", "one"] } },
  { path: "/proxy/openai/v1/chat/completions", body: chat("as it is", TOLD) },
  { path: `${ANTHROPIC}/messages`, body: message("one two 7 cached tokens 3 cache write tokens") },
  { path: `${ANTHROPIC}/messages`, body: message("say 40 words", STREAM) },
  { path: "/proxy/anthropic/v1/messages", body: message("say 9 words", STREAM) },
  { path: `${GEMINI}:generateContent`, body: contents("one two three 6 reasoning tokens") },
  { path: `${GEMINI}:streamGenerateContent?alt=sse`, body: contents("say 40 words") },
  { path: `${GEMINI}:streamGenerateContent`, body: contents("say 15 words") },
  // Translated: each dialect to each other one, whole and streamed.
  { path: `${ANTHROPIC}/chat/completions`, body: chat("say 11 words", CLAUDE) },
  {
    path: `${ANTHROPIC}/chat/completions`,
    body: chat("say 17 words 7 cached tokens", { ...CLAUDE, ...STREAM }),
  },
  { path: `${ANTHROPIC}/responses`, body: { ...CLAUDE, input: "say 13 words", ...STREAM } },
  { path: "/llm/gemini/v1/chat/completions", body: chat("say 9 words", { model: "gemini-2.5-flash" }) },
  { path: "/llm/gemini/v1/messages", body: message("say 8 words", { model: "gemini-2.5-flash", ...STREAM }) },
  { path: `${OPENAI}/messages`, body: message("say 21 words", GPT) },
  { path: `${OPENAI}/messages`, body: message("say 22 words", { ...GPT, ...STREAM }) },
  { path: "/llm/openai/v1beta/models/gpt-4o:generateContent", body: contents("say 5 words") },
  {
    path: "/llm/anthropic/v1beta/models/claude-haiku-4-5:streamGenerateContent?alt=sse",
    body: contents("say 6 words"),
  },
];

/** Among a hundred requests, those whose callers leave. */
const LEAVING: ReadonlyMap<number, Ask> = new Map([
  [7, { path: "/llm/drained/v1/chat/completions", body: chat("say 200 words", STREAM), leaves: true }],
  [37, { path: "/llm/dropped/v1/chat/completions", body: chat("say 2000 words", STREAM), leaves: true }],
  [61, { path: "/llm/dropped-claude/v1/messages", body: message("say 90 words", STREAM), leaves: true }],
  [83, {
    path: "/llm/drained-gemini/v1/messages",
    body: message("say 80 words", { model: "gemini-2.5-flash", ...STREAM }),
    leaves: true,
  }],
]);

function askAt(index: number): Ask {
  const ask = LEAVING.get(index % 100) ?? ASKS[index % ASKS.length];
  assert.ok(ask !== undefined);
  return ask;
}

/** Sends it; gives the status. */
async function send(url: string, { path, body, leaves = false }: Ask): Promise<number> {
  const leaving = new AbortController();
  const response = await fetch(url + path, {
    method: "POST",
    headers: { authorization: `Bearer ${CLIENT_KEY}`, "content-type": "application/json" },
    body: JSON.stringify(body),
    signal: leaving.signal,
  });
  if (!leaves) {
    await response.bytes();
    return response.status;
  }
  const reader = response.body?.getReader();
  await reader?.read();
  leaving.abort();
  await reader?.read().catch(() => {});
  return response.status;
}

/** Keys that are served, with one that is revoked and one that is limited among them. */
function keysOf(name: string): SimulatedKey[] {
  // So many that nobody meets the outage with all of them.
  const good = Array.from(
    { length: 6 },
    (_, index) => ({ secret: `${name}-good-000${index}`, behaviour: "ok" as const }),
  );
  return [
    { secret: `${name}-revoked-0001`, behaviour: "revoked" },
    ...good,
    { secret: `${name}-limited-0001`, behaviour: { limitedPerMinute: 50 } },
  ];
}

Deno.test(`the recorded tokens of ${REQUESTS} mixed requests are those that the providers say they served`, async () => {
  const bursts = { every: 50, length: 1, outage: "overloaded" } as const;
  const start = (slug: string, dialect: "openai" | "anthropic" | "gemini", rule?: "abort" | "drain") => ({
    slug,
    dialect,
    rule,
    provider: startSimulatedProvider({
      dialect,
      keys: keysOf(slug),
      logSize: 0,
      ...(rule === undefined ? { bursts } : { chunkDelayMs: 2 }),
    }),
  });
  const entered = [
    start("openai", "openai"),
    start("anthropic", "anthropic"),
    start("gemini", "gemini"),
    start("drained", "openai", "drain"),
    start("drained-gemini", "gemini", "drain"),
    start("dropped", "openai", "abort"),
    start("dropped-claude", "anthropic", "abort"),
  ];
  await using keyturn = await startKeyturn({ logLevel: "warn" });
  const keyIds = new Map<string, string[]>();
  for (const { slug, dialect, provider, rule } of entered) {
    const policy = rule === undefined ? {} : { policy: { onClientGone: rule } };
    keyIds.set(slug, await keyturn.enterSimulated(dialect, provider, { slug, ...policy }));
  }

  const statuses = new Map<number, number>();
  let next = 0;
  const caller = async () => {
    for (let index = next++; index < REQUESTS; index = next++) {
      const status = await send(keyturn.url, askAt(index));
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, caller));
  await until(() => entered.every(({ provider }) => provider.totals.inFlight === 0));
  const pools = entered.map(({ slug }) => keyturn.server.keyturn.live.find(slug)?.pool);
  await until(() => pools.every((pool) => pool?.counts().inFlight === 0));
  await keyturn.stop();
  const rows = await keyturn.usage(["providerKeyId", "usageSource"]);
  const [all] = await keyturn.usage();
  for (const { provider } of entered) await provider.close();

  assert.deepEqual([...statuses], [[200, REQUESTS]]);
  assert.equal(all?.requests, REQUESTS);
  for (const { slug, provider } of entered) {
    for (const [index, [secret, counts]] of [...provider.served].entries()) {
      const id = keyIds.get(slug)?.[index];
      const told = rows.find((row) => row.providerKeyId === id && row.usageSource === "reported");
      assert.deepEqual(
        { input: told?.inputTokens ?? 0, output: told?.outputTokens ?? 0 },
        {
          input: counts.inputTokens - counts.abandonedInputTokens,
          output: counts.outputTokens - counts.abandonedOutputTokens,
        },
        secret,
      );
    }
  }
  const leaving = Array.from({ length: REQUESTS }, (_, index) => askAt(index)).filter(({ leaves }) => leaves);
  const dropped = leaving.filter(({ path }) => path.includes("dropped")).length;
  const estimated = rows.filter(({ usageSource }) => usageSource === "estimated");
  assert.equal(all?.clientGone, leaving.length);
  assert.equal(estimated.reduce((sum, { requests }) => sum + requests, 0), dropped);
  assert.equal(entered.reduce((sum, { provider }) => sum + provider.totals.abandoned, 0), dropped);
  assert.ok(Number(all?.attempts) > REQUESTS + REQUESTS / 100, "a part of them was tried more than once");
  const kinds = ASKS.map(({ body }) => JSON.stringify(body));
  const withCache = Array.from({ length: REQUESTS }, (_, index) => index)
    .filter((index) => !LEAVING.has(index % 100) && kinds[index % ASKS.length]?.includes("7 cached")).length;
  assert.equal(all?.cachedTokens, withCache * 7);
});

Deno.test("what was used is recorded after kill -9, but for the last second", () =>
  withWorkingFolder(async (folder) => {
    const provider = startSimulatedProvider({ dialect: "openai", keys: keysOf("killed"), logSize: 0 });
    await using running = await startServing(folder, { GLOBAL_PROXY_KEYS: CLIENT_KEY, LOG_LEVEL: "error" });
    const form = { slug: "openai", preset: "openai", baseUrl: provider.baseUrl, models: provider.models };
    await running.admin("POST", "/admin/providers", form);
    await running.admin("POST", "/admin/providers/openai/keys", { keys: [...provider.served.keys()] });
    const asks = ASKS.filter(({ path }) => path.startsWith(OPENAI));
    let isOver = false;
    let sent = 0;
    const caller = async () => {
      while (!isOver) {
        const ask = asks[sent++ % asks.length];
        if (ask !== undefined) await send(running.url, ask).catch(() => {});
      }
    };

    const callers = Array.from({ length: 8 }, caller);
    await until(() => provider.totals.succeeded > 200);
    const before = await settledTotals(provider);
    const secondAgoMs = performance.now();
    await until(() => performance.now() > secondAgoMs + 1_000);
    await running.program.stop("SIGKILL");
    isOver = true;
    await Promise.all(callers);
    const sum = await recordedIn(folder);
    await provider.close();

    const { inputTokens, outputTokens } = provider.totals;
    assert.ok(before.outputTokens > 0);
    assert.ok(sum.outputTokens >= before.outputTokens, `${sum.outputTokens} of ${before.outputTokens}`);
    assert.ok(sum.inputTokens >= before.inputTokens, `${sum.inputTokens} of ${before.inputTokens}`);
    assert.ok(sum.outputTokens <= outputTokens && sum.inputTokens <= inputTokens, "nothing is counted twice");
  }));

/** What it had served when all that was under way has ended; more goes on beside it. */
async function settledTotals(provider: SimulatedProvider) {
  const { inputTokens, outputTokens, succeeded } = provider.totals;
  // Eight at a time: when as many more have been served, these are over.
  await until(() => provider.totals.succeeded > succeeded + 50);
  return { inputTokens, outputTokens };
}

async function recordedIn(folder: string): Promise<{ inputTokens: number; outputTokens: number }> {
  const db = await openDatabase({ url: `file:${folder}/data/keyturn.db` });
  try {
    const [sum] = await sumUsage(db, { fromMinute: 0, toMinute: 1e9, by: [] });
    return { inputTokens: sum?.inputTokens ?? 0, outputTokens: sum?.outputTokens ?? 0 };
  } finally {
    db.close();
  }
}
