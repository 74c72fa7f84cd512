import assert from "node:assert/strict";
import { ANTHROPIC_CALLER } from "../../src/translate/anthropic_caller.ts";
import { readAnthropicAnswer } from "../../src/translate/anthropic_answer_reader.ts";
import { readAnthropicUsage } from "../../src/core/anthropic_usage.ts";
import { writeAnthropicUsage } from "../../src/translate/anthropic_usage.ts";
import type { ChatAnswer, ChatChoice, FinishReason } from "../../src/translate/chat_answer.ts";
import { answerTold, jsonFixture } from "./anthropic_support.ts";

const SIGNATURE = "EqQBCgIYAhIM1gbcDa9GJwZA2b3hGgxBdjrkzLoky3dl1pkiMOYds8VGbnG7dKbYzq1fMsJjkbBhmQ==";

Deno.test("readAnthropicAnswer() counts cached tokens as input (trap 6)", () => {
  const answer = readAnthropicAnswer(jsonFixture("text.json"));

  assert.deepEqual(answer, {
    id: "msg_01XFDUDYJgAACzvnptvVoYEL",
    model: "claude-opus-4-5-20251101",
    choices: [{
      index: 0,
      parts: [{ kind: "text", text: "Hello!" }],
      finish: { reason: "stop", native: "end_turn" },
    }],
    usage: {
      inputTokens: 100_260,
      cachedTokens: 100_000,
      cacheWriteTokens: 248,
      cacheWriteHourTokens: 0,
      outputTokens: 6,
    },
  });
});

Deno.test("readAnthropicAnswer() keeps text beside parallel tool calls (trap 5)", () => {
  const answer = readAnthropicAnswer(jsonFixture("tool_use.json"));

  assert.deepEqual(answer.choices[0], {
    index: 0,
    parts: [
      { kind: "text", text: "I'll check the current weather in San Francisco for you." },
      {
        kind: "tool_call",
        id: "toolu_01A09q90qw90lq917835lq9",
        name: "get_weather",
        arguments: '{"location":"San Francisco, CA","unit":"celsius"}',
      },
      { kind: "tool_call", id: "toolu_01B7bVZ", name: "get_time", arguments: "{}" },
    ],
    finish: { reason: "tool_calls", native: "tool_use" },
  });
});

Deno.test("readAnthropicAnswer() keeps thoughts out of the text (trap 10)", () => {
  const answer = readAnthropicAnswer(jsonFixture("thinking.json"));

  assert.deepEqual(answer.choices[0]?.parts, [
    {
      kind: "thinking",
      text: "Let me analyze this step by step...",
      signature: { issuer: "anthropic", value: SIGNATURE },
    },
    {
      kind: "redacted_thinking",
      issuer: "anthropic",
      data: "EmwKAhgBEgy3va3pzix/LafPsn4aDFIT2Xlxh0L5L8rLVyIwxtE3rAFBa8cr3qpP",
    },
    { kind: "text", text: "Based on my analysis..." },
  ]);
  assert.equal(answer.usage?.reasoningTokens, 62);
});

Deno.test("readAnthropicAnswer() passes over server tools and keeps citations of pages", () => {
  const answer = readAnthropicAnswer(jsonFixture("web_search.json"));

  assert.deepEqual(answer.choices[0], {
    index: 0,
    parts: [
      { kind: "text", text: "Claude Shannon was born on April 30, 1916, in Petoskey, Michigan" },
      { kind: "text", text: " (see page 2 of the file)." },
    ],
    finish: { reason: "paused", native: "pause_turn" },
    citations: [{
      url: "https://en.wikipedia.org/wiki/Claude_Shannon",
      title: "Claude Shannon - Wikipedia",
      quote: "Claude Elwood Shannon (April 30, 1916 – February 24, 2001) was an American mathematician",
    }],
  });
});

Deno.test("readAnthropicUsage() sums the iterations of the model itself", () => {
  const answer = readAnthropicAnswer(jsonFixture("compaction.json"));

  assert.deepEqual(answer.usage, {
    inputTokens: 61_067,
    cachedTokens: 0,
    cacheWriteTokens: 0,
    cacheWriteHourTokens: 0,
    outputTokens: 1912,
  });
});

Deno.test("readAnthropicUsage() takes the counts at the top when another model served the turn", () => {
  const usage = readAnthropicUsage({
    input_tokens: 12,
    output_tokens: 70,
    iterations: [
      { type: "message", input_tokens: 10, output_tokens: 40 },
      { type: "fallback_message", input_tokens: 12, output_tokens: 30 },
    ],
  });

  assert.deepEqual(usage, { inputTokens: 12, outputTokens: 70 });
});

Deno.test("readAnthropicUsage() believes no count that cannot be one", () => {
  const usage = readAnthropicUsage({ input_tokens: -1, output_tokens: "7", cache_read_input_tokens: 1e300 });

  assert.equal(usage, undefined);
});

const UNREADABLE: readonly (readonly [name: string, body: unknown])[] = [
  ["an error", jsonFixture("error.json")],
  ["nothing", undefined],
  ["a message without content", { type: "message", stop_reason: "end_turn" }],
  ["a text block without text", { type: "message", content: [{ type: "text" }] }],
  ["a tool call without a name", { type: "message", content: [{ type: "tool_use", id: "t", input: {} }] }],
  ["a tool call with a list", {
    type: "message",
    content: [{ type: "tool_use", id: "t", name: "f", input: [] }],
  }],
  ["a block without a type", { type: "message", content: [{}] }],
];

for (const [name, body] of UNREADABLE) {
  Deno.test(`readAnthropicAnswer() refuses ${name}`, () => {
    assert.throws(() => readAnthropicAnswer(body), { name: "AnswerUnreadableError" });
  });
}

const STOP_REASONS: readonly (readonly [native: string, reason: FinishReason])[] = [
  ["end_turn", "stop"],
  ["max_tokens", "length"],
  ["model_context_window_exceeded", "length"],
  ["stop_sequence", "stop_sequence"],
  ["tool_use", "tool_calls"],
  ["pause_turn", "paused"],
  ["refusal", "content_filter"],
  ["compaction", "failed"],
];

for (const [native, reason] of STOP_REASONS) {
  Deno.test(`readAnthropicFinish() takes ${native} for ${reason}`, () => {
    const answer = readAnthropicAnswer({
      type: "message",
      content: [],
      stop_reason: native,
      stop_sequence: null,
    });

    assert.deepEqual(answer.choices[0]?.finish, { reason, native });
  });
}

function answered(choice: Partial<ChatChoice>, rest: Partial<ChatAnswer> = {}): Record<string, unknown> {
  const answer: ChatAnswer = {
    id: "chatcmpl-1",
    model: "gpt",
    choices: [{ index: 0, parts: [{ kind: "text", text: "Hi" }], finish: { reason: "stop" }, ...choice }],
    ...rest,
  };
  const written = ANTHROPIC_CALLER.writeAnswer(answer, answerTold());
  assert.ok(typeof written === "object" && written !== null);
  return { ...written };
}

Deno.test("writeAnthropicAnswer() writes a message that names the model that was asked for", () => {
  const message = answered({}, {
    usage: { inputTokens: 100, cachedTokens: 60, cacheWriteTokens: 10, outputTokens: 9, reasoningTokens: 4 },
  });

  assert.deepEqual(message, {
    id: "chatcmpl-1",
    type: "message",
    role: "assistant",
    model: "asked-model",
    content: [{ type: "text", text: "Hi" }],
    stop_reason: "end_turn",
    stop_sequence: null,
    usage: {
      input_tokens: 30,
      cache_creation_input_tokens: 10,
      cache_read_input_tokens: 60,
      output_tokens: 9,
      output_tokens_details: { thinking_tokens: 4 },
    },
  });
});

Deno.test("writeAnthropicAnswer() makes an id of the request's where there is none", () => {
  assert.equal(answered({}, { id: "" })["id"], "msg_req-1");
});

Deno.test("writeAnthropicAnswer() gives every kind of part its block", () => {
  const message = answered({
    parts: [
      { kind: "thinking", text: "t", signature: { issuer: "gemini", value: "AbC" } },
      { kind: "thinking", text: "u" },
      { kind: "redacted_thinking", issuer: "openai", data: "gAAA" },
      { kind: "text", text: "x", signature: { issuer: "gemini", value: "ZZ" } },
      { kind: "refusal", text: "no" },
      { kind: "image", source: { kind: "base64", mediaType: "image/png", base64: "AAAA" } },
      {
        kind: "tool_call",
        id: "c1",
        name: "f",
        arguments: '{"a":1}',
        signature: { issuer: "gemini", value: "XY" },
      },
      { kind: "tool_call", id: "c2", name: "g", arguments: "" },
    ],
    citations: [{ url: "https://example.com", title: "T", quote: "q" }],
    finish: { reason: "stop" },
  });

  assert.deepEqual(message["content"], [
    { type: "thinking", thinking: "t", signature: "kt.gemini.AbC" },
    { type: "thinking", thinking: "u", signature: "kt." },
    { type: "redacted_thinking", data: "kt.openai.gAAA" },
    { type: "text", text: "x" },
    { type: "redacted_thinking", data: "kt.gemini.text.ZZ" },
    {
      type: "text",
      text: "no",
      citations: [{
        type: "web_search_result_location",
        url: "https://example.com",
        title: "T",
        cited_text: "q",
        encrypted_index: "",
      }],
    },
    { type: "image", source: { type: "base64", media_type: "image/png", data: "AAAA" } },
    { type: "redacted_thinking", data: "kt.gemini.call.XY" },
    { type: "tool_use", id: "c1", name: "f", input: { a: 1 } },
    { type: "tool_use", id: "c2", name: "g", input: {} },
  ]);
  assert.equal(
    message["stop_reason"],
    "tool_use",
    "calls end a turn as tool_use whatever the upstream says (trap 1)",
  );
});

const FINISHES:
  readonly (readonly [choice: Partial<ChatChoice>, expected: Readonly<Record<string, unknown>>])[] = [
    [{ finish: { reason: "length" } }, { stop_reason: "max_tokens", stop_sequence: null }],
    [{ finish: { reason: "stop_sequence", stopSequence: "END" } }, {
      stop_reason: "stop_sequence",
      stop_sequence: "END",
    }],
    [{ finish: { reason: "tool_calls" } }, { stop_reason: "tool_use", stop_sequence: null }],
    [{ finish: { reason: "paused" } }, { stop_reason: "pause_turn", stop_sequence: null }],
    [{ finish: { reason: "failed", native: "OTHER" } }, { stop_reason: "end_turn", stop_sequence: null }],
    [{ parts: [], finish: { reason: "content_filter", explanation: "SAFETY" } }, {
      stop_reason: "refusal",
      stop_sequence: null,
      stop_details: { type: "refusal", category: null, explanation: "SAFETY" },
    }],
  ];

for (const [choice, expected] of FINISHES) {
  Deno.test(`writeAnthropicFinish() tells ${choice.finish?.reason} as ${expected["stop_reason"]}`, () => {
    const message = answered(choice);

    for (const [member, value] of Object.entries(expected)) assert.deepEqual(message[member], value);
  });
}

Deno.test("writeAnthropicAnswer() makes no success of an answer that failed with nothing to show", () => {
  assert.throws(
    () => answered({ parts: [], finish: { reason: "failed", native: "MALFORMED_FUNCTION_CALL" } }),
    {
      message: "Cannot read answer: it ended with MALFORMED_FUNCTION_CALL and nothing before it",
    },
  );
});

Deno.test("writeAnthropicUsage() has numbers where the upstream told none", () => {
  assert.deepEqual(writeAnthropicUsage(undefined), {
    input_tokens: 0,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: 0,
    output_tokens: 0,
  });
});
