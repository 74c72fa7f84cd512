import assert from "node:assert/strict";
import { ANTHROPIC } from "../../src/dialect/anthropic.ts";
import type { EventMeaning, StreamEnd } from "../../src/dialect/dialect.ts";

const START = JSON.stringify({
  type: "message_start",
  message: {
    id: "msg_1",
    type: "message",
    role: "assistant",
    content: [],
    stop_reason: null,
    usage: {
      input_tokens: 25,
      cache_creation_input_tokens: 10,
      cache_read_input_tokens: 100,
      output_tokens: 1,
    },
  },
});
const DELTA = '{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":15}}';
const HEAD = `event: message_start\ndata: ${START}\n\n`;
const TAIL = `event: message_delta\ndata: ${DELTA}\n\nevent: message_stop\ndata: {"type":"message_stop"}\n\n`;

const EVENTS: readonly (readonly [data: string, meaning: EventMeaning])[] = [
  [START, "preamble"],
  ['{"type":"ping"}', "preamble"],
  ['{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}', "preamble"],
  [
    '{"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}',
    "preamble",
  ],
  [
    '{"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"t","name":"f","input":{}}}',
    "content",
  ],
  [
    '{"type":"content_block_start","index":0,"content_block":{"type":"redacted_thinking","data":"x"}}',
    "content",
  ],
  ['{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":""}}', "preamble"],
  ['{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hi"}}', "content"],
  ['{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"Hm"}}', "content"],
  [
    '{"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"{"}}',
    "content",
  ],
  ['{"type":"content_block_stop","index":0}', "preamble"],
  [DELTA, "content"],
  ['{"type":"message_delta","delta":{"stop_reason":"refusal"},"usage":{"output_tokens":0}}', "content"],
  ['{"type":"message_stop"}', "content"],
  ['{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}', "error"],
  ['{"type":"something_new"}', "content"],
];

for (const [data, meaning] of EVENTS) {
  Deno.test(`ANTHROPIC.meaningOf() takes ${data.slice(0, 100)} for ${meaning}`, () => {
    assert.equal(ANTHROPIC.meaningOf({ name: "", data }), meaning);
  });
}

const ENDS: readonly (readonly [name: string, tail: string, end: StreamEnd])[] = [
  ["message_stop", TAIL, "complete"],
  ["message_delta alone", `data: ${DELTA}\r\n\r\n`, "cut"],
  ["message_start", HEAD, "cut"],
  [
    "message_stop inside a text",
    'data: {"type":"content_block_delta","delta":{"text":"{\\"type\\":\\"message_stop\\"}"}}\n\n',
    "cut",
  ],
  ["an error", 'event: error\ndata: {"type":"error","error":{"type":"overloaded_error"}}\n\n', "error"],
];

for (const [name, tail, end] of ENDS) {
  Deno.test(`ANTHROPIC.readEnd() takes ${name} for ${end}`, () => {
    assert.equal(ANTHROPIC.readEnd(tail), end);
  });
}

Deno.test("ANTHROPIC.readUsage() merges the head and the tail of a stream", () => {
  assert.deepEqual(ANTHROPIC.readUsage(`${HEAD}\n${TAIL}`), {
    inputTokens: 135,
    outputTokens: 15,
    cachedTokens: 100,
    cacheWriteTokens: 10,
  });
});

Deno.test("ANTHROPIC.readUsage() lets message_delta correct the prompt's counts", () => {
  const delta =
    'data: {"type":"message_delta","delta":{},"usage":{"input_tokens":30,"cache_read_input_tokens":0,"output_tokens":9,"output_tokens_details":{"thinking_tokens":4}}}\n\n';

  assert.deepEqual(ANTHROPIC.readUsage(HEAD + delta), {
    inputTokens: 40,
    outputTokens: 9,
    cachedTokens: 0,
    cacheWriteTokens: 10,
    reasoningTokens: 4,
  });
});

Deno.test("ANTHROPIC.readUsage() states no more than the text does", () => {
  assert.deepEqual(ANTHROPIC.readUsage(TAIL), { outputTokens: 15 });
  assert.deepEqual(ANTHROPIC.readUsage(HEAD), { inputTokens: 135, cachedTokens: 100, cacheWriteTokens: 10 });
  assert.equal(ANTHROPIC.readUsage("event: ping\ndata: {}\n\n"), undefined);
  assert.equal(ANTHROPIC.readUsage('{"input_tokens":14}'), undefined);
});

Deno.test("ANTHROPIC.readUsage() reads a whole message, whatever its tools were given", () => {
  const message = {
    type: "message",
    usage: { input_tokens: 12, output_tokens: 6, cache_read_input_tokens: null },
    content: [{ type: "tool_use", input: { usage: { input_tokens: 0, output_tokens: 0 } } }],
  };

  const late = { type: "message", content: message.content, usage: message.usage };
  const withoutMiddle = JSON.stringify(late).replace('"tool_use"', "");

  assert.deepEqual(ANTHROPIC.readUsage(JSON.stringify(message)), { inputTokens: 12, outputTokens: 6 });
  assert.deepEqual(ANTHROPIC.readUsage(withoutMiddle), { inputTokens: 12, outputTokens: 6 });
});

Deno.test("ANTHROPIC.readSoftFailure() finds errors and nothing inside a 200", () => {
  assert.equal(ANTHROPIC.readSoftFailure('{"type":"error","error":{"type":"api_error"}}'), "error");
  assert.equal(ANTHROPIC.readSoftFailure("{}"), "empty");
  assert.equal(ANTHROPIC.readSoftFailure('{"type":"message","content":[],"stop_reason":null}'), "empty");
  assert.equal(
    ANTHROPIC.readSoftFailure('{"type":"message","content":[],"stop_reason":"end_turn"}'),
    undefined,
  );
  assert.equal(ANTHROPIC.readSoftFailure('{"input_tokens":14}'), undefined);
});

Deno.test("ANTHROPIC.isRepeatable() refuses what would be done twice", () => {
  assert.ok(ANTHROPIC.isRepeatable("POST", "/v1/messages"));
  assert.ok(ANTHROPIC.isRepeatable("POST", "/v1/messages/count_tokens"));
  assert.ok(ANTHROPIC.isRepeatable("GET", "/v1/messages/batches"));
  assert.ok(!ANTHROPIC.isRepeatable("POST", "/v1/messages/batches"));
  assert.ok(!ANTHROPIC.isRepeatable("POST", "/v1/files"));
  assert.ok(!ANTHROPIC.isRepeatable("DELETE", "/v1/files/f"));
});
