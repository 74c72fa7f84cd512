import assert from "node:assert/strict";
import type { EventMeaning, StreamEnd } from "../../src/dialect/dialect.ts";
import { OPENAI } from "../../src/dialect/openai.ts";

function chunk(delta: unknown, finish_reason: string | null = null, more: object = {}): string {
  return JSON.stringify({
    id: "chatcmpl-1",
    object: "chat.completion.chunk",
    choices: [{ index: 0, delta, finish_reason }],
    ...more,
  });
}

const USAGE = {
  prompt_tokens: 19,
  completion_tokens: 10,
  total_tokens: 29,
  prompt_tokens_details: { cached_tokens: 4, audio_tokens: 0 },
  completion_tokens_details: { reasoning_tokens: 6, audio_tokens: 0 },
};
const READ_USAGE = {
  inputTokens: 19,
  outputTokens: 10,
  cachedTokens: 4,
  reasoningTokens: 6,
  audioInputTokens: 0,
  audioOutputTokens: 0,
};
const RESPONSES_USAGE = {
  input_tokens: 36,
  input_tokens_details: { cached_tokens: 0 },
  output_tokens: 87,
  output_tokens_details: { reasoning_tokens: 64 },
  total_tokens: 123,
};
const READ_RESPONSES_USAGE = { inputTokens: 36, outputTokens: 87, cachedTokens: 0, reasoningTokens: 64 };

const EVENTS: readonly (readonly [name: string, data: string, meaning: EventMeaning])[] = [
  ["a role", chunk({ role: "assistant", content: "" }), "preamble"],
  ["a role with nulls", chunk({ role: "assistant", content: null, refusal: null }), "preamble"],
  ["Azure's prompt filter", '{"choices":[],"prompt_filter_results":[{"prompt_index":0}]}', "preamble"],
  ["nothing", "", "preamble"],
  ["{}", "{}", "preamble"],
  ["text", chunk({ content: "Hi" }), "content"],
  [
    "a completion's text",
    '{"object":"text_completion","choices":[{"text":"Hi","finish_reason":null}]}',
    "content",
  ],
  ["reasoning_content", chunk({ content: null, reasoning_content: "Hm" }), "content"],
  ["reasoning", chunk({ reasoning: "Hm" }), "content"],
  [
    "a tool call",
    chunk({ tool_calls: [{ index: 0, id: "c", function: { name: "f", arguments: "" } }] }),
    "content",
  ],
  ["a refusal", chunk({ refusal: "No" }), "content"],
  ["audio", chunk({ audio: { id: "a" } }), "content"],
  ["a stop after no token", chunk({}, "stop"), "content"],
  ["a content filter", chunk({}, "content_filter"), "content"],
  ["usage alone", JSON.stringify({ choices: [], usage: USAGE }), "content"],
  ["the end", "[DONE]", "content"],
  ["what is not JSON", "hello", "content"],
  ["an error object", '{"error":{"message":"Rate limit reached"}}', "error"],
  ["an error string", '{"error":"broken"}', "error"],
  ["an error beside a choice", chunk({ content: "" }, "error", { error: { code: 502 } }), "error"],
  ["finish_reason error", chunk({}, "error"), "error"],
  ["DeepSeek's lack of machines", chunk({}, "insufficient_system_resource"), "error"],
  ["Mistral's error", '{"object":"error","message":"x"}', "error"],
  [
    "response.created",
    '{"type":"response.created","response":{"status":"in_progress","error":null}}',
    "preamble",
  ],
  ["response.in_progress", '{"type":"response.in_progress","response":{}}', "preamble"],
  [
    "an empty message item",
    '{"type":"response.output_item.added","item":{"type":"message","content":[]}}',
    "preamble",
  ],
  [
    "a function call item",
    '{"type":"response.output_item.added","item":{"type":"function_call","name":"f"}}',
    "content",
  ],
  [
    "an empty part",
    '{"type":"response.content_part.added","part":{"type":"output_text","text":""}}',
    "preamble",
  ],
  ["response.output_text.delta", '{"type":"response.output_text.delta","delta":"Hi"}', "content"],
  ["response.incomplete", '{"type":"response.incomplete","response":{}}', "content"],
  ["response.failed", '{"type":"response.failed","response":{"error":{"code":"server_error"}}}', "error"],
  ["an error event", '{"type":"error","code":"server_error","message":"x"}', "error"],
];

for (const [name, data, meaning] of EVENTS) {
  Deno.test(`OPENAI.meaningOf() takes ${name} for ${meaning}`, () => {
    assert.equal(OPENAI.meaningOf({ name: "", data }), meaning);
  });
}

const COMPLETED = JSON.stringify({
  type: "response.completed",
  response: { status: "completed", output: [{ text: "x".repeat(500) }], usage: RESPONSES_USAGE, user: null },
  sequence_number: 9,
});

const ENDS: readonly (readonly [name: string, tail: string, end: StreamEnd])[] = [
  ["[DONE]", `data: ${chunk({ content: "x" })}\n\ndata: [DONE]\n\n`, "complete"],
  ["[DONE] without a space or a blank line", "\r\ndata:[DONE]", "complete"],
  ["a finish_reason without [DONE]", `data: ${chunk({}, "stop")}\n\n`, "complete"],
  [
    "a finish_reason, then usage",
    `data: ${chunk({}, "length")}\n\ndata: {"choices":[],"usage":{}}\n\n`,
    "complete",
  ],
  ["response.completed", `event: response.completed\ndata: ${COMPLETED}\n\n`, "complete"],
  ["the end of a large response.completed", `${COMPLETED.slice(200)}\n\n`, "complete"],
  ["response.incomplete", 'data: {"type":"response.incomplete","response":{}}\n\n', "complete"],
  ["text", `data: ${chunk({ content: "par" })}\n\n`, "cut"],
  ["nothing", "", "cut"],
  ["[DONE] inside a text", `data: ${chunk({ content: "\ndata: [DONE]\n" })}\n\n`, "cut"],
  ["a finish_reason inside a text", `data: ${chunk({ content: '"finish_reason":"stop"' })}\n\n`, "cut"],
  ["an error", `data: ${chunk({ content: "a" })}\n\ndata: {"error":{"message":"x"}}\n\n`, "error"],
  ["an error before [DONE]", 'data: {"error":{"message":"x"}}\n\ndata: [DONE]\n\n', "error"],
  ["finish_reason error", `data: ${chunk({}, "error")}\n\ndata: [DONE]\n\n`, "error"],
];

for (const [name, tail, end] of ENDS) {
  Deno.test(`OPENAI.readEnd() takes ${name} for ${end}`, () => {
    assert.equal(OPENAI.readEnd(tail), end);
  });
}

const USAGES: readonly (readonly [name: string, text: string, usage: object | undefined])[] = [
  ["a chat completion", JSON.stringify({ object: "chat.completion", choices: [], usage: USAGE }), READ_USAGE],
  [
    "a response",
    JSON.stringify({ object: "response", usage: RESPONSES_USAGE }, null, 2),
    READ_RESPONSES_USAGE,
  ],
  ["embeddings", '{"object":"list","data":[],"usage":{"prompt_tokens":8,"total_tokens":8}}', {
    inputTokens: 8,
  }],
  [
    "DeepSeek",
    '{"usage":{"prompt_tokens":9,"completion_tokens":1,"prompt_cache_hit_tokens":3,"prompt_cache_miss_tokens":6}}',
    { inputTokens: 9, outputTokens: 1, cachedTokens: 3 },
  ],
  [
    "the last chunk",
    `data: ${chunk({}, "stop", { usage: null })}\n\ndata: ${
      JSON.stringify({ choices: [], usage: USAGE })
    }\n\ndata: [DONE]\n\n`,
    READ_USAGE,
  ],
  ["Groq's chunk", `data: ${chunk({}, "stop", { x_groq: { id: "r", usage: USAGE } })}\r\n\r\n`, READ_USAGE],
  ["response.completed", `event: response.completed\r\ndata: ${COMPLETED}\r\n\r\n`, READ_RESPONSES_USAGE],
  ["the end of a large response.completed", `${COMPLETED.slice(200)}\n\n`, READ_RESPONSES_USAGE],
  ["explicit zeros", '{"usage":{"prompt_tokens":0,"completion_tokens":0}}', {
    inputTokens: 0,
    outputTokens: 0,
  }],
  ["no usage", `data: ${chunk({ content: "x" }, null, { usage: null })}\n\n`, undefined],
  ["usage inside a text", `data: ${chunk({ content: '"usage":{"prompt_tokens":5}' })}\n\n`, undefined],
  ["seconds of audio", '{"text":"hi","usage":{"type":"duration","seconds":3}}', undefined],
  [
    "forged counts",
    '{"usage":{"prompt_tokens":-1,"completion_tokens":1e308,"input_tokens":"7","output_tokens":1.5}}',
    undefined,
  ],
  [
    "a part larger than its whole",
    '{"usage":{"prompt_tokens":5,"completion_tokens":1,"prompt_tokens_details":{"cached_tokens":6}}}',
    { inputTokens: 5, outputTokens: 1 },
  ],
];

for (const [name, text, usage] of USAGES) {
  Deno.test(`OPENAI.readUsage() reads ${name}`, () => {
    assert.deepEqual(OPENAI.readUsage(text), usage);
  });
}

Deno.test("OPENAI.readSoftFailure() finds errors and nothing inside a 200", () => {
  const completion = (message: object, finish_reason = "stop") =>
    JSON.stringify({ object: "chat.completion", choices: [{ message, finish_reason }] });
  const rows: readonly (readonly [body: string, expected: "error" | "empty" | undefined])[] = [
    ['{"error":{"message":"x"}}', "error"],
    ['{"error":"x"}', "error"],
    ['{"choices":[{"finish_reason":"error","error":{"code":502}}]}', "error"],
    ["<html><body>hello</body></html>", "error"],
    [completion({ content: "x".repeat(5000) }, "error"), "error"],
    ['data: {"error":{"message":"x"}}', "error"],
    ["data: [DONE]", undefined],
    [": comment", undefined],
    ["", "empty"],
    [" \n", "empty"],
    ["{}", "empty"],
    ["null", "empty"],
    ['{"object":"chat.completion","choices":[]}', "empty"],
    [completion({ content: "hi" }), undefined],
    [completion({ content: "" }), undefined],
    [completion({ content: null }, "content_filter"), undefined],
    [completion({ content: null, reasoning_content: "hm" }), undefined],
    [completion({ content: '{"error":{"message":"x"}}' }), undefined],
    ['{"object":"response","status":"completed","error":null,"output":[]}', undefined],
    ['{"object":"batch","error":{"message":"recorded"}}', undefined],
    ['{"object":"list","data":[]}', undefined],
    ["[]", undefined],
    ["not JSON", undefined],
  ];

  for (const [body, expected] of rows) {
    assert.equal(OPENAI.readSoftFailure(body), expected, body.slice(0, 80));
  }
});

Deno.test("OPENAI.isRepeatable() refuses what would be done twice", () => {
  const repeatable = [
    "/v1/chat/completions",
    "/v1/responses",
    "/v1/embeddings",
    "/v1/moderations",
    "/v1/completions",
  ];
  const not = [
    "/v1/files",
    "/v1/batches",
    "/v1/fine_tuning/jobs",
    "/v1/images/edits",
    "/v1/images/generations",
    "/v1/assistants",
    "/v1/threads/t/runs",
    "/v1/vector_stores",
    "/v1/responses/r/cancel",
  ];

  for (const path of repeatable) assert.ok(OPENAI.isRepeatable("POST", path), path);
  for (const path of not) {
    assert.ok(!OPENAI.isRepeatable("POST", path), path);
    assert.ok(!OPENAI.isRepeatable("DELETE", path), path);
    assert.ok(OPENAI.isRepeatable("GET", path), path);
  }
});

Deno.test("OPENAI.modelInPath() knows Azure's deployments", () => {
  assert.equal(OPENAI.modelInPath("/openai/deployments/gpt-4o/chat/completions"), "gpt-4o");
  assert.equal(OPENAI.modelInPath("/v1/models/gpt-4o"), "gpt-4o");
  assert.equal(OPENAI.modelInPath("/v1/models"), undefined);
  assert.equal(OPENAI.modelInPath("/v1/chat/completions"), undefined);
});
