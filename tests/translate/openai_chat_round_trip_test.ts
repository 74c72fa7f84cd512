import assert from "node:assert/strict";
import fc from "fast-check";
import type { SseEvent } from "../../src/core/sse.ts";
import type { ChatRequest, UserPart } from "../../src/translate/chat_request.ts";
import { OPENAI_CHAT_CALLER } from "../../src/translate/openai_chat_caller.ts";
import { OPENAI_CHAT_UPSTREAM } from "../../src/translate/openai_chat_upstream.ts";
import { chatAnswers, chatStreams } from "./answers.ts";
import { chatRequests, type Feature } from "./conversations.ts";
import { fuzzStreams, readAll, splitBytes } from "./fuzz.ts";
import { randomOf } from "./mutate.ts";
import { answerOf, joinedEvents, normalized, normalizedAnswer } from "./normalized.ts";
import { answerTold, fixture, readBody, requestTold, WHOLE_STREAMS } from "./openai_chat_support.ts";

const UTF8 = new TextEncoder();

/** What chat completions have no place for, or what comes back as something else; each has a test of its own. */
const NOT_IN_REQUESTS: readonly Feature[] = [
  "imageId",
  "fileUrl",
  "cache",
  "refusal",
  "assistantImage",
  "thinking",
  "redactedThinking",
  "textSignature",
  "callSignature",
  "toolResultImage",
  "toolResultFile",
  "toolResultError",
  "namedTools",
  "topK",
  "effort",
  "budgetTokens",
  "google",
];

Deno.test("OPENAI_CHAT_UPSTREAM.writeRequest() keeps what OPENAI_CHAT_CALLER.readRequest() reads", () => {
  const requests = chatRequests({ without: NOT_IN_REQUESTS, issuers: ["openai"] });

  fc.assert(
    fc.property(requests, (request) => {
      const told = requestTold();

      const { body } = OPENAI_CHAT_UPSTREAM.writeRequest(request, told);
      const back = readBody(JSON.parse(JSON.stringify(body)));

      assert.deepEqual(comparable(back.request), comparable(request));
      assert.deepEqual([told.losses.list(), back.ignored], [[], []]);
    }),
    { numRuns: 300 },
  );
});

/**
 * System prompts and texts of one tool result are one text on the way, a tool without parameters has empty ones, and
 * reasoning as the model likes is not said, for it is the default.
 */
function comparable({ reasoning, ...request }: ChatRequest): ChatRequest {
  assert.ok(reasoning === undefined || reasoning.isAdaptive);
  const text = request.system.map((part) => part.text).join("\n\n");
  return normalized({
    ...request,
    system: request.system.length === 0 ? [] : [{ kind: "text", text }],
    tools: request.tools.map((tool) => ({ parameters: { type: "object", properties: {} }, ...tool })),
    turns: request.turns.map((turn) =>
      turn.role === "user" ? { role: "user", parts: turn.parts.map(resultAsText) } : turn
    ),
  });
}

function resultAsText(part: UserPart): UserPart {
  if (part.kind !== "tool_result") return part;
  const text = part.parts.map((piece) => piece.kind === "text" ? piece.text : "").join("\n");
  return { ...part, parts: [{ kind: "text", text }] };
}

/** Answers as chat completions tell them; a Gemini signature has its place, others are not told. */
const ANSWERS = {
  without: ["redactedThinking", "thinkingSignature", "stopSequence"] satisfies Feature[],
  issuers: ["gemini" as const],
};

Deno.test("OPENAI_CHAT_CALLER.writeAnswer() keeps what OPENAI_CHAT_UPSTREAM.readAnswer() reads", () => {
  fc.assert(
    fc.property(chatAnswers(ANSWERS), (answer) => {
      const written = OPENAI_CHAT_CALLER.writeAnswer(answer, answerTold());
      const { createdSeconds, ...back } = OPENAI_CHAT_UPSTREAM.readAnswer(
        JSON.parse(JSON.stringify(written)),
      );

      assert.deepEqual(normalizedAnswer(back), normalizedAnswer(answer));
      assert.equal(createdSeconds, 1_700_000_000);
    }),
    { numRuns: 300 },
  );
});

Deno.test("OPENAI_CHAT_CALLER.openStream() keeps what OPENAI_CHAT_UPSTREAM.openStream() reads, wherever it is cut", () => {
  fc.assert(
    fc.property(chatStreams(ANSWERS), fc.nat(), ({ answer, events }, seed) => {
      const writer = OPENAI_CHAT_CALLER.openStream(answerTold());

      const bytes = UTF8.encode(events.map((event) => writer.write(event)).join(""));
      const read = readAll(OPENAI_CHAT_UPSTREAM.openStream(), splitBytes(bytes, randomOf(seed)));

      assert.deepEqual(answerOf(read), normalizedAnswer(answer));
    }),
    { numRuns: 300 },
  );
});

for (const name of WHOLE_STREAMS) {
  Deno.test(`OPENAI_CHAT_UPSTREAM.openStream() gives the same events wherever ${name} is cut`, () => {
    const bytes = UTF8.encode(fixture(name));
    const whole = joinedEvents(readAll(OPENAI_CHAT_UPSTREAM.openStream(), splitBytes(bytes)));

    for (let seed = 0; seed < 20; seed++) {
      const cut = readAll(OPENAI_CHAT_UPSTREAM.openStream(), splitBytes(bytes, randomOf(seed)));

      assert.deepEqual(joinedEvents(cut), whole);
    }
    assert.equal(whole.at(-1)?.kind, "end");
  });

  Deno.test(`OPENAI_CHAT_UPSTREAM.openStream() never ends when ${name} breaks off before its finish`, () => {
    const text = fixture(name);
    const bytes = UTF8.encode(text.slice(0, text.search(/"finish_reason":"/)));

    for (let length = 0; length < bytes.length; length += 7) {
      const read = readAll(OPENAI_CHAT_UPSTREAM.openStream(), splitBytes(bytes.subarray(0, length)));

      assert.ok(!read.some(({ kind }) => kind === "end"));
    }
  });
}

Deno.test("OPENAI_CHAT_UPSTREAM.openStream() survives mutated streams and fakes no success", () => {
  const figures = fuzzStreams({
    streams: [...WHOLE_STREAMS, "chat_openrouter_error.sse"].map(fixture),
    openReader: () => OPENAI_CHAT_UPSTREAM.openStream(),
    openWriter: () => OPENAI_CHAT_CALLER.openStream(answerTold()),
    isWhole,
  });

  assert.ok(figures.failed > 0 && figures.ended > 0);
});

function isWhole(events: readonly SseEvent[]): boolean {
  return events.some(({ data }) => /"finish_reason":\s*"[^"]/.test(data));
}
