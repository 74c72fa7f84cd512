import assert from "node:assert/strict";
import fc from "fast-check";
import { AnthropicStreamReader } from "../../src/translate/anthropic_stream_reader.ts";
import { AnthropicStreamWriter } from "../../src/translate/anthropic_stream_writer.ts";
import type { ChatEvent } from "../../src/translate/chat_answer.ts";
import { parseJson, textAt } from "../../src/core/json.ts";
import type { SseEvent } from "../../src/core/sse.ts";
import { answerTold, eventsIn, fixture } from "./anthropic_support.ts";
import { fuzzStreams, readAll, splitBytes } from "./fuzz.ts";
import { answerOf, brokenRule } from "./normalized.ts";

const STREAMS = [
  "text",
  "stop_sequence",
  "tool_use",
  "parallel_tools",
  "thinking",
  "web_search",
  "refusal",
] as const;

function readText(text: string): ChatEvent[] {
  return readAll(new AnthropicStreamReader(), eventsIn(text));
}

Deno.test("AnthropicStreamReader.read() tells a text event by event", () => {
  const events = readText(fixture("text.sse"));

  assert.deepEqual(events, [
    { kind: "start", id: "msg_01XFDUDYJgAACzvnptvVoYEL", model: "claude-haiku-4-5-20251001" },
    {
      kind: "usage",
      usage: {
        inputTokens: 25,
        cachedTokens: 0,
        cacheWriteTokens: 0,
        cacheWriteHourTokens: 0,
        outputTokens: 1,
      },
    },
    { kind: "ping" },
    { kind: "text", choice: 0, text: "Hello" },
    { kind: "text", choice: 0, text: "! How can I help you, 世界" },
    { kind: "text", choice: 0, text: "?" },
    {
      kind: "usage",
      usage: {
        inputTokens: 25,
        cachedTokens: 0,
        cacheWriteTokens: 0,
        cacheWriteHourTokens: 0,
        outputTokens: 15,
      },
    },
    { kind: "finish", choice: 0, finish: { reason: "stop", native: "end_turn" } },
    { kind: "end" },
  ]);
});

Deno.test("AnthropicStreamReader.read() merges the usage of the start with that of the end (trap 6)", () => {
  const answer = answerOf(readText(fixture("stop_sequence.sse")));

  assert.deepEqual(answer.usage, {
    inputTokens: 2574,
    cachedTokens: 2048,
    cacheWriteTokens: 512,
    cacheWriteHourTokens: 0,
    outputTokens: 8,
  });
  assert.deepEqual(answer.choices[0]?.finish, {
    reason: "stop_sequence",
    native: "stop_sequence",
    stopSequence: "three",
  });
});

Deno.test("AnthropicStreamReader.read() counts parallel calls and takes one without arguments (trap 3)", () => {
  const events = readText(fixture("parallel_tools.sse"));

  assert.deepEqual(events.filter(({ kind }) => kind.startsWith("tool")), [
    { kind: "tool_call", choice: 0, call: 0, id: "toolu_01QE1WLsSVp5hy5Q3GmGTmjP", name: "update_issues" },
    { kind: "tool_call_end", choice: 0, call: 0 },
    { kind: "tool_call", choice: 0, call: 1, id: "toolu_01A09q90qw90lq917835lq9", name: "get_weather" },
    { kind: "tool_arguments", choice: 0, call: 1, text: '{"location"' },
    { kind: "tool_arguments", choice: 0, call: 1, text: ': "Oslo"}' },
    { kind: "tool_call_end", choice: 0, call: 1 },
  ]);
});

Deno.test("AnthropicStreamReader.read() tells thoughts with their signature apart from text (trap 10)", () => {
  const answer = answerOf(readText(fixture("thinking.sse")));

  assert.deepEqual(answer.choices[0]?.parts.map(({ kind }) => kind), [
    "thinking",
    "redacted_thinking",
    "text",
  ]);
  assert.match(
    JSON.stringify(answer.choices[0]?.parts[0]),
    /7 × 21","signature":\{"issuer":"anthropic","value":"EqQB/,
  );
  assert.equal(answer.usage?.reasoningTokens, 120);
});

Deno.test("AnthropicStreamReader.read() makes no tool calls of server tools", () => {
  const answer = answerOf(readText(fixture("web_search.sse")));

  assert.deepEqual(answer.choices[0], {
    index: 0,
    parts: [{ kind: "text", text: "I'll check the current weather.It is 74°F in New York City." }],
    finish: { reason: "stop", native: "end_turn" },
    citations: [{
      url: "https://example.com/nyc",
      title: "Weather in New York City",
      quote: "New York City: 74°F",
    }],
  });
});

Deno.test("AnthropicStreamReader.read() takes a refusal for filtered content", () => {
  const events = readText(fixture("refusal.sse"));

  assert.deepEqual(events.at(-2), {
    kind: "finish",
    choice: 0,
    finish: {
      reason: "content_filter",
      native: "refusal",
      explanation: "This request was blocked under the usage policy.",
    },
  });
});

Deno.test("AnthropicStreamReader.read() passes an error in the middle on (trap 9)", () => {
  const events = readText(fixture("overloaded.sse"));

  assert.deepEqual(events.slice(-2), [
    { kind: "text", choice: 0, text: "Hel" },
    { kind: "error", message: "Overloaded", code: "overloaded_error" },
  ]);
});

Deno.test("AnthropicStreamReader.close() ends no stream that was cut", () => {
  const whole = fixture("tool_use.sse");

  for (let length = 0; length < whole.length; length += 7) {
    const events = readText(whole.slice(0, length));

    assert.ok(!events.some(({ kind }) => kind === "end" || kind === "finish"), `cut at ${length}`);
  }
});

for (const name of STREAMS) {
  Deno.test(`AnthropicStreamReader.read() says the same of ${name}.sse wherever its bytes are cut`, () => {
    const bytes = new TextEncoder().encode(fixture(`${name}.sse`));
    const expected = readAll(new AnthropicStreamReader(), splitBytes(bytes));

    for (let at = 1; at < bytes.length; at++) {
      const pieces = [at - 1, bytes.length];

      const events = readAll(new AnthropicStreamReader(), splitBytes(bytes, () => pieces.shift() ?? 0));

      assert.deepEqual(events, expected, `cut at ${at}`);
    }
    assert.equal(brokenRule(expected), undefined);
  });
}

const OUT_OF_PLACE: readonly (readonly [name: string, events: readonly unknown[]])[] = [
  ["what is no JSON", ["{"]],
  ["an event without a type", [{ index: 0 }]],
  ["a block before the message", [{
    type: "content_block_start",
    index: 0,
    content_block: { type: "text", text: "" },
  }]],
  ["a delta of no block", [start(), {
    type: "content_block_delta",
    index: 0,
    delta: { type: "text_delta", text: "x" },
  }]],
  ["a text in a tool", [start(), openTool(), {
    type: "content_block_delta",
    index: 0,
    delta: { type: "text_delta", text: "x" },
  }]],
  ["a text that is none", [start(), openText(), {
    type: "content_block_delta",
    index: 0,
    delta: { type: "text_delta", text: 1 },
  }]],
  ["a block that is open already", [start(), openText(), openText()]],
  ["a tool without an id", [start(), {
    type: "content_block_start",
    index: 0,
    content_block: { type: "tool_use", name: "f" },
  }]],
  ["an end of no block", [start(), { type: "content_block_stop", index: 0 }]],
  ["an end without a reason", [start(), { type: "message_stop" }]],
  ["an end with an open block", [start(), openTool(), giveReason(), { type: "message_stop" }]],
  ["a block behind the reason", [start(), giveReason(), openText()]],
  ["a message in the middle of a block", [start(), openText(), start()]],
];

for (const [name, events] of OUT_OF_PLACE) {
  Deno.test(`AnthropicStreamReader.read() makes an error of ${name}, and is silent from then on`, () => {
    const reader = new AnthropicStreamReader();

    const read = events.flatMap((event) => reader.read(sse(event)));

    assert.equal(read.at(-1)?.kind, "error");
    assert.deepEqual([...reader.read(sse(giveReason())), ...reader.read(sse({ type: "message_stop" }))], []);
  });
}

Deno.test("AnthropicStreamReader.read() passes over events and deltas that came later than this program", () => {
  const reader = new AnthropicStreamReader();
  const events = [
    start(),
    start(),
    { type: "message_note", note: 1 },
    { type: "content_block_start", index: 0, content_block: { type: "hologram" } },
    { type: "content_block_delta", index: 0, delta: { type: "hologram_delta" } },
    { type: "content_block_stop", index: 0 },
    { type: "content_block_start", index: 1, content_block: { type: "text", text: "so" } },
    { type: "content_block_delta", index: 1, delta: { type: "mood_delta", mood: "fine" } },
    { type: "content_block_stop", index: 1 },
    giveReason(),
    { type: "message_stop" },
  ];

  const read = events.flatMap((event) => reader.read(sse(event)));

  assert.deepEqual(read.map(({ kind }) => kind), ["start", "text", "finish", "end"]);
});

Deno.test("AnthropicStreamReader.read() takes arguments that stand in the block itself", () => {
  const reader = new AnthropicStreamReader();
  const block = { type: "tool_use", id: "t", name: "f", input: { a: 1 } };

  const read = [start(), { type: "content_block_start", index: 0, content_block: block }]
    .flatMap((event) => reader.read(sse(event)));

  assert.deepEqual(read.at(-1), { kind: "tool_arguments", choice: 0, call: 0, text: '{"a":1}' });
});

Deno.test("AnthropicStreamReader.read() survives mutated streams without a fake success", () => {
  const figures = fuzzStreams({
    streams: [...STREAMS, "overloaded"].map((name) => fixture(`${name}.sse`)),
    openReader: () => new AnthropicStreamReader(),
    openWriter: () => new AnthropicStreamWriter(answerTold()),
    isWhole,
  });

  assert.equal(figures.streams, figures.ended + figures.failed + figures.cut);
  assert.ok(figures.ended > 0 && figures.failed > 0 && figures.cut > 0);
});

Deno.test("AnthropicStreamReader.read() survives any JSON in any order", () => {
  const names = fc.constantFrom(
    "message_start",
    "content_block_start",
    "content_block_delta",
    "content_block_stop",
    "message_delta",
    "message_stop",
    "error",
  );
  const event = fc.record({
    type: names,
    index: fc.oneof(fc.constant(0), fc.jsonValue()),
    message: fc.jsonValue(),
    content_block: fc.oneof(
      fc.record({ type: fc.constantFrom("text", "tool_use", "thinking"), id: fc.jsonValue() }),
      fc.jsonValue(),
    ),
    delta: fc.oneof(
      fc.record({ type: fc.constantFrom("text_delta", "input_json_delta"), text: fc.jsonValue() }),
      fc.jsonValue(),
    ),
    usage: fc.jsonValue(),
    error: fc.jsonValue(),
  }, { requiredKeys: ["type"] });

  fc.assert(fc.property(fc.array(event, { maxLength: 12 }), (events) => {
    const read = readAll(new AnthropicStreamReader(), events.map(sse));

    assert.equal(brokenRule(read), undefined);
  }));
});

/** Begun, given a reason, and ended. */
function isWhole(events: readonly SseEvent[]): boolean {
  const parsed = events.map(({ data }) => parseJson(data));
  const has = (type: string) => parsed.some((event) => textAt(event, "type") === type);
  return has("message_start") && has("message_stop") &&
    parsed.some((event) => textAt(event, "delta", "stop_reason") !== "");
}

function sse(event: unknown): SseEvent {
  return { name: "", data: typeof event === "string" ? event : JSON.stringify(event) };
}

function start(): unknown {
  return { type: "message_start", message: { id: "msg_1", model: "m" } };
}

function openText(): unknown {
  return { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } };
}

function openTool(): unknown {
  return {
    type: "content_block_start",
    index: 0,
    content_block: { type: "tool_use", id: "t", name: "f", input: {} },
  };
}

function giveReason(): unknown {
  return { type: "message_delta", delta: { stop_reason: "end_turn" } };
}
