import assert from "node:assert/strict";
import fc from "fast-check";
import { ANTHROPIC_CALLER } from "../../src/translate/anthropic_caller.ts";
import { AnthropicStreamReader } from "../../src/translate/anthropic_stream_reader.ts";
import { AnthropicStreamWriter } from "../../src/translate/anthropic_stream_writer.ts";
import { readAnthropicAnswer } from "../../src/translate/anthropic_answer_reader.ts";
import type { ChatAnswer } from "../../src/translate/chat_answer.ts";
import type { ChatRequest } from "../../src/translate/chat_request.ts";
import { Losses } from "../../src/translate/losses.ts";
import { chatAnswers, chatStreams } from "./answers.ts";
import { answerTold, asked, read, write } from "./anthropic_support.ts";
import { chatRequests, type ConversationOptions } from "./conversations.ts";
import { readAll, splitBytes } from "./fuzz.ts";
import { UNSIGNED } from "../../src/translate/signature.ts";
import { answerOf, normalized, normalizedAnswer } from "./normalized.ts";

/** What Anthropic has no place for, or says in other words. */
const CARRIED: ConversationOptions = {
  issuers: ["anthropic"],
  without: [
    "audio",
    "detail",
    "refusal",
    "assistantImage",
    "textSignature",
    "callSignature",
    "namedTools",
    "output",
    "choices",
    "seed",
    "presencePenalty",
    "frequencyPenalty",
    "logprobs",
    "effort",
    "isAdaptive",
    "google",
    // Strict schemas are closed on the way.
    "isStrict",
  ],
};

Deno.test("a request keeps its meaning when it is written for Anthropic and read again", () => {
  fc.assert(fc.property(chatRequests(CARRIED), (request) => {
    // Without signatures Anthropic takes no thoughts back; unknown models keep theirs without being asked to think.
    const { reasoning: _, ...signed } = withSignedThoughts(request);

    const { body, ignored } = write(signed);
    const back = read(body);

    assert.deepEqual([ignored, back.ignored], [[], []]);
    assert.deepEqual(normalized(back.request), normalized(expectedOf(signed)));
  }));
});

Deno.test("an answer keeps its meaning when it is written for a caller and read again", () => {
  const options: ConversationOptions = {
    without: ["textSignature", "callSignature", "assistantImage", "choices"],
  };
  fc.assert(fc.property(chatAnswers({ ...options, issuers: ["anthropic"] }), (answer) => {
    const written = ANTHROPIC_CALLER.writeAnswer(answer, answerTold());

    const back = readAnthropicAnswer(JSON.parse(JSON.stringify(written)));

    assert.deepEqual(comparable(back), comparable(answer));
  }));
});

Deno.test("a stream tells the answer when it is written for a caller and read again, wherever it is cut", () => {
  const options: ConversationOptions = {
    without: ["textSignature", "callSignature", "assistantImage", "choices"],
  };
  const streams = chatStreams({ ...options, issuers: ["anthropic"] });
  fc.assert(fc.property(streams, fc.integer({ min: 1, max: 80 }), ({ answer, events }, length) => {
    const writer = new AnthropicStreamWriter(answerTold());
    const bytes = new TextEncoder().encode(events.map((event) => writer.write(event)).join(""));

    const read = readAll(new AnthropicStreamReader(), splitBytes(bytes, () => length - 1));

    assert.deepEqual(comparable(answerOf(read)), comparable(answer));
  }));
});

Deno.test("thoughts and signatures of every issuer come back from a caller that keeps its messages", () => {
  const options: ConversationOptions = { without: ["refusal", "assistantImage", "choices", "citations"] };
  fc.assert(fc.property(chatAnswers(options), (answer) => {
    const written = ANTHROPIC_CALLER.writeAnswer(answer, answerTold());
    const content: unknown = JSON.parse(JSON.stringify(written)).content;
    const messages = [{ role: "user", content: "Hi" }, { role: "assistant", content }];

    const { turns } = ANTHROPIC_CALLER.readRequest(
      { model: "m", max_tokens: 9, messages },
      { model: undefined, isStream: false },
      new Losses(),
    );

    const parts = turns[1]?.role === "assistant" ? turns[1].parts : [];
    const choice = { index: 0, finish: { reason: "stop" as const } };
    assert.deepEqual(
      normalizedAnswer({ ...answer, choices: [{ ...choice, parts }] }),
      normalizedAnswer({ ...answer, choices: [{ ...choice, parts: answer.choices[0]?.parts ?? [] }] }),
    );
  }));
});

Deno.test("a wish for reasoning keeps its meaning when it is written for Anthropic and read again", () => {
  const wishes = chatRequests({
    without: ["tools", "audio", "choices", "logprobs", "fileId", "assistantImage", "output"],
  });
  fc.assert(fc.property(wishes, ({ turns: _, ...request }) => {
    const wish = { ...request, model: "claude-opus-4-6", turns: asked().turns };

    const back = read(write(wish).body).request.reasoning;

    const { effort, budgetTokens } = request.reasoning ?? {};
    const steps = { minimal: "low", xhigh: "max" } as const;
    if (request.reasoning === undefined) assert.equal(back, undefined);
    else if (effort === "none") assert.deepEqual(back, { effort });
    else if (budgetTokens !== undefined) assert.deepEqual(back, { budgetTokens, mustShow: true });
    else {
      const step = effort === "minimal" || effort === "xhigh" ? steps[effort] : effort;
      assert.deepEqual(back, {
        ...(step === undefined ? {} : { effort: step }),
        isAdaptive: true,
        mustShow: true,
      });
    }
  }));
});

function withSignedThoughts(request: ChatRequest): ChatRequest {
  return {
    ...request,
    turns: request.turns.map((turn) =>
      turn.role === "user" ? turn : {
        role: "assistant",
        parts: turn.parts.map((part) =>
          part.kind === "thinking" ? { ...part, signature: { issuer: "anthropic", value: "EqQB" } } : part
        ),
      }
    ),
  };
}

/** What is told in another form: PDFs have titles, tool choices carry the limit of one call. */
function expectedOf(request: ChatRequest): ChatRequest {
  const { toolChoice, mayCallInParallel, maxOutputTokens = 8192, topP, ...rest } = request;
  const isNone = toolChoice?.kind === "none";
  return {
    ...rest,
    maxOutputTokens,
    // 1 is what it is without being told.
    ...(topP === undefined || topP === 1 ? {} : { topP }),
    ...(toolChoice === undefined
      ? mayCallInParallel === undefined ? {} : { toolChoice: { kind: "auto" } }
      : { toolChoice }),
    ...(mayCallInParallel === undefined || isNone ? {} : { mayCallInParallel }),
  };
}

/** Without the upstream's own words, and refusals as the text that they become. */
function comparable(answer: ChatAnswer): ChatAnswer {
  const { usage, ...rest } = answer;
  return normalizedAnswer({
    ...rest,
    choices: answer.choices.map(({ finish, parts, ...choice }) => ({
      ...choice,
      parts: parts.map((part) => {
        if (part.kind === "refusal") return { kind: "text", text: part.text };
        if (part.kind !== "thinking" || part.signature?.value !== UNSIGNED) return part;
        return { kind: "thinking", text: part.text };
      }),
      finish: {
        reason: finish.reason,
        ...(finish.stopSequence === undefined ? {} : { stopSequence: finish.stopSequence }),
      },
    })),
    usage: { cachedTokens: 0, cacheWriteTokens: 0, inputTokens: 0, outputTokens: 0, ...usage },
  });
}
