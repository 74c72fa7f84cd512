import assert from "node:assert/strict";
import type { ChatAnswer, Finish } from "../../src/translate/chat_answer.ts";
import { readGeminiAnswer, readGeminiCount } from "../../src/translate/gemini_answer_reader.ts";
import { writeGeminiAnswer, writeGeminiCount } from "../../src/translate/gemini_answer_writer.ts";
import { AnswerUnreadableError } from "../../src/translate/sides.ts";
import { answerTold, fixture, streamed } from "./gemini_support.ts";

Deno.test("readGeminiAnswer() reads a signed text with its thoughts counted as output", () => {
  const answer = readGeminiAnswer(JSON.parse(fixture("text.json")));

  assert.deepEqual(answer, {
    id: "DniLab2dFPeSxN8PpqXY4Ag",
    model: "gemini-3-pro-preview",
    choices: [{
      index: 0,
      parts: [{
        kind: "text",
        text: 'There are **3** "r"s in strawberry.\n\nHere is the breakdown: st**r**awbe**rr**y.',
        signature: {
          issuer: "gemini",
          value: "EswFCskFAb4+9vu5+eCedpmcjHHK+yjyrSAIGVBHj03GrObE+hduQ213f7FDz0UD",
        },
      }],
      finish: { reason: "stop", native: "STOP" },
    }],
    usage: { inputTokens: 9, outputTokens: 287, reasoningTokens: 258 },
  });
});

Deno.test("readGeminiAnswer() reads a malformed call as failed, never as a plain end", () => {
  const answer = readGeminiAnswer(JSON.parse(fixture("malformed_call.json")));

  assert.deepEqual(answer.choices, [{
    index: 0,
    parts: [],
    finish: {
      reason: "failed",
      native: "MALFORMED_FUNCTION_CALL",
      explanation: "Malformed function call: print(default_api.get_weather(city='Paris')",
    },
  }]);
});

Deno.test("readGeminiAnswer() reads each reason of Google's", () => {
  const rows = [
    ["STOP", "stop"],
    ["MAX_TOKENS", "length"],
    ["SAFETY", "content_filter"],
    ["RECITATION", "content_filter"],
    ["BLOCKLIST", "content_filter"],
    ["PROHIBITED_CONTENT", "content_filter"],
    ["SPII", "content_filter"],
    ["LANGUAGE", "content_filter"],
    ["IMAGE_SAFETY", "content_filter"],
    ["CONTINUATION", "paused"],
    ["OTHER", "failed"],
    ["UNEXPECTED_TOOL_CALL", "failed"],
    ["TOO_MANY_TOOL_CALLS", "failed"],
    ["NO_IMAGE", "failed"],
    ["MALFORMED_RESPONSE", "failed"],
    ["FINISH_REASON_UNSPECIFIED", "failed"],
    ["SOMETHING_NEW", "failed"],
    [undefined, "failed"],
  ] as const;

  for (const [finishReason, reason] of rows) {
    const answer = readGeminiAnswer(streamed([{ text: "x" }], { finishReason }));

    assert.equal(answer.choices[0]?.finish.reason, reason, `${finishReason}`);
    assert.equal(answer.choices[0]?.finish.native, finishReason);
  }
});

Deno.test("readGeminiAnswer() keeps text beside calls, makes ids and sees no plain stop", () => {
  const call = { functionCall: { name: "f" } };
  const first = readGeminiAnswer(streamed([{ text: "Look" }, call, call], { finishReason: "STOP" }));
  const nameless = (text: string) =>
    readGeminiAnswer({
      candidates: [{ content: { parts: [{ text }, call] }, finishReason: "STOP" }],
    }).choices[0]?.parts[1];

  assert.deepEqual(first.choices[0], {
    index: 0,
    parts: [
      { kind: "text", text: "Look" },
      { kind: "tool_call", id: "call_resp1_0", name: "f", arguments: "{}" },
      { kind: "tool_call", id: "call_resp1_1", name: "f", arguments: "{}" },
    ],
    finish: { reason: "tool_calls", native: "STOP" },
  });
  // Without an id of the answer its words tell two answers apart.
  assert.notDeepEqual(nameless("one"), nameless("two"));
  assert.deepEqual(nameless("one"), nameless("one"));
});

Deno.test("readGeminiAnswer() joins texts, keeps thoughts apart, and takes images", () => {
  const answer = readGeminiAnswer(streamed([
    { text: "I ", thought: true },
    { text: "think", thought: true },
    { inlineData: { mimeType: "image/png", data: "AAAA" }, thought: true },
    { text: "a", thoughtSignature: "QQ==" },
    { text: "b" },
    { text: "c" },
    { text: "", thoughtSignature: "Qg==" },
    { inlineData: { mimeType: "image/png", data: "BBBB" } },
    {},
  ], { finishReason: "STOP" }));

  assert.deepEqual(answer.choices[0]?.parts, [
    { kind: "thinking", text: "I think" },
    { kind: "text", text: "a", signature: { issuer: "gemini", value: "QQ==" } },
    { kind: "text", text: "bc", signature: { issuer: "gemini", value: "Qg==" } },
    { kind: "image", source: { kind: "base64", mediaType: "image/png", base64: "BBBB" } },
  ]);
});

Deno.test("readGeminiAnswer() reads a blocked prompt as one filtered choice", () => {
  const answer = readGeminiAnswer({
    promptFeedback: { blockReason: "PROHIBITED_CONTENT", blockReasonMessage: "No." },
    usageMetadata: { promptTokenCount: 9, totalTokenCount: 9 },
    modelVersion: "m",
  });

  assert.deepEqual(answer, {
    id: "",
    model: "m",
    choices: [{
      index: 0,
      parts: [],
      finish: { reason: "content_filter", native: "PROHIBITED_CONTENT", explanation: "No." },
    }],
    usage: { inputTokens: 9 },
  });
});

Deno.test("readGeminiAnswer() turns byte ranges of sources into ranges of the text", () => {
  const groundingMetadata = {
    groundingChunks: [{ web: { uri: "https://a", title: "A" } }, { web: { uri: "https://b" } }],
    groundingSupports: [
      { segment: { partIndex: 1, startIndex: 3, endIndex: 7, text: "won." }, groundingChunkIndices: [0] },
    ],
  };

  const answer = readGeminiAnswer(
    streamed([{ text: "Ja 👍 " }, { text: "é won." }], { finishReason: "STOP", groundingMetadata }),
  );

  const [citation, other] = answer.choices[0]?.citations ?? [];
  assert.deepEqual(citation, { url: "https://a", title: "A", quote: "won.", start: 8, end: 12 });
  assert.equal("Ja 👍 é won.".slice(8, 12), "won.");
  assert.deepEqual(other, { url: "https://b" });
});

Deno.test("readGeminiAnswer() reads log probabilities", () => {
  const answer = readGeminiAnswer(JSON.parse(fixture("logprobs.json")));

  assert.deepEqual(answer.choices[0]?.logprobs, [{
    token: "Yes",
    logprob: -0.0012,
    top: [{ token: "Yes", logprob: -0.0012 }, { token: "No", logprob: -6.75 }],
  }]);
});

Deno.test("readGeminiAnswer() refuses what is no answer", () => {
  const rows = [
    undefined,
    null,
    "text",
    [],
    {},
    { candidates: [] },
    { candidates: {} },
    { candidates: [null] },
    { usageMetadata: { promptTokenCount: 1 } },
    { error: { code: 500, message: "x" } },
    streamed([{ executableCode: { code: "1" } }], { finishReason: "STOP" }),
    streamed([{ functionCall: { args: {} } }], { finishReason: "STOP" }),
    streamed([{ functionCall: { name: "f", args: "{}" } }], { finishReason: "STOP" }),
    streamed([{ text: 5 }], { finishReason: "STOP" }),
    streamed([{ inlineData: { mimeType: "audio/wav", data: "AA" } }], { finishReason: "STOP" }),
    streamed([], { finishReason: 5 }),
    streamed([], { index: -1 }),
  ];

  for (const body of rows) {
    assert.throws(() => readGeminiAnswer(body), AnswerUnreadableError, JSON.stringify(body));
  }
});

Deno.test("readGeminiCount() reads a count and nothing else", () => {
  assert.equal(readGeminiCount(JSON.parse(fixture("count.json"))), 31);
  assert.deepEqual(writeGeminiCount(31), { totalTokens: 31 });
  for (const body of [{}, { totalTokens: "31" }, { totalTokens: -1 }, null]) {
    assert.throws(() => readGeminiCount(body), AnswerUnreadableError);
  }
});

Deno.test("writeGeminiAnswer() writes every part in Google's shape", () => {
  const anthropic = { issuer: "anthropic", value: "EqQB" } as const;
  const body = writeGeminiAnswer({
    id: "",
    model: "claude-sonnet-4-5-20250929",
    choices: [{
      index: 0,
      parts: [
        { kind: "thinking", text: "hm", signature: anthropic },
        { kind: "redacted_thinking", issuer: "anthropic", data: "EmwK" },
        { kind: "text", text: "Héllo", signature: { issuer: "gemini", value: "QUJD" } },
        { kind: "refusal", text: "No" },
        { kind: "image", source: { kind: "base64", mediaType: "image/png", base64: "AAAA" } },
        { kind: "tool_call", id: "toolu_1", name: "f", arguments: '{"a":1}' },
      ],
      finish: { reason: "tool_calls" },
      citations: [{ url: "https://a", title: "A", start: 1, end: 3 }, { url: "https://a" }],
      logprobs: [{ token: "x", logprob: -1, top: [] }],
    }],
    usage: { inputTokens: 10, outputTokens: 30, cachedTokens: 4, reasoningTokens: 20, audioInputTokens: 3 },
  }, answerTold());

  assert.deepEqual(body, {
    candidates: [{
      content: {
        parts: [
          { text: "hm", thought: true, thoughtSignature: btoa("kt.anthropic.EqQB") },
          { text: "", thought: true, thoughtSignature: btoa("kt.anthropic.redacted.EmwK") },
          { text: "Héllo", thoughtSignature: "QUJD" },
          { text: "No" },
          { inlineData: { mimeType: "image/png", data: "AAAA" } },
          { functionCall: { id: "toolu_1", name: "f", args: { a: 1 } } },
        ],
        role: "model",
      },
      finishReason: "STOP",
      index: 0,
      groundingMetadata: {
        groundingChunks: [{ web: { uri: "https://a", title: "A" } }],
        groundingSupports: [
          { segment: { startIndex: 1, endIndex: 4, text: "él" }, groundingChunkIndices: [0] },
        ],
      },
      logprobsResult: {
        chosenCandidates: [{ token: "x", logProbability: -1 }],
        topCandidates: [{ candidates: [] }],
      },
    }],
    usageMetadata: {
      promptTokenCount: 10,
      candidatesTokenCount: 10,
      thoughtsTokenCount: 20,
      cachedContentTokenCount: 4,
      totalTokenCount: 40,
      promptTokensDetails: [{ modality: "AUDIO", tokenCount: 3 }],
    },
    modelVersion: "gemini-2.5-flash",
    responseId: "request-1",
  });
});

Deno.test("writeGeminiAnswer() writes each end", () => {
  const rows: readonly (readonly [Finish, Record<string, unknown>])[] = [
    [{ reason: "stop", native: "end_turn" }, { finishReason: "STOP" }],
    [{ reason: "stop_sequence", stopSequence: "x" }, { finishReason: "STOP" }],
    [{ reason: "tool_calls" }, { finishReason: "STOP" }],
    [{ reason: "length" }, { finishReason: "MAX_TOKENS" }],
    [{ reason: "paused", native: "pause_turn" }, { finishReason: "STOP", finishMessage: "pause_turn" }],
    [{ reason: "failed", native: "odd" }, { finishReason: "OTHER", finishMessage: "odd" }],
    [{ reason: "content_filter", explanation: "No" }, { finishReason: "SAFETY", finishMessage: "No" }],
  ];

  for (const [finish, expected] of rows) {
    const body = writeGeminiAnswer(answering(finish), answerTold());

    const candidate = { content: { parts: [{ text: "x" }], role: "model" }, ...expected, index: 0 };
    assert.deepEqual(body, {
      candidates: [candidate],
      modelVersion: "gemini-2.5-flash",
      responseId: "a1",
    });
  }
});

Deno.test("writeGeminiAnswer() says a filtered answer without a word as a blocked prompt", () => {
  const answer = { ...answering({ reason: "content_filter", explanation: "No" }) };

  const body = writeGeminiAnswer(
    { ...answer, choices: answer.choices.map((choice) => ({ ...choice, parts: [] })) },
    answerTold(),
  );

  assert.deepEqual(body, {
    promptFeedback: { blockReason: "SAFETY", blockReasonMessage: "No" },
    modelVersion: "gemini-2.5-flash",
    responseId: "a1",
  });
});

Deno.test("writeGeminiAnswer() says that a call is malformed when its arguments are no object", () => {
  const answer = answering({ reason: "tool_calls" });
  const parts = [{ kind: "tool_call", id: "c", name: "f", arguments: '{"a":' }] as const;

  const body = JSON.parse(JSON.stringify(
    writeGeminiAnswer(
      { ...answer, choices: [{ index: 0, parts, finish: { reason: "tool_calls" } }] },
      answerTold(),
    ),
  ));

  assert.equal(body.candidates[0].finishReason, "MALFORMED_FUNCTION_CALL");
  assert.deepEqual(body.candidates[0].content.parts, [{ text: "" }]);
});

function answering(finish: Finish): ChatAnswer {
  return { id: "a1", model: "m", choices: [{ index: 0, parts: [{ kind: "text", text: "x" }], finish }] };
}
