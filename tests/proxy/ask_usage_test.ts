import assert from "node:assert/strict";
import { at, parsed } from "../support/keyturn_under_test.ts";
import { chat, CHAT_PATH, message, MESSAGES_PATH } from "./asks.ts";
import { RelayUnderTest } from "./manual_relay.ts";
import { type Received, ScriptedUpstream } from "./scripted_upstream.ts";

const CHAT_URL = `http://keyturn${CHAT_PATH}`;
const decoder = new TextDecoder();
const HEAD = 'data: {"id":"c","choices":[{"index":0,"delta":{"role":"assistant","content":"Hi"}}]}\n\n';
const FINISH = 'data: {"id":"c","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n';
const USAGE = 'data: {"id":"c","choices":[],"usage":{"prompt_tokens":30,"completion_tokens":7}}\n\n';
const DONE = "data: [DONE]\n\n";
const STREAMED = chat("hi", { stream: true });

/** Answers as OpenAI does: with the usage if it is asked for. */
function streamFor({ body }: Received): Response {
  const isAsked = at(parsed(decoder.decode(body)), "stream_options", "include_usage") === true;
  const text = HEAD + FINISH + (isAsked ? USAGE : "") + DONE;
  return new Response(text, { headers: { "content-type": "text/event-stream" } });
}

/** Answers as servers do that have never heard of `stream_options`. */
function refusing(received: Received): Response {
  if (!decoder.decode(received.body).includes("stream_options")) return streamFor(received);
  const error = { message: "Unrecognized request argument supplied: stream_options", param: null };
  return Response.json({ error: { ...error, type: "invalid_request_error" } }, { status: 400 });
}

Deno.test("relay() asks for the usage of a chat's stream, and its caller gets every byte but that chunk", async () => {
  await using upstream = new ScriptedUpstream(streamFor);
  using relay = new RelayUnderTest();
  relay.enter("one", upstream.url, ["key-0001"]);

  const { answer, text } = await relay.post(CHAT_URL, STREAMED);

  assert.equal(answer.status, 200);
  assert.equal(text, HEAD + FINISH + DONE);
  const asked = '{"stream_options":{"include_usage":true},' + JSON.stringify(STREAMED).slice(1);
  assert.equal(decoder.decode(upstream.requests[0]?.body), asked);
  assert.deepEqual(relay.records[0]?.usage, { inputTokens: 30, outputTokens: 7 });
  assert.equal(relay.records[0]?.usageSource, "reported");
});

Deno.test("relay() adds the ask to the options that a caller has stated, and keeps big numbers", async () => {
  await using upstream = new ScriptedUpstream(streamFor);
  using relay = new RelayUnderTest();
  relay.enter("one", upstream.url, ["key-0001"]);
  const options = { include_usage: false, include_obfuscation: false };

  const { text } = await relay.post(
    CHAT_URL,
    chat("hi", { stream: true, stream_options: options, seed: 7 }),
  );

  const sent = decoder.decode(upstream.requests[0]?.body);
  assert.equal(text, HEAD + FINISH + DONE);
  assert.ok(
    sent.endsWith('"stream_options":{"include_usage":true,"include_obfuscation":false},"seed":7}'),
    sent,
  );
});

Deno.test("relay() passes the chunk with the usage to a caller that has asked for it, and sends its very bytes", async () => {
  await using upstream = new ScriptedUpstream(streamFor);
  using relay = new RelayUnderTest();
  relay.enter("one", upstream.url, ["key-0001"]);
  const body = { ...STREAMED, stream_options: { include_usage: true } };

  const { text } = await relay.post(CHAT_URL, body);

  assert.equal(text, HEAD + FINISH + USAGE + DONE);
  assert.equal(decoder.decode(upstream.requests[0]?.body), JSON.stringify(body));
  assert.deepEqual(relay.records[0]?.usage, { inputTokens: 30, outputTokens: 7 });
});

Deno.test("relay() asks nothing of a request that is no chat's stream, or passes as it is", async () => {
  await using upstream = new ScriptedUpstream(streamFor);
  using relay = new RelayUnderTest();
  relay.enter("one", upstream.url, ["key-0001"]);

  await relay.post(CHAT_URL, chat("hi"));
  await relay.post("http://keyturn/v1/completions", { model: "gpt-4o", prompt: "hi", stream: true });
  await relay.post("http://keyturn/proxy/one/v1/chat/completions", STREAMED);

  const sent = upstream.requests.map(({ body }) => decoder.decode(body));
  assert.deepEqual(sent.filter((body) => body.includes("stream_options")), []);
  assert.equal(sent[2], JSON.stringify(STREAMED));
});

Deno.test("relay() asks a provider that refuses it again at once with the same key, blames nobody, and remembers", async () => {
  await using upstream = new ScriptedUpstream(refusing);
  using relay = new RelayUnderTest();
  const { slug } = relay.enter("one", upstream.url, ["key-0001", "key-0002"]);

  const first = await relay.post(CHAT_URL, STREAMED);
  const second = await relay.post(CHAT_URL, STREAMED);

  const keys = upstream.requests.map(({ headers }) => headers.get("authorization"));
  assert.equal(keys.length, 3, "only the first request was sent twice");
  assert.equal(keys[0], keys[1]);
  assert.deepEqual([first.text, second.text], [HEAD + FINISH + DONE, HEAD + FINISH + DONE]);
  assert.deepEqual(relay.records[0]?.attempts.map(({ kind }) => kind), ["succeeded"]);
  assert.equal(relay.live.find(slug)?.pool.counts().ready, 2);
  assert.equal(relay.records[0]?.usageSource, "estimated");
});

Deno.test("relay() does not remember a refusal that stands without the ask, too", async () => {
  await using upstream = new ScriptedUpstream((received) => {
    const text = decoder.decode(received.body);
    const error = { message: `Cannot take ${text}`, type: "invalid_request_error" };
    return text.includes("bad one") ? Response.json({ error }, { status: 400 }) : streamFor(received);
  });
  using relay = new RelayUnderTest();
  relay.enter("one", upstream.url, ["key-0001"]);

  const bad = await relay.post(CHAT_URL, chat("bad one: stream_options", { stream: true }));
  const good = await relay.post(CHAT_URL, STREAMED);

  assert.equal(bad.answer.status, 400);
  assert.equal(good.text, HEAD + FINISH + DONE);
  assert.equal(relay.records[1]?.usageSource, "reported");
});

Deno.test("relay() sends a translated stream again without the ask where that is refused", async () => {
  await using upstream = new ScriptedUpstream(refusing);
  using relay = new RelayUnderTest();
  relay.enter("one", upstream.url, ["key-0001"]);

  const { answer, text } = await relay.post(
    `http://keyturn/llm/one${MESSAGES_PATH}`,
    message("hi", { model: "gpt-4o", stream: true }),
  );

  assert.equal(answer.status, 200, text);
  assert.match(text, /message_stop/);
  assert.equal(upstream.requests.length, 2);
  assert.equal(relay.records[0]?.attempts.length, 1);
});
