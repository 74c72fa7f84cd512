import assert from "node:assert/strict";
import { AnthropicStreamWriter } from "../../src/translate/anthropic_stream_writer.ts";
import type { ChatEvent } from "../../src/translate/chat_answer.ts";
import { answerTold, eventsIn } from "./anthropic_support.ts";

/** The events that are written, as `type index detail`. */
function written(...events: readonly ChatEvent[]): string[] {
  const writer = new AnthropicStreamWriter(answerTold());
  const sent = eventsIn(events.map((event) => writer.write(event)).join(""));
  return sent.map(({ name, data }) => {
    const { type, index, ...rest } = JSON.parse(data);
    assert.equal(name, type);
    const detail = rest.content_block ?? rest.delta ?? rest.error ?? rest.message?.model;
    return [type, index, detail === undefined ? undefined : JSON.stringify(detail)]
      .filter((part) => part !== undefined).join(" ");
  });
}

const START: ChatEvent = { kind: "start", id: "a1", model: "upstream-model" };
const text = (words: string): ChatEvent => ({ kind: "text", choice: 0, text: words });
const open = (call: number): ChatEvent => ({ kind: "tool_call", choice: 0, call, id: `c${call}`, name: "f" });
const args = (call: number, words: string): ChatEvent => ({
  kind: "tool_arguments",
  choice: 0,
  call,
  text: words,
});
const close = (call: number): ChatEvent => ({ kind: "tool_call_end", choice: 0, call });
const FINISH: ChatEvent = { kind: "finish", choice: 0, finish: { reason: "stop" } };
const BEGUN = 'message_start "asked-model"';
const ENDED = ['message_delta {"stop_reason":"end_turn","stop_sequence":null}', "message_stop"];

Deno.test("AnthropicStreamWriter.write() sends message_start at once, with the model that was asked for", () => {
  const writer = new AnthropicStreamWriter(answerTold());

  const sent = writer.write(START);

  assert.deepEqual(JSON.parse(eventsIn(sent)[0]?.data ?? ""), {
    type: "message_start",
    message: {
      id: "a1",
      type: "message",
      role: "assistant",
      model: "asked-model",
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: {
        input_tokens: 0,
        cache_creation_input_tokens: 0,
        cache_read_input_tokens: 0,
        output_tokens: 0,
      },
    },
  });
});

Deno.test("AnthropicStreamWriter.write() opens a block for each kind", () => {
  const sent = written(
    START,
    { kind: "thinking", choice: 0, text: "hm" },
    { kind: "signature", choice: 0, of: "thinking", signature: { issuer: "gemini", value: "AbC" } },
    { kind: "thinking", choice: 0, text: "again" },
    text("so"),
    { kind: "ping" },
    { kind: "refusal", choice: 0, text: " no" },
    { kind: "redacted_thinking", choice: 0, issuer: "anthropic", data: "EmwK" },
    { kind: "image", choice: 0, mediaType: "image/png", base64: "AAAA" },
    FINISH,
    { kind: "end" },
  );

  assert.deepEqual(sent, [
    BEGUN,
    'content_block_start 0 {"type":"thinking","thinking":"","signature":""}',
    'content_block_delta 0 {"type":"thinking_delta","thinking":"hm"}',
    'content_block_delta 0 {"type":"signature_delta","signature":"kt.gemini.AbC"}',
    "content_block_stop 0",
    'content_block_start 1 {"type":"thinking","thinking":"","signature":""}',
    'content_block_delta 1 {"type":"thinking_delta","thinking":"again"}',
    'content_block_delta 1 {"type":"signature_delta","signature":"kt."}',
    "content_block_stop 1",
    'content_block_start 2 {"type":"text","text":""}',
    'content_block_delta 2 {"type":"text_delta","text":"so"}',
    "ping",
    'content_block_delta 2 {"type":"text_delta","text":" no"}',
    "content_block_stop 2",
    'content_block_start 3 {"type":"redacted_thinking","data":"EmwK"}',
    "content_block_stop 3",
    'content_block_start 4 {"type":"image","source":{"type":"base64","media_type":"image/png","data":"AAAA"}}',
    "content_block_stop 4",
    ...ENDED,
  ]);
});

Deno.test("AnthropicStreamWriter.write() opens one block a tool and never two at a time (trap 3)", () => {
  const sent = written(
    START,
    text("so"),
    open(0),
    args(0, '{"a"'),
    open(1),
    args(1, '{"b":2}'),
    args(0, ":1}"),
    text("late"),
    close(1),
    close(0),
    FINISH,
    { kind: "end" },
  );

  assert.deepEqual(sent, [
    BEGUN,
    'content_block_start 0 {"type":"text","text":""}',
    'content_block_delta 0 {"type":"text_delta","text":"so"}',
    "content_block_stop 0",
    'content_block_start 1 {"type":"tool_use","id":"c0","name":"f","input":{}}',
    'content_block_delta 1 {"type":"input_json_delta","partial_json":"{\\"a\\""}',
    'content_block_delta 1 {"type":"input_json_delta","partial_json":":1}"}',
    "content_block_stop 1",
    'content_block_start 2 {"type":"tool_use","id":"c1","name":"f","input":{}}',
    'content_block_delta 2 {"type":"input_json_delta","partial_json":"{\\"b\\":2}"}',
    "content_block_stop 2",
    'content_block_start 3 {"type":"text","text":""}',
    'content_block_delta 3 {"type":"text_delta","text":"late"}',
    "content_block_stop 3",
    'message_delta {"stop_reason":"tool_use","stop_sequence":null}',
    "message_stop",
  ]);
});

Deno.test("AnthropicStreamWriter.write() ends calls that nobody ended", () => {
  const sent = written(START, open(0), open(1), args(1, "{}"), args(0, "{}"), FINISH, { kind: "end" });

  assert.deepEqual(sent.filter((line) => !line.includes("delta")), [
    BEGUN,
    'content_block_start 0 {"type":"tool_use","id":"c0","name":"f","input":{}}',
    "content_block_stop 0",
    'content_block_start 1 {"type":"tool_use","id":"c1","name":"f","input":{}}',
    "content_block_stop 1",
    "message_stop",
  ]);
});

Deno.test("AnthropicStreamWriter.write() hides foreign signatures of calls and texts in blocks that come back", () => {
  const sent = written(
    START,
    text("so"),
    { kind: "signature", choice: 0, of: "text", signature: { issuer: "gemini", value: "ZZ" } },
    { kind: "citation", choice: 0, citation: { url: "https://example.com" } },
    text("more"),
    {
      kind: "tool_call",
      choice: 0,
      call: 0,
      id: "c0",
      name: "f",
      signature: { issuer: "gemini", value: "XY" },
    },
    close(0),
  );

  assert.deepEqual(sent.filter((line) => line.includes("start") && line.includes("{")), [
    'content_block_start 0 {"type":"text","text":""}',
    'content_block_start 1 {"type":"redacted_thinking","data":"kt.gemini.text.ZZ"}',
    'content_block_start 2 {"type":"text","text":""}',
    'content_block_start 3 {"type":"redacted_thinking","data":"kt.gemini.call.XY"}',
    'content_block_start 4 {"type":"tool_use","id":"c0","name":"f","input":{}}',
  ]);
});

Deno.test("AnthropicStreamWriter.write() tells citations in the open text", () => {
  const sent = written(START, text("so"), {
    kind: "citation",
    choice: 0,
    citation: { url: "https://example.com" },
  });

  assert.equal(
    sent.at(-1),
    'content_block_delta 0 {"type":"citations_delta","citation":{"type":"web_search_result_location",' +
      '"url":"https://example.com","title":null,"cited_text":"","encrypted_index":""}}',
  );
});

Deno.test("AnthropicStreamWriter.write() tells the whole usage with the end", () => {
  const writer = new AnthropicStreamWriter(answerTold());
  const events: readonly ChatEvent[] = [
    START,
    text("so"),
    { kind: "usage", usage: { inputTokens: 3 } },
    { kind: "finish", choice: 0, finish: { reason: "length" } },
    { kind: "usage", usage: { inputTokens: 30, cachedTokens: 10, outputTokens: 5 } },
    { kind: "end" },
  ];

  const sent = eventsIn(events.map((event) => writer.write(event)).join(""));

  assert.deepEqual(JSON.parse(sent.at(-2)?.data ?? ""), {
    type: "message_delta",
    delta: { stop_reason: "max_tokens", stop_sequence: null },
    usage: {
      input_tokens: 20,
      cache_creation_input_tokens: 0,
      cache_read_input_tokens: 10,
      output_tokens: 5,
    },
  });
});

Deno.test("AnthropicStreamWriter.write() ends with an error event and no message_stop when the upstream fails", () => {
  const sent = written(
    START,
    text("so"),
    { kind: "error", message: "Overloaded", code: "overloaded_error" },
    { kind: "end" },
    text("more"),
  );

  assert.deepEqual(sent.slice(-2), [
    'content_block_delta 0 {"type":"text_delta","text":"so"}',
    'error {"type":"overloaded_error","message":"Overloaded"}',
  ]);
});

Deno.test("AnthropicStreamWriter.write() gives errors of other providers a type that Anthropic has", () => {
  const sent = written(START, { kind: "error", message: "Sorry", code: "server_error" });

  assert.equal(sent.at(-1), 'error {"type":"api_error","message":"Sorry"}');
});

Deno.test("AnthropicStreamWriter.write() makes no success of an end that failed with nothing to show", () => {
  const failed: ChatEvent = { kind: "finish", choice: 0, finish: { reason: "failed", native: "OTHER" } };

  assert.deepEqual(written(START, failed, { kind: "end" }), [
    BEGUN,
    'error {"type":"api_error","message":"The model ended with OTHER and no answer"}',
  ]);
  assert.deepEqual(written(START, text("so"), failed, { kind: "end" }).slice(-2), ENDED);
});

Deno.test("AnthropicStreamWriter.write() passes over other choices and log probabilities", () => {
  const sent = written(
    START,
    { kind: "text", choice: 1, text: "other" },
    { kind: "logprobs", choice: 0, logprobs: [] },
    FINISH,
    { kind: "end" },
  );

  assert.deepEqual(sent, [BEGUN, ...ENDED]);
});
