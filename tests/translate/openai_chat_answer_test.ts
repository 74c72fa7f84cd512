import assert from "node:assert/strict";
import { AppError } from "../../src/errors.ts";
import type { ChatAnswer, ChatChoice, Finish } from "../../src/translate/chat_answer.ts";
import { OPENAI_CHAT_CALLER } from "../../src/translate/openai_chat_caller.ts";
import { OPENAI_CHAT_UPSTREAM } from "../../src/translate/openai_chat_upstream.ts";
import { AnswerUnreadableError } from "../../src/translate/sides.ts";
import { answerTold, fixture, requestWith } from "./openai_chat_support.ts";

function answerWith(choice: Partial<ChatChoice>, rest: Partial<ChatAnswer> = {}): ChatAnswer {
  const parts = [{ kind: "text", text: "Hi" } as const];
  return {
    id: "msg_1",
    model: "upstream-model",
    choices: [{ index: 0, parts, finish: { reason: "stop" }, ...choice }],
    ...rest,
  };
}

function readFixture(name: string): ChatAnswer {
  return OPENAI_CHAT_UPSTREAM.readAnswer(JSON.parse(fixture(name)));
}

function body(message: Record<string, unknown>, choice: Record<string, unknown> = {}) {
  return { id: "chatcmpl-1", choices: [{ index: 0, message, finish_reason: "stop", ...choice }] };
}

Deno.test("writeAnswer() names the model that was asked for and gives the id OpenAI's prefix", () => {
  const written = OPENAI_CHAT_CALLER.writeAnswer(answerWith({}), answerTold());

  assert.deepEqual(written, {
    id: "chatcmpl-msg_1",
    object: "chat.completion",
    created: 1_700_000_000,
    model: "asked-model",
    choices: [{
      index: 0,
      message: { role: "assistant", content: "Hi", refusal: null },
      logprobs: null,
      finish_reason: "stop",
    }],
  });
});

Deno.test("writeAnswer() tells thoughts in reasoning_content, never in content", () => {
  const answer = answerWith({
    parts: [
      { kind: "thinking", text: "Hm. ", signature: { issuer: "anthropic", value: "c2ln" } },
      { kind: "redacted_thinking", issuer: "anthropic", data: "secret" },
      { kind: "thinking", text: "Yes." },
      { kind: "text", text: "Hi" },
    ],
  });

  const text = JSON.stringify(OPENAI_CHAT_CALLER.writeAnswer(answer, answerTold()));

  assert.ok(text.includes('"content":"Hi","refusal":null,"reasoning_content":"Hm. Yes."'));
  assert.ok(!text.includes("c2ln") && !text.includes("secret"));
});

Deno.test("writeAnswer() tells all usage that is known and none that is not", () => {
  const usage = {
    inputTokens: 10,
    outputTokens: 5,
    cachedTokens: 3,
    cacheWriteTokens: 2,
    reasoningTokens: 1,
  };

  const known = JSON.stringify(OPENAI_CHAT_CALLER.writeAnswer(answerWith({}, { usage }), answerTold()));
  const some = JSON.stringify(
    OPENAI_CHAT_CALLER.writeAnswer(answerWith({}, { usage: { inputTokens: 4 } }), answerTold()),
  );

  assert.ok(known.includes(
    '"usage":{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15,' +
      '"prompt_tokens_details":{"cached_tokens":3,"cache_write_tokens":2},' +
      '"completion_tokens_details":{"reasoning_tokens":1}}',
  ));
  assert.ok(some.includes('"usage":{"prompt_tokens":4,"completion_tokens":0,"total_tokens":4}'));
});

const ENDS: readonly (readonly [Finish, Record<string, string>])[] = [
  [{ reason: "stop" }, { finish_reason: "stop" }],
  [{ reason: "stop_sequence", stopSequence: "END" }, { finish_reason: "stop" }],
  [{ reason: "length" }, { finish_reason: "length" }],
  [{ reason: "tool_calls" }, { finish_reason: "tool_calls" }],
  [{ reason: "content_filter", native: "SAFETY" }, { finish_reason: "content_filter" }],
  [{ reason: "paused", native: "pause_turn" }, { finish_reason: "stop", native_finish_reason: "pause_turn" }],
  [{ reason: "failed", native: "MALFORMED_FUNCTION_CALL" }, {
    finish_reason: "stop",
    native_finish_reason: "MALFORMED_FUNCTION_CALL",
  }],
];

for (const [finish, written] of ENDS) {
  Deno.test(`writeAnswer() writes the end ${JSON.stringify(finish)}`, () => {
    const text = JSON.stringify(OPENAI_CHAT_CALLER.writeAnswer(answerWith({ finish }), answerTold()));

    assert.ok(text.includes(`${JSON.stringify(written).slice(1, -1)}}]`));
  });
}

Deno.test("writeAnswer() fails when nothing came before a failed end", () => {
  const answer = answerWith({ parts: [], finish: { reason: "failed", native: "OTHER" } });

  assert.throws(
    () => OPENAI_CHAT_CALLER.writeAnswer(answer, answerTold()),
    (error) =>
      error instanceof AppError && error.code === "upstream_failed" && error.message.includes("OTHER"),
  );
});

Deno.test("writeAnswer() tells of a blocked prompt by its end and a refusal", () => {
  const answer = answerWith({
    parts: [],
    finish: { reason: "content_filter", explanation: "Blocked: SAFETY" },
  });

  const text = JSON.stringify(OPENAI_CHAT_CALLER.writeAnswer(answer, answerTold()));

  assert.ok(text.includes('"content":null,"refusal":"Blocked: SAFETY"'));
  assert.ok(text.includes('"finish_reason":"content_filter"'));
});

Deno.test("writeAnswer() answers old functions with function_call", () => {
  const answer = answerWith({
    parts: [{ kind: "tool_call", id: "call_1", name: "f", arguments: '{"a":1}' }],
    finish: { reason: "tool_calls" },
  });
  const told = answerTold({ request: requestWith({ isOldFunctions: true }) });

  const text = JSON.stringify(OPENAI_CHAT_CALLER.writeAnswer(answer, told));

  assert.ok(text.includes('"function_call":{"name":"f","arguments":"{\\"a\\":1}"}'));
  assert.ok(text.includes('"finish_reason":"function_call"') && !text.includes("tool_calls"));
});

Deno.test("writeAnswer() gives pictures and citations in the forms that clients know", () => {
  const answer = answerWith({
    parts: [{ kind: "image", source: { kind: "base64", mediaType: "image/png", base64: "AAAA" } }],
    citations: [{ url: "https://example.com", title: "T", quote: "q", start: 1, end: 3 }],
  });

  const text = JSON.stringify(OPENAI_CHAT_CALLER.writeAnswer(answer, answerTold()));

  assert.ok(
    text.includes('"images":[{"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA"}}]'),
  );
  assert.ok(text.includes(
    '"annotations":[{"type":"url_citation","url_citation":{"url":"https://example.com","title":"T",' +
      '"start_index":1,"end_index":3,"content":"q"}}]',
  ));
});

Deno.test("readAnswer() reads OpenAI's examples", () => {
  const plain = readFixture("chat_answer.json");
  const called = readFixture("chat_tool_calls.json");
  const scored = readFixture("chat_logprobs.json");

  assert.deepEqual(plain.choices, [
    {
      index: 0,
      parts: [{ kind: "text", text: "Hello! How can I assist you today?" }],
      finish: { reason: "stop" },
    },
  ]);
  assert.deepEqual(plain.usage, {
    inputTokens: 19,
    outputTokens: 10,
    cachedTokens: 0,
    reasoningTokens: 0,
    audioInputTokens: 0,
    audioOutputTokens: 0,
  });
  assert.deepEqual(called.choices[0]?.parts, [{
    kind: "tool_call",
    id: "call_abc123",
    name: "get_current_weather",
    arguments: '{\n"location": "Boston, MA"\n}',
  }]);
  assert.deepEqual(called.choices[0]?.finish, { reason: "tool_calls" });
  assert.deepEqual(scored.choices[0]?.logprobs?.[1], {
    token: "!",
    logprob: -0.02380986,
    top: [{ token: "!", logprob: -0.02380986 }, { token: " there", logprob: -3.787621 }],
  });
});

Deno.test("readAnswer() gives a call without id one of the answer, and its stop is tool_calls", () => {
  const { choices } = readFixture("chat_gemini_endpoint_tool_calls.json");

  assert.deepEqual(choices[0]?.parts, [{
    kind: "tool_call",
    id: "call_1737330953_0_0",
    name: "web_search",
    arguments: '{"query":"AutoGen"}',
  }]);
  assert.deepEqual(choices[0]?.finish, { reason: "tool_calls" });
});

Deno.test("readAnswer() gives calls that share an id two ids, and takes an object or nothing for arguments", () => {
  const tool_calls = [
    { id: "x", function: { name: "a", arguments: { b: 1 } } },
    { id: "x", function: { name: "c", arguments: "" } },
  ];

  const { choices } = OPENAI_CHAT_UPSTREAM.readAnswer(body({ content: null, tool_calls }));

  assert.deepEqual(choices[0]?.parts, [
    { kind: "tool_call", id: "x", name: "a", arguments: '{"b":1}' },
    { kind: "tool_call", id: "call_1_0_1", name: "c", arguments: "{}" },
  ]);
});

const THOUGHTS: readonly Record<string, unknown>[] = [
  { content: "Hi", reasoning_content: "Hm." },
  { content: "Hi", reasoning: "Hm.", reasoning_details: [{ type: "reasoning.text", text: "Hm." }] },
  { content: "Hi", reasoning: null, reasoning_details: [{ type: "reasoning.summary", summary: "Hm." }] },
  {
    content: [
      { type: "thinking", thinking: [{ type: "text", text: "H" }, { type: "text", text: "m." }] },
      { type: "text", text: "Hi" },
    ],
  },
];

for (const message of THOUGHTS) {
  Deno.test(`readAnswer() reads the thoughts of ${JSON.stringify(message)}`, () => {
    const { choices } = OPENAI_CHAT_UPSTREAM.readAnswer(body(message));

    assert.deepEqual(choices[0]?.parts, [{ kind: "thinking", text: "Hm." }, { kind: "text", text: "Hi" }]);
  });
}

const FINISHES: readonly (readonly [Record<string, unknown>, Finish])[] = [
  [{ finish_reason: "stop" }, { reason: "stop" }],
  [{ finish_reason: "model_length" }, { reason: "length" }],
  [{ finish_reason: "content_filter" }, { reason: "content_filter" }],
  [{ finish_reason: "tool_calls" }, { reason: "failed", native: "tool_calls" }],
  [{ finish_reason: "abort", native_finish_reason: "ABORTED" }, { reason: "failed", native: "ABORTED" }],
  [{ finish_reason: null }, { reason: "failed", native: "none" }],
];

for (const [choice, finish] of FINISHES) {
  Deno.test(`readAnswer() reads the end ${JSON.stringify(choice)}`, () => {
    const { choices } = OPENAI_CHAT_UPSTREAM.readAnswer(body({ content: "Hi" }, choice));

    assert.deepEqual(choices[0]?.finish, finish);
  });
}

Deno.test("readAnswer() reads refusals, signed texts, pictures and citations", () => {
  const { choices } = OPENAI_CHAT_UPSTREAM.readAnswer(body({
    content: "Hi",
    refusal: "No.",
    extra_content: { google: { thought_signature: "c2ln" } },
    images: [
      { type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } },
      { type: "image_url", image_url: { url: "https://example.com/a.png" } },
    ],
    annotations: [
      {
        type: "url_citation",
        url_citation: { url: "https://example.com", title: "T", start_index: 0, end_index: 0 },
      },
      { type: "file", file: {} },
    ],
  }));

  assert.deepEqual(choices[0]?.parts, [
    { kind: "text", text: "Hi", signature: { issuer: "gemini", value: "c2ln" } },
    { kind: "refusal", text: "No." },
    { kind: "image", source: { kind: "base64", mediaType: "image/png", base64: "AAAA" } },
    { kind: "image", source: { kind: "url", url: "https://example.com/a.png" } },
  ]);
  assert.deepEqual(choices[0]?.citations, [{ url: "https://example.com", title: "T" }]);
});

const UNREADABLE: readonly unknown[] = [
  null,
  "text",
  [],
  {},
  { choices: [] },
  { choices: [null] },
  { choices: [{ message: null }] },
  body({ content: 5 }),
  body({ content: ["x"] }),
  body({ tool_calls: [{ id: "a", function: {} }] }),
  body({ tool_calls: [{ id: "a", function: { name: "f", arguments: [] } }] }),
  { error: { message: "no" } },
  [{ error: { code: 400, message: "no" } }],
  { object: "error", message: "no" },
  body({ content: "Hi" }, { finish_reason: "error" }),
];

for (const unreadable of UNREADABLE) {
  Deno.test(`readAnswer() does not take ${JSON.stringify(unreadable)} for an answer`, () => {
    assert.throws(() => OPENAI_CHAT_UPSTREAM.readAnswer(unreadable), AnswerUnreadableError);
  });
}
