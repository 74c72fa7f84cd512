import assert from "node:assert/strict";
import fc from "fast-check";
import { isRecord, listAt, parseJson, textAt } from "../../src/core/json.ts";
import type { SseEvent } from "../../src/core/sse.ts";
import type { ChatEvent } from "../../src/translate/chat_answer.ts";
import { GEMINI_CALLER } from "../../src/translate/gemini_caller.ts";
import { GEMINI_UPSTREAM } from "../../src/translate/gemini_upstream.ts";
import { chatStreams } from "./answers.ts";
import { fuzzStreams, readAll, splitBytes } from "./fuzz.ts";
import { answerTold, fixture, readStream, sse, streamed } from "./gemini_support.ts";
import { answerOf, brokenRule } from "./normalized.ts";

const STREAMS = [
  "text.sse",
  "tool_call.sse",
  "parallel_calls.sse",
  "prompt_blocked.sse",
  "search.sse",
  "overloaded.sse",
];

Deno.test("GeminiStreamReader reads a call in an early event and STOP in a later one as tool_calls", () => {
  const events = readStream(fixture("tool_call.sse"));

  const usage = { inputTokens: 29, outputTokens: 819, reasoningTokens: 804 };
  assert.deepEqual(events, [
    { kind: "start", id: "QHiLaa6LBrb8vdIPoNztsAg", model: "gemini-3-pro-preview" },
    {
      kind: "tool_call",
      choice: 0,
      call: 0,
      id: "call_QHiLaa6LBrb8vdIPoNztsAg_0",
      name: "weather",
      signature: {
        issuer: "gemini",
        value: "EpEgCo4gAb4+9vvWwdN+NkNiCCwrqvFI8uf9IiD2A47Bm4Sga0kUTm4e/QuEnsZnNuSXJaINVVvc",
      },
    },
    { kind: "tool_arguments", choice: 0, call: 0, text: '{"location":"San Francisco"}' },
    { kind: "tool_call_end", choice: 0, call: 0 },
    { kind: "usage", usage },
    { kind: "usage", usage },
    { kind: "finish", choice: 0, finish: { reason: "tool_calls", native: "STOP" } },
    { kind: "end" },
  ]);
});

Deno.test("GeminiStreamReader reads every part of an event, counts calls and keeps thoughts out of the text", () => {
  const answer = answerOf(readStream(fixture("parallel_calls.sse")));

  const signature = {
    issuer: "gemini",
    value: "AY89a19YsnFp7FOSIejJDV9XuMU996D+ZaDJiD6L9EEi+Lh+VGTEGqM3Lip3DPI7QzY=",
  };
  const name = "get_current_temperature";
  assert.deepEqual(answer.choices[0]?.parts, [
    { kind: "thinking", text: "**Planning**\n\nTwo cities, two calls." },
    { kind: "text", text: "Let me look." },
    { kind: "tool_call", id: "q1w2e3r4", name, arguments: '{"location":"Paris"}', signature },
    { kind: "tool_call", id: "t5y6u7i8", name, arguments: '{"location":"London"}' },
  ]);
});

Deno.test("GeminiStreamReader tells a signature of an empty last text", () => {
  const events = readStream(fixture("text.sse"));

  assert.deepEqual(events.map(({ kind }) => kind), [
    "start",
    "text",
    "usage",
    "signature",
    "usage",
    "finish",
    "end",
  ]);
});

Deno.test("GeminiStreamReader reads a blocked prompt, sources, and an error", () => {
  const blocked = readStream(fixture("prompt_blocked.sse"));
  const found = readStream(fixture("search.sse"));
  const broken = readStream(fixture("overloaded.sse"));

  assert.deepEqual(blocked.slice(1), [
    { kind: "usage", usage: { inputTokens: 9 } },
    { kind: "finish", choice: 0, finish: { reason: "content_filter", native: "PROHIBITED_CONTENT" } },
    { kind: "end" },
  ]);
  assert.deepEqual(
    found.filter(({ kind }) => kind === "citation"),
    ["one", "two"].map((name, at) => ({
      kind: "citation",
      choice: 0,
      citation: {
        url: `https://vertexaisearch.cloud.google.com/grounding-api-redirect/${name}`,
        title: ["aljazeera.com", "uefa.com"][at],
        quote: "Spain won Euro 2024.",
      },
    })),
  );
  assert.equal(answerOf(found).usage?.inputTokens, 325);
  assert.deepEqual(broken.at(-1), {
    kind: "error",
    message:
      "This model is currently experiencing high demand. Spikes in demand are usually temporary. Please try again later.",
    code: "UNAVAILABLE",
  });
});

Deno.test("GeminiStreamReader gives an end only after a reason, and takes parts behind it", () => {
  const early = readStream(
    sse(streamed([{ text: "a" }], { finishReason: "STOP" }), streamed([{ functionCall: { name: "f" } }])),
  );
  const cut = readStream(sse(streamed([{ text: "a" }])));
  const half = readStream(sse(
    streamed([{ text: "a" }], { finishReason: "STOP" }),
    streamed([{ text: "b" }], { index: 1 }),
  ));
  const empty = readStream("");

  assert.deepEqual(early.slice(-2), [
    { kind: "finish", choice: 0, finish: { reason: "tool_calls", native: "STOP" } },
    { kind: "end" },
  ]);
  assert.equal(cut.at(-1)?.kind, "text");
  assert.equal(half.at(-1)?.kind, "text");
  assert.deepEqual(empty, []);
});

Deno.test("GeminiStreamReader makes an error of an event that it cannot read", () => {
  const rows = [
    "data: {\r\n\r\n",
    "data: 5\r\n\r\n",
    "data: {}\r\n\r\n",
    'data: {"candidates":5}\r\n\r\n',
    'data: [{"error":{"code":429,"message":"Slow down","status":"RESOURCE_EXHAUSTED"}}]\r\n\r\n',
    sse(streamed([{ toolCall: { id: "x" } }])),
    sse(streamed([{ functionCall: { name: "f", args: [] } }])),
  ];

  for (const row of rows) {
    const events = readStream(row + sse(streamed([{ text: "x" }], { finishReason: "STOP" })));

    assert.equal(events.at(-1)?.kind, "error", row);
    assert.equal(brokenRule(events), undefined, row);
  }
});

Deno.test("GeminiStreamReader gives the same events wherever the bytes are cut", () => {
  for (const name of STREAMS) {
    const bytes = new TextEncoder().encode(fixture(name));
    const whole = readStream(fixture(name));
    for (const length of [1, 2, 3, 7, 61]) {
      const events = readAll(GEMINI_UPSTREAM.openStream(), splitBytes(bytes, () => length - 1));

      assert.deepEqual(events, whole, `${name} in pieces of ${length}`);
    }
  }
});

Deno.test("GeminiStreamReader and GeminiStreamWriter survive mutated streams without a fake success", () => {
  const figures = fuzzStreams({
    streams: STREAMS.map(fixture),
    openReader: () => GEMINI_UPSTREAM.openStream(),
    openWriter: () => GEMINI_CALLER.openStream(answerTold()),
    isWhole,
  });

  assert.ok(figures.ended > 0 && figures.failed > 0 && figures.cut > 0, JSON.stringify(figures));
});

Deno.test("GeminiStreamWriter writes an answer that reads back the same, as events and as an array", () => {
  fc.assert(
    fc.property(
      chatStreams({ without: WITHOUT, issuers: ["gemini"] }),
      fc.boolean(),
      ({ events }, isArray) => {
        const text = write(events, isArray);

        const read = isArray ? readStream(sse(...JSON.parse(text))) : readStream(text);
        assert.deepEqual(plain(read), plain(events));
      },
    ),
    { numRuns: 200 },
  );
});

/** What the stream of a Gemini caller has no place for, or tells in other words. */
const WITHOUT = [
  "refusal",
  "redactedThinking",
  "stopSequence",
  "textSignature",
  "thinkingSignature",
] as const;

Deno.test("GeminiStreamWriter sends a call when it is whole, and finishReason and usage with the end only", () => {
  const writer = GEMINI_CALLER.openStream(answerTold());

  const sent = [
    { kind: "start", id: "a1", model: "claude" },
    { kind: "tool_call", choice: 0, call: 0, id: "c1", name: "f" },
    { kind: "tool_arguments", choice: 0, call: 0, text: '{"a":' },
    { kind: "tool_arguments", choice: 0, call: 0, text: "1}" },
    { kind: "tool_call_end", choice: 0, call: 0 },
    { kind: "finish", choice: 0, finish: { reason: "tool_calls" } },
    { kind: "usage", usage: { inputTokens: 1, outputTokens: 2 } },
    { kind: "ping" },
    { kind: "end" },
    { kind: "text", choice: 0, text: "late" },
  ] satisfies ChatEvent[];
  const texts = sent.map((event) => writer.write(event));

  const named = { modelVersion: "gemini-2.5-flash", responseId: "a1" };
  const part = (part: unknown) => ({ content: { parts: [part], role: "model" } });
  const call = { functionCall: { id: "c1", name: "f", args: { a: 1 } } };
  assert.deepEqual(texts, [
    "",
    "",
    "",
    "",
    sse({ candidates: [{ ...part(call), index: 0 }], ...named }),
    "",
    "",
    "",
    sse({
      candidates: [{ ...part({ text: "" }), finishReason: "STOP", index: 0 }],
      usageMetadata: { promptTokenCount: 1, candidatesTokenCount: 2, totalTokenCount: 3 },
      ...named,
    }),
    "",
  ]);
});

Deno.test("GeminiStreamWriter says a call of broken arguments as malformed", () => {
  const text = write([
    { kind: "start", id: "a1", model: "m" },
    { kind: "tool_call", choice: 0, call: 0, id: "c1", name: "f" },
    { kind: "tool_arguments", choice: 0, call: 0, text: '{"a":' },
    { kind: "finish", choice: 0, finish: { reason: "tool_calls" } },
    { kind: "end" },
  ], false);

  assert.match(text, /"finishReason":"MALFORMED_FUNCTION_CALL"/);
  assert.doesNotMatch(text, /functionCall/);
});

Deno.test("GeminiStreamWriter closes the array at the end, after an error, and not when the stream is cut", () => {
  const start: ChatEvent[] = [
    { kind: "start", id: "a1", model: "m" },
    { kind: "text", choice: 0, text: "a" },
  ];
  const error: ChatEvent = { kind: "error", message: "Overloaded", code: "overloaded_error" };

  const broken = write([...start, error], true);
  const first = write([error], true);
  const cut = write(start, true);
  const events = write([...start, error], false);

  const object = { error: { code: 503, message: "Overloaded", status: "UNAVAILABLE" } };
  assert.deepEqual(JSON.parse(broken)[1], object);
  assert.ok(broken.includes(",\r\n"));
  assert.deepEqual(JSON.parse(first), [object]);
  assert.equal(parseJson(cut), undefined);
  assert.ok(events.endsWith(sse(object)));
});

Deno.test("GeminiStreamWriter says a filtered answer without a word as a blocked prompt", () => {
  const text = write([
    { kind: "start", id: "a1", model: "m" },
    { kind: "finish", choice: 0, finish: { reason: "content_filter" } },
    { kind: "end" },
  ], false);

  const named = { modelVersion: "gemini-2.5-flash", responseId: "a1" };
  assert.equal(text, sse({ promptFeedback: { blockReason: "SAFETY" }, ...named }));
});

function write(events: readonly ChatEvent[], isJsonArray: boolean): string {
  const writer = GEMINI_CALLER.openStream(answerTold({ isJsonArray }));
  return events.map((event) => writer.write(event)).join("");
}

/** The whole answer, without Google's words for its end. */
function plain(events: readonly ChatEvent[]): unknown {
  const answer = answerOf(events);
  return {
    usage: answer.usage,
    choices: answer.choices.map(({ finish, ...choice }) => ({ ...choice, reason: finish.reason })),
  };
}

/** Whether an event tells an end, or a prompt that is not answered. */
function isWhole(events: readonly SseEvent[]): boolean {
  return events.flatMap(({ data }) => {
    const json = parseJson(data);
    return Array.isArray(json) ? json : [json];
  }).some((json) =>
    isRecord(json) &&
    (textAt(json, "promptFeedback", "blockReason") !== "" ||
      listAt(json, "candidates").some((candidate) => textAt(candidate, "finishReason") !== ""))
  );
}
