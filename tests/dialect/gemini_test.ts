import assert from "node:assert/strict";
import type { EventMeaning, StreamEnd } from "../../src/dialect/dialect.ts";
import { GEMINI } from "../../src/dialect/gemini.ts";

function answer(parts: unknown, finishReason?: string, usageMetadata?: unknown): string {
  return JSON.stringify({
    candidates: [{ content: { parts, role: "model" }, index: 0, finishReason }],
    usageMetadata,
    modelVersion: "gemini-x",
  });
}

const USAGE = {
  promptTokenCount: 20,
  toolUsePromptTokenCount: 5,
  cachedContentTokenCount: 8,
  candidatesTokenCount: 7,
  thoughtsTokenCount: 30,
  totalTokenCount: 62,
};
const READ_USAGE = { inputTokens: 25, outputTokens: 37, cachedTokens: 8, reasoningTokens: 30 };
const ERROR = { error: { code: 503, message: "high demand", status: "UNAVAILABLE" } };

const EVENTS: readonly (readonly [name: string, data: string, meaning: EventMeaning])[] = [
  ["usage alone", JSON.stringify({ usageMetadata: USAGE }), "preamble"],
  ["an empty text", answer([{ text: "" }]), "preamble"],
  ["no parts", answer(undefined), "preamble"],
  ["{}", "{}", "preamble"],
  ["text", answer([{ text: "Hi" }]), "content"],
  ["a thought", answer([{ text: "Hm", thought: true }]), "content"],
  ["a call", answer([{ functionCall: { name: "f", args: {} } }]), "content"],
  ["a picture", answer([{ inlineData: { mimeType: "image/png", data: "x" } }]), "content"],
  ["an end without parts", answer(undefined, "STOP"), "content"],
  ["a safety stop", answer(undefined, "SAFETY"), "content"],
  ["a blocked prompt", '{"promptFeedback":{"blockReason":"SAFETY"}}', "content"],
  ["an error", JSON.stringify(ERROR), "error"],
];

for (const [name, data, meaning] of EVENTS) {
  Deno.test(`GEMINI.meaningOf() takes ${name} for ${meaning}`, () => {
    assert.equal(GEMINI.meaningOf({ name: "", data }), meaning);
  });
}

const TEXT = `data: ${answer([{ text: "half" }])}\r\n\r\n`;

const ENDS: readonly (readonly [name: string, tail: string, end: StreamEnd])[] = [
  ["a finishReason", `${TEXT}data: ${answer(undefined, "STOP", USAGE)}\r\n\r\n`, "complete"],
  [
    "a finishReason, then usage",
    `data: ${answer([{ text: "x" }], "STOP")}\n\ndata: {"usageMetadata":{}}\n\n`,
    "complete",
  ],
  ["a blocked prompt", 'data: {"promptFeedback":{"blockReason":"SAFETY"}}\n\n', "complete"],
  ["text", TEXT, "cut"],
  ["a finishReason inside a text", `data: ${answer([{ text: '"finishReason": "STOP"' }])}\n\n`, "cut"],
  [
    "a finishReason inside a call",
    `data: ${answer([{ functionCall: { args: { finishReason: "STOP" } } }])}\n\n`,
    "cut",
  ],
  ["an error event", `${TEXT}data: ${JSON.stringify(ERROR)}\r\n\r\n`, "error"],
  ["an error without data:", `${TEXT}${JSON.stringify(ERROR, null, 2)}\n`, "error"],
  ["an error alone", JSON.stringify(ERROR, null, 2), "error"],
  [
    "a JSON array",
    `[${answer([{ text: "a" }])}\n,\r\n${JSON.stringify(JSON.parse(answer([], "STOP")), null, 2)}\n]`,
    "complete",
  ],
  ["a JSON array that breaks off", `[${answer([{ text: "a" }])}\n,\r\n`, "cut"],
];

for (const [name, tail, end] of ENDS) {
  Deno.test(`GEMINI.readEnd() takes ${name} for ${end}`, () => {
    assert.equal(GEMINI.readEnd(tail), end);
  });
}

const FORGED = answer([{ functionCall: { args: { usageMetadata: { promptTokenCount: 0 } } } }]);

const USAGES: readonly (readonly [name: string, text: string, usage: object | undefined])[] = [
  ["a whole answer", answer([{ text: "x" }], "STOP", USAGE), READ_USAGE],
  [
    "the last of several events",
    `data: ${answer([], undefined, { promptTokenCount: 1 })}\n\ndata: ${answer([], "STOP", USAGE)}\n\n`,
    READ_USAGE,
  ],
  ["the end of a large event", answer([{ text: "x".repeat(300) }], "STOP", USAGE).slice(100), READ_USAGE],
  ["a JSON array", `[${answer([])},${answer([], "STOP", USAGE)}]`, READ_USAGE],
  ["thoughts only", '{"usageMetadata":{"promptTokenCount":3,"thoughtsTokenCount":9}}', {
    inputTokens: 3,
    outputTokens: 9,
    reasoningTokens: 9,
  }],
  ["a blocked prompt", '{"promptFeedback":{},"usageMetadata":{"promptTokenCount":8,"totalTokenCount":8}}', {
    inputTokens: 8,
  }],
  ["no usage", TEXT, undefined],
  ["a call that looks like usage", FORGED, undefined],
];

for (const [name, text, usage] of USAGES) {
  Deno.test(`GEMINI.readUsage() reads ${name}`, () => {
    assert.deepEqual(GEMINI.readUsage(text), usage);
  });
}

Deno.test("GEMINI.readSoftFailure() finds errors and nothing inside a 200", () => {
  assert.equal(GEMINI.readSoftFailure(JSON.stringify(ERROR)), "error");
  assert.equal(GEMINI.readSoftFailure(JSON.stringify([ERROR])), "error");
  assert.equal(GEMINI.readSoftFailure("{}"), "empty");
  assert.equal(GEMINI.readSoftFailure('{"candidates":[]}'), "empty");
  assert.equal(GEMINI.readSoftFailure(JSON.stringify({ usageMetadata: USAGE, modelVersion: "x" })), "empty");
  assert.equal(GEMINI.readSoftFailure('{"promptFeedback":{"blockReason":"SAFETY"}}'), undefined);
  assert.equal(GEMINI.readSoftFailure(answer(undefined, "SAFETY")), undefined);
  assert.equal(GEMINI.readSoftFailure('{"totalTokens":31}'), undefined);
  assert.equal(GEMINI.readSoftFailure('{"embedding":{"values":[]}}'), undefined);
});

Deno.test("GEMINI.modelInPath() reads the model of a call", () => {
  assert.equal(
    GEMINI.modelInPath("/v1beta/models/gemini-2.5-flash:streamGenerateContent"),
    "gemini-2.5-flash",
  );
  assert.equal(GEMINI.modelInPath("/v1beta/tunedModels/mine:generateContent"), "mine");
  assert.equal(GEMINI.modelInPath("/v1/publishers/google/models/gemini-x:countTokens"), "gemini-x");
  assert.equal(GEMINI.modelInPath("/v1beta/models"), undefined);
  assert.equal(GEMINI.modelInPath("/v1beta/files/x"), undefined);
});

Deno.test("GEMINI.isRepeatable() refuses what would be done twice", () => {
  for (
    const method of [
      "generateContent",
      "streamGenerateContent",
      "countTokens",
      "embedContent",
      "batchEmbedContents",
    ]
  ) {
    assert.ok(GEMINI.isRepeatable("POST", `/v1beta/models/x:${method}`), method);
  }
  for (
    const path of [
      "/v1beta/models/x:batchGenerateContent",
      "/v1beta/models/x:predictLongRunning",
      "/v1beta/cachedContents",
    ]
  ) {
    assert.ok(!GEMINI.isRepeatable("POST", path), path);
  }
  assert.ok(GEMINI.isRepeatable("GET", "/v1beta/models"));
});
