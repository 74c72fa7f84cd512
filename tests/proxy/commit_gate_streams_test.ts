import assert from "node:assert/strict";
import { type SimulatedProvider, startSimulatedProvider } from "../../src/demo/simulated_provider.ts";
import { type KeyturnUnderTest, startKeyturn } from "../support/keyturn_under_test.ts";
import { chat, CHAT_PATH, contents, message, MESSAGES_PATH } from "./asks.ts";
import { ScriptedUpstream } from "./scripted_upstream.ts";

const TEXT = "say 20 words";
const STREAMS = {
  openai: { path: CHAT_PATH, body: chat(TEXT, { stream: true, stream_options: { include_usage: true } }) },
  anthropic: { path: MESSAGES_PATH, body: message(TEXT, { stream: true }) },
  gemini: {
    path: "/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse",
    body: contents(TEXT),
  },
} as const;
const KEYS = [{ secret: "key-0001", behaviour: "ok" }, { secret: "key-0002", behaviour: "ok" }] as const;

async function direct(provider: SimulatedProvider, path: string, body: unknown): Promise<string> {
  const headers = {
    "content-type": "application/json",
    "authorization": "Bearer key-0001",
    "x-goog-api-key": "key-0001",
    "anthropic-version": "2023-06-01",
  };
  const response = await fetch(provider.origin + path, {
    method: "POST",
    headers,
    body: JSON.stringify(body),
  });
  return await response.text();
}

/** Ids and times count requests; the rest must be the same. */
function withoutIds(stream: string): string {
  return stream.replaceAll(/"(?:id|created|responseId|message_id)":\s*("[^"]*"|\d+)/g, '"$1"')
    .replaceAll(/(chatcmpl-|msg_|resp[_-]|req_)\w+/g, "$1").replaceAll(/\d{10,}/g, "0");
}

for (const dialect of ["openai", "anthropic", "gemini"] as const) {
  const { path, body } = STREAMS[dialect];

  Deno.test(`answerStream() passes a stream of ${dialect} on byte for byte, even when it comes byte by byte`, async () => {
    const provider = startSimulatedProvider({ dialect, keys: KEYS, bytesPerWrite: 1 });
    await using keyturn = await startKeyturn();
    await keyturn.enterSimulated(dialect, provider);

    const got = await keyturn.ask(path, body);
    const expected = await direct(provider, path, body);
    await keyturn.stop();
    await provider.close();

    assert.equal(got.status, 200);
    assert.match(got.headers.get("content-type") ?? "", /^text\/event-stream/);
    assert.equal(withoutIds(got.text), withoutIds(expected));
  });

  Deno.test(`holdUntilMeaningful() hides an error of ${dialect} where the stream should begin`, async () => {
    const provider = startSimulatedProvider({
      dialect,
      keys: [
        { secret: "key-0001", behaviour: { outage: "stream_error_first" } },
        { secret: "key-0002", behaviour: "ok" },
      ],
    });
    await using keyturn = await startKeyturn();
    await keyturn.enterSimulated(dialect, provider);

    const got = await keyturn.ask(path, body);
    await keyturn.stop();
    await provider.close();

    assert.equal(got.status, 200);
    assert.equal(got.headers.get("x-proxy-attempts"), "2");
    assert.match(got.text, /word20/);
    assert.doesNotMatch(got.text, /"error"/);
  });

  Deno.test(`answerStream() ends a cut stream of ${dialect} with an error of its own form and no end mark`, async () => {
    const provider = startSimulatedProvider({
      dialect,
      keys: KEYS,
      outage: { kind: "cut_stream", afterEvents: 6 },
      chunkDelayMs: 5,
    });
    await using keyturn = await startKeyturn();
    await keyturn.enterSimulated(dialect, provider);

    const got = await keyturn.ask(path, body);
    await keyturn.stop();
    await provider.close();

    assert.equal(got.status, 200);
    assert.match(got.text, /word1/);
    assert.doesNotMatch(got.text, /\[DONE\]|message_stop|"finishReason":\s*"STOP"/);
    const last = got.text.trimEnd().split(/\r?\n\r?\n/).at(-1) ?? "";
    assert.match(
      last,
      dialect === "anthropic" ? /^event: error\ndata: \{"type":"error"/ : /^data: .*"error"/,
    );
    assert.equal(provider.totals.requests, 1);
  });

  Deno.test(`answerStream() adds nothing after the provider's own error inside a stream of ${dialect}`, async () => {
    const provider = startSimulatedProvider({
      dialect,
      keys: KEYS,
      outage: { kind: "stream_error_midway", afterEvents: 4 },
      chunkDelayMs: 5,
    });
    await using keyturn = await startKeyturn();
    await keyturn.enterSimulated(dialect, provider);

    const got = await keyturn.ask(path, body);
    const expected = await direct(provider, path, body);
    await keyturn.stop();
    await provider.close();

    assert.equal(withoutIds(got.text), withoutIds(expected));
  });
}

/** An OpenAI whose first stream is `first`, written at once or piece by piece, and whose later ones are good. */
function startTelling(first: (send: (text: string) => void, end: () => void) => void): ScriptedUpstream {
  const encoder = new TextEncoder();
  const headers = { "content-type": "text/event-stream" };
  return new ScriptedUpstream((_, index) => {
    if (index > 0) return new Response(`data: ${DELTA}\n\ndata: ${END}\n\ndata: [DONE]\n\n`, { headers });
    let isOpen = true;
    const stream = new ReadableStream<Uint8Array>({
      start(controller) {
        const send = (text: string) => isOpen && controller.enqueue(encoder.encode(text));
        first(send, () => isOpen && controller.close());
      },
      cancel() {
        isOpen = false;
      },
    });
    return new Response(stream, { headers });
  });
}

const DELTA = '{"choices":[{"index":0,"delta":{"content":"fine"}}]}';
const END = '{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}';
const ROLE = '{"choices":[{"index":0,"delta":{"role":"assistant","content":""}}]}';

async function enterTwoKeys(keyturn: KeyturnUnderTest, upstream: ScriptedUpstream): Promise<void> {
  const policy = { firstByteTimeoutMs: 150 };
  await keyturn.enter("openai", { preset: "openai", baseUrl: upstream.url, policy }, [
    "key-0001",
    "key-0002",
  ]);
}

Deno.test("holdUntilMeaningful() is opened neither by comments nor by role chunks", async () => {
  const error = '{"error":{"message":"The server had an error","type":"server_error","code":null}}';
  await using upstream = startTelling((send, end) => {
    send(`: OPENROUTER PROCESSING\n\n: ping\n\ndata: ${ROLE}\n\n`);
    send(`data: ${error}\n\n`);
    end();
  });
  await using keyturn = await startKeyturn();
  await enterTwoKeys(keyturn, upstream);

  const got = await keyturn.ask(CHAT_PATH, chat("hi", { stream: true }));

  assert.equal(got.status, 200);
  assert.equal(got.text, `data: ${DELTA}\n\ndata: ${END}\n\ndata: [DONE]\n\n`);
});

Deno.test("holdUntilMeaningful() gives a stream up whose first event comes too late, pings or not", async () => {
  await using upstream = startTelling((send) => {
    send(": ping\n\n");
  });
  await using keyturn = await startKeyturn();
  await enterTwoKeys(keyturn, upstream);

  const got = await keyturn.ask(CHAT_PATH, chat("hi", { stream: true }));
  await keyturn.stop();

  assert.equal(got.status, 200);
  assert.match(got.text, /fine/);
  assert.equal(upstream.requests.length, 2);
});

Deno.test("holdUntilMeaningful() tries again when a stream ends before anything was in it", async () => {
  await using upstream = startTelling((send, end) => {
    send(`data: ${ROLE}\n\n`);
    end();
  });
  await using keyturn = await startKeyturn();
  await enterTwoKeys(keyturn, upstream);

  const got = await keyturn.ask(CHAT_PATH, chat("hi", { stream: true }));

  assert.equal(got.status, 200);
  assert.match(got.text, /fine/);
});

Deno.test("holdUntilMeaningful() passes on what was held, once, when the first content comes", async () => {
  const whole = `: hello\n\ndata: ${ROLE}\n\ndata: ${DELTA}\n\ndata: ${END}\n\ndata: [DONE]\n\n`;
  await using upstream = startTelling((send, end) => {
    for (const char of whole) send(char);
    end();
  });
  await using keyturn = await startKeyturn();
  await enterTwoKeys(keyturn, upstream);

  const got = await keyturn.ask(CHAT_PATH, chat("hi", { stream: true }));

  assert.equal(got.text, whole);
  assert.equal(upstream.requests.length, 1);
});
