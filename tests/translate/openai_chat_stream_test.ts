import assert from "node:assert/strict";
import type { SseEvent } from "../../src/core/sse.ts";
import type { ChatEvent } from "../../src/translate/chat_answer.ts";
import { OPENAI_CHAT_CALLER } from "../../src/translate/openai_chat_caller.ts";
import { OPENAI_CHAT_UPSTREAM } from "../../src/translate/openai_chat_upstream.ts";
import type { AnswerTold } from "../../src/translate/sides.ts";
import { readAll, splitBytes } from "./fuzz.ts";
import { answerOf, brokenRule, joinedEvents } from "./normalized.ts";
import { answerTold, fixture, requestWith } from "./openai_chat_support.ts";

const UTF8 = new TextEncoder();

function readFixture(name: string): ChatEvent[] {
  return readAll(OPENAI_CHAT_UPSTREAM.openStream(), splitBytes(UTF8.encode(fixture(name))));
}

/** What a stream of these chunks says; strings stand for themselves. */
function readChunks(...chunks: readonly unknown[]): ChatEvent[] {
  const events = chunks.map((chunk): SseEvent => ({
    name: "",
    data: typeof chunk === "string" ? chunk : JSON.stringify(chunk),
  }));
  return readAll(OPENAI_CHAT_UPSTREAM.openStream(), events);
}

function chunk(delta: unknown, finish: string | null = null, rest: Record<string, unknown> = {}) {
  return { id: "chatcmpl-1", model: "m", choices: [{ index: 0, delta, finish_reason: finish, ...rest }] };
}

function calls(...items: readonly unknown[]) {
  return chunk({ tool_calls: items });
}

/** The calls of the answer that these chunks make, ids, names and arguments. */
function callsOf(...chunks: readonly unknown[]): string[] {
  const { choices } = answerOf(readChunks(...chunks, chunk({}, "stop"), "[DONE]"));
  return (choices[0]?.parts ?? []).map((part) =>
    part.kind === "tool_call" ? `${part.id} ${part.name} ${part.arguments}` : part.kind
  );
}

Deno.test("openStream() reads OpenAI's stream", () => {
  assert.deepEqual(readFixture("chat_stream.sse"), [
    { kind: "start", id: "chatcmpl-123", model: "gpt-4o-mini" },
    { kind: "text", choice: 0, text: "Hello" },
    {
      kind: "usage",
      usage: {
        inputTokens: 9,
        outputTokens: 2,
        cachedTokens: 4,
        reasoningTokens: 0,
        audioInputTokens: 0,
        audioOutputTokens: 0,
      },
    },
    { kind: "finish", choice: 0, finish: { reason: "stop" } },
    { kind: "end" },
  ]);
});

Deno.test("openStream() reads parallel tool calls with their indices", () => {
  const { choices } = answerOf(readFixture("chat_stream_tool_calls.sse"));

  assert.deepEqual(choices[0]?.parts, [
    {
      kind: "tool_call",
      id: "call_DdmO9pD3xa9XTPNJ32zg2hcA",
      name: "get_weather",
      arguments: '{"location":"Paris, France"}',
    },
    { kind: "tool_call", id: "call_8Hd2wZb1Q5nGsy0mOeZr3Fv6", name: "get_time", arguments: '{"zone":"CET"}' },
  ]);
  assert.deepEqual(choices[0]?.finish, { reason: "tool_calls" });
});

Deno.test("openStream() reads OpenRouter's thoughts once, and its cache writes", () => {
  const { choices, usage } = answerOf(readFixture("chat_openrouter_stream.sse"));

  assert.deepEqual(choices[0]?.parts[0], { kind: "thinking", text: "The user" });
  assert.deepEqual(choices[0]?.finish, { reason: "tool_calls" });
  assert.equal(usage?.cacheWriteTokens, 64);
});

Deno.test("openStream() reads the usage of DeepSeek's last choice chunk and of Groq's x_groq", () => {
  const deepseek = answerOf(readFixture("chat_deepseek_stream.sse"));
  const groq = answerOf(readFixture("chat_groq_stream.sse"));

  assert.deepEqual(deepseek.usage, {
    inputTokens: 17,
    outputTokens: 9,
    cachedTokens: 16,
    reasoningTokens: 4,
  });
  assert.deepEqual(deepseek.choices[0]?.parts, [
    { kind: "thinking", text: "A greeting" },
    { kind: "text", text: "Hello!" },
  ]);
  assert.deepEqual(groq.usage, { inputTokens: 38, outputTokens: 4 });
});

Deno.test("openStream() reads Mistral's content arrays", () => {
  const { choices } = answerOf(readFixture("chat_mistral_stream.sse"));

  assert.deepEqual(choices[0]?.parts, [
    { kind: "thinking", text: "Two plus two." },
    { kind: "text", text: "Four." },
  ]);
  assert.deepEqual(choices[0]?.finish, { reason: "length" });
});

Deno.test("openStream() repairs the stream of Google's endpoint: no index, split arguments, stop with calls", () => {
  const events = readFixture("chat_gemini_endpoint_stream.sse");
  const { choices } = answerOf(events);

  assert.deepEqual(choices[0]?.parts.slice(0, 2), [
    {
      kind: "tool_call",
      id: "function-call-1",
      name: "get_weather",
      arguments: '{"location":"Sydney"}',
      signature: { issuer: "gemini", value: "c2lnbmF0dXJlLW9uZQ==" },
    },
    { kind: "tool_call", id: "call_SKpbaNfgG_7rkdUPhs3joQg_0_1", name: "get_time", arguments: "{}" },
  ]);
  assert.deepEqual(choices[0]?.finish, { reason: "tool_calls" });
  assert.ok(events.some((event) => event.kind === "signature" && event.of === "text"));
});

const REPAIRS: readonly (readonly [what: string, chunks: readonly unknown[], calls: readonly string[]])[] = [
  ["index 0 for every call", [
    calls({ index: 0, id: "a", function: { name: "f", arguments: '{"x":' } }),
    calls({ index: 0, function: { arguments: "1}" } }),
    calls({ index: 0, id: "b", function: { name: "g", arguments: '{"y":2}' } }),
  ], ['a f {"x":1}', 'b g {"y":2}']],
  ["no index at all", [
    calls({ id: "a", function: { name: "f", arguments: "{}" } }, { id: "b", function: { name: "f" } }),
    calls({ id: "b", function: { arguments: "{}" } }),
  ], ["a f {}", "b f {}"]],
  ["id and name in every piece", [
    calls({ index: 0, id: "a", function: { name: "f", arguments: '{"x"' } }),
    calls({ index: 0, id: "a", function: { name: "f", arguments: ":1}" } }),
  ], ['a f {"x":1}']],
  ["another id in every piece", [
    calls({ index: 0, id: "a", function: { name: "f", arguments: '{"x"' } }),
    calls({ index: 0, id: "b", function: { arguments: ":1}" } }),
  ], ['a f {"x":1}']],
  ["arguments before the name", [
    calls({ index: 0, id: "a", function: { arguments: '{"x"' } }),
    calls({ index: 0, function: { name: "f", arguments: ":1}" } }),
  ], ['a f {"x":1}']],
  ["pieces of two calls in turn", [
    calls({ index: 0, id: "a", function: { name: "f", arguments: "{" } }),
    calls({ index: 1, id: "b", function: { name: "g", arguments: "{" } }),
    calls({ index: 0, function: { arguments: "}" } }, { index: 1, function: { arguments: "}" } }),
  ], ["a f {}", "b g {}"]],
  ["one id for two calls", [
    calls({ index: 0, id: "a", function: { name: "f", arguments: "{}" } }),
    calls({ index: 1, id: "a", function: { name: "g", arguments: "{}" } }),
  ], ["a f {}", "call_1_0_1 g {}"]],
  ["an object for arguments", [
    calls({ index: 0, id: "a", function: { name: "f", arguments: { x: 1 } } }),
  ], ['a f {"x":1}']],
  ["calls without arguments", [
    calls({ index: 0, id: "a", function: { name: "f" } }, { index: 1, id: "b", function: { name: "g" } }),
  ], ["a f {}", "b g {}"]],
  ["an old function call", [
    chunk({ function_call: { name: "f", arguments: "" } }),
    chunk({ function_call: { arguments: '{"x":1}' } }),
  ], ['call_1_0_0 f {"x":1}']],
  ["a whole message in one chunk", [{
    id: "chatcmpl-1",
    choices: [{ index: 0, message: { tool_calls: [{ id: "a", function: { name: "f", arguments: "{}" } }] } }],
  }], ["a f {}"]],
];

for (const [what, chunks, expected] of REPAIRS) {
  Deno.test(`openStream() repairs ${what}`, () => {
    assert.deepEqual(callsOf(...chunks), expected);
  });
}

Deno.test("openStream() gives calls without ids other ids in another answer", () => {
  const one = { ...calls({ function: { name: "f" } }), id: "chatcmpl-one" };
  const two = { ...calls({ function: { name: "f" } }), id: "chatcmpl-two" };

  assert.notDeepEqual(callsOf(one), callsOf(two));
});

Deno.test("openStream() takes stop in every chunk for one end", () => {
  const events = readChunks(chunk({ content: "a" }, "stop"), chunk({ content: "b" }, "stop"), "[DONE]");

  assert.deepEqual(joinedEvents(events).slice(1), [
    { kind: "text", choice: 0, text: "ab" },
    { kind: "finish", choice: 0, finish: { reason: "stop" } },
    { kind: "end" },
  ]);
});

Deno.test("openStream() ends without [DONE] when every choice has its finish, and not before", () => {
  const whole = readChunks(chunk({ content: "a" }, "stop"));
  const cut = readChunks(chunk({ content: "a" }));
  const half = readChunks(chunk({ content: "a" }, "stop"), {
    choices: [{ index: 1, delta: { content: "b" } }],
  });

  assert.equal(whole.at(-1)?.kind, "end");
  assert.deepEqual([cut.at(-1)?.kind, half.at(-1)?.kind], ["text", "text"]);
});

Deno.test("openStream() passes over chunks that only tell about the answer", () => {
  const events = readChunks(
    { id: "", model: "", choices: [], prompt_filter_results: [] },
    { object: "chat.completion.chunk" },
    { id: "chatcmpl-1", model: "m", choices: null },
    chunk({ role: "assistant", content: "" }),
    chunk({ content: "a" }, "stop"),
    "[DONE]",
  );

  assert.deepEqual(events.slice(0, 2), [
    { kind: "start", id: "chatcmpl-1", model: "m" },
    { kind: "text", choice: 0, text: "a" },
  ]);
});

Deno.test("openStream() reads pictures, citations and log probabilities", () => {
  const events = readChunks(
    chunk({
      images: [
        { image_url: { url: "data:image/png;base64,AAAA" } },
        { image_url: { url: "https://example.com/a" } },
      ],
      annotations: [{ type: "url_citation", url_citation: { url: "https://example.com" } }],
    }),
    chunk({}, null, { logprobs: { content: [{ token: "a", logprob: -1, top_logprobs: [] }] } }),
  );

  assert.deepEqual(events.slice(1), [
    { kind: "image", choice: 0, mediaType: "image/png", base64: "AAAA" },
    { kind: "text", choice: 0, text: "![](https://example.com/a)" },
    { kind: "citation", choice: 0, citation: { url: "https://example.com" } },
    { kind: "logprobs", choice: 0, logprobs: [{ token: "a", logprob: -1, top: [] }] },
  ]);
});

const FAILURES: readonly (readonly [what: string, chunk: unknown, code: string])[] = [
  ["an error chunk", { error: { message: "Overloaded", type: "server_error", code: null } }, "server_error"],
  ["a list with an error", [{ error: { code: 503, message: "Overloaded", status: "UNAVAILABLE" } }], "503"],
  ["an error in words", { error: "Overloaded" }, "upstream_failed"],
  ["an error of a choice", { choices: [{ index: 0, error: { message: "Overloaded", code: 502 } }] }, "502"],
  ["an error object", { object: "error", message: "Overloaded", code: 40 }, "40"],
  ["finish_reason error", chunk({}, "error"), "error"],
  ["a provider that gave up", chunk({}, "insufficient_system_resource"), "insufficient_system_resource"],
  ["no JSON", "<html>", "unreadable"],
  ["a number", "5", "unreadable"],
  ["choices of no list", { choices: {} }, "unreadable"],
  ["a choice of no object", { choices: [1] }, "unreadable"],
  ["a choice far away", { choices: [{ index: 1e9, delta: {} }] }, "unreadable"],
  ["a delta of no object", chunk("a"), "unreadable"],
  ["content of no text", chunk({ content: 5 }), "unreadable"],
  ["tool calls of no list", chunk({ tool_calls: {} }), "unreadable"],
  ["arguments of no call", calls({ function: { arguments: "{}" } }), "unreadable"],
  ["a finish of no text", { choices: [{ index: 0, delta: {}, finish_reason: 1 }] }, "unreadable"],
];

for (const [what, failing, code] of FAILURES) {
  Deno.test(`openStream() reads ${what} as an error, and nothing behind it`, () => {
    const events = readChunks(chunk({ content: "a" }), failing, chunk({ content: "b" }, "stop"), "[DONE]");

    const last = events.at(-1);
    assert.ok(last?.kind === "error" && last.code === code && last.message !== "", JSON.stringify(last));
    assert.equal(events.filter(({ kind }) => kind === "text").length, 1);
    assert.equal(brokenRule(events), undefined);
  });
}

Deno.test("openStream() reads OpenRouter's error in mid-stream", () => {
  assert.deepEqual(readFixture("chat_openrouter_error.sse").at(-1), {
    kind: "error",
    message: "Provider disconnected unexpectedly",
    code: "server_error",
  });
});

Deno.test("openStream() takes no stream that is empty, unfinished or has a call without a name for an answer", () => {
  const empty = readChunks("[DONE]");
  const unfinished = readChunks(chunk({ content: "a" }), "[DONE]");
  const nameless = readChunks(
    calls({ index: 0, id: "a", function: { arguments: "{}" } }),
    chunk({}, "stop"),
    "[DONE]",
  );

  assert.deepEqual([empty, unfinished, nameless].map((events) => events.at(-1)?.kind), [
    "error",
    "error",
    "error",
  ]);
});

/** The chunks that a writer makes of these events, parsed; `[DONE]` and comments as they are. */
function written(events: readonly ChatEvent[], told: Partial<AnswerTold> = {}): unknown[] {
  const writer = OPENAI_CHAT_CALLER.openStream(answerTold(told));
  const text = events.map((event) => writer.write(event)).join("");
  return text.split("\n\n").filter((part) => part !== "").map((part) => {
    const data = part.slice("data: ".length);
    return part.startsWith("data: {") ? JSON.parse(data) : part;
  });
}

const START: ChatEvent = { kind: "start", id: "msg_1", model: "upstream" };
const STOP: ChatEvent = { kind: "finish", choice: 0, finish: { reason: "stop" } };
const HEAD = {
  id: "chatcmpl-msg_1",
  object: "chat.completion.chunk",
  created: 1_700_000_000,
  model: "asked-model",
};

function choice(delta: unknown, finish: string | null = null) {
  return [{ index: 0, delta, logprobs: null, finish_reason: finish }];
}

Deno.test("write() gives the role first, then text, the finish, the usage and [DONE]", () => {
  const usage: ChatEvent = { kind: "usage", usage: { inputTokens: 3, outputTokens: 2 } };

  const chunks = written([START, { kind: "text", choice: 0, text: "Hi" }, usage, STOP, { kind: "end" }]);

  assert.deepEqual(chunks, [
    { ...HEAD, choices: choice({ role: "assistant", content: "" }), usage: null },
    { ...HEAD, choices: choice({ content: "Hi" }), usage: null },
    { ...HEAD, choices: choice({}, "stop"), usage: null },
    { ...HEAD, choices: [], usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 } },
    "data: [DONE]",
  ]);
});

Deno.test("write() tells no usage when nobody asked for it", () => {
  const usage: ChatEvent = { kind: "usage", usage: { inputTokens: 3 } };

  const chunks = written([START, usage, { kind: "text", choice: 0, text: "Hi" }, STOP, { kind: "end" }], {
    mustTellUsage: false,
  });

  assert.ok(!JSON.stringify(chunks).includes("usage"));
});

Deno.test("write() gives each call its index, and an empty object for arguments that never came", () => {
  const called = (call: number, id: string): ChatEvent => ({
    kind: "tool_call",
    choice: 0,
    call,
    id,
    name: "f",
  });
  const chunks = written([
    START,
    called(0, "a"),
    { kind: "tool_arguments", choice: 0, call: 0, text: '{"x":1}' },
    { kind: "tool_call_end", choice: 0, call: 0 },
    { ...called(1, "b"), ...{ signature: { issuer: "gemini", value: "c2ln" } as const } },
    { kind: "tool_call_end", choice: 0, call: 1 },
    { kind: "finish", choice: 0, finish: { reason: "tool_calls" } },
    { kind: "end" },
  ], { mustTellUsage: false });

  assert.deepEqual(
    chunks.slice(1, -1),
    [
      { index: 0, id: "a", type: "function", function: { name: "f", arguments: "" } },
      { index: 0, function: { arguments: '{"x":1}' } },
      {
        index: 1,
        id: "b",
        type: "function",
        function: { name: "f", arguments: "" },
        extra_content: { google: { thought_signature: "c2ln" } },
      },
      { index: 1, function: { arguments: "{}" } },
    ].map((call) => ({ ...HEAD, choices: choice({ tool_calls: [call] }) })).concat([
      { ...HEAD, choices: choice({}, "tool_calls") },
    ]),
  );
});

Deno.test("write() keeps thoughts out of the content and foreign signatures to itself", () => {
  const text = JSON.stringify(written([
    START,
    { kind: "thinking", choice: 0, text: "Hm." },
    { kind: "signature", choice: 0, of: "thinking", signature: { issuer: "anthropic", value: "c2ln" } },
    { kind: "redacted_thinking", choice: 0, issuer: "anthropic", data: "hidden" },
    { kind: "text", choice: 0, text: "Hi" },
    STOP,
    { kind: "end" },
  ]));

  assert.ok(text.includes('{"reasoning_content":"Hm."}') && text.includes('{"content":"Hi"}'));
  assert.ok(!text.includes("c2ln") && !text.includes("hidden"));
});

Deno.test("write() keeps every finish back until the answer is whole", () => {
  const chunks = written([
    START,
    STOP,
    { kind: "text", choice: 1, text: "b" },
    { kind: "finish", choice: 1, finish: { reason: "length" } },
  ]);

  assert.ok(!JSON.stringify(chunks).includes('"finish_reason":"'));
  assert.equal(chunks.length, 3);
});

const ERRORS: readonly (readonly [what: string, events: readonly ChatEvent[], message: string])[] = [
  ["an error", [START, { kind: "error", message: "Overloaded", code: "x" }, { kind: "end" }], "Overloaded"],
  ["an end without a finish", [START, { kind: "text", choice: 0, text: "a" }, { kind: "end" }], "finish"],
  ["an end without anything", [{ kind: "end" }], "finish"],
  ["a failed end with nothing before it", [
    START,
    { kind: "thinking", choice: 0, text: "Hm." },
    { kind: "finish", choice: 0, finish: { reason: "failed", native: "MALFORMED_FUNCTION_CALL" } },
    { kind: "end" },
  ], "MALFORMED_FUNCTION_CALL"],
];

for (const [what, events, message] of ERRORS) {
  Deno.test(`write() tells ${what} in an error chunk and writes no [DONE]`, () => {
    const chunks = written([...events, { kind: "text", choice: 0, text: "late" }]);

    const text = JSON.stringify(chunks.at(-1));
    assert.ok(
      text.startsWith('{"error":{') && text.includes(message) && text.includes('"request_id":"req_1"'),
    );
    assert.ok(!JSON.stringify(chunks).includes("[DONE]"));
  });
}

Deno.test("write() tells of a failed end behind content by its native reason", () => {
  const chunks = written([
    START,
    { kind: "text", choice: 0, text: "a" },
    { kind: "finish", choice: 0, finish: { reason: "failed", native: "OTHER" } },
    { kind: "end" },
  ]);

  assert.ok(JSON.stringify(chunks.at(-2)).includes('"finish_reason":"stop","native_finish_reason":"OTHER"'));
});

Deno.test("write() tells a blocked prompt as a refusal and content_filter", () => {
  const chunks = written([
    START,
    { kind: "finish", choice: 0, finish: { reason: "content_filter", explanation: "Blocked" } },
    { kind: "end" },
  ], { mustTellUsage: false });

  assert.deepEqual(chunks.slice(1), [
    { ...HEAD, choices: choice({ refusal: "Blocked" }) },
    { ...HEAD, choices: choice({}, "content_filter") },
    "data: [DONE]",
  ]);
});

Deno.test("write() streams old functions as one function_call", () => {
  const chunks = written([
    START,
    { kind: "tool_call", choice: 0, call: 0, id: "a", name: "f" },
    { kind: "tool_arguments", choice: 0, call: 0, text: "{}" },
    { kind: "tool_call", choice: 0, call: 1, id: "b", name: "g" },
    { kind: "finish", choice: 0, finish: { reason: "tool_calls" } },
    { kind: "end" },
  ], { mustTellUsage: false, request: requestWith({ isOldFunctions: true }) });

  assert.deepEqual(chunks.slice(1), [
    { ...HEAD, choices: choice({ function_call: { name: "f", arguments: "" } }) },
    { ...HEAD, choices: choice({ function_call: { arguments: "{}" } }) },
    { ...HEAD, choices: choice({}, "function_call") },
    "data: [DONE]",
  ]);
});

Deno.test("write() sends a ping as a comment", () => {
  assert.deepEqual(written([{ kind: "ping" }]), [": ping"]);
});
