import assert from "node:assert/strict";
import fc from "fast-check";
import { isRecord, parseJson } from "../../src/core/json.ts";
import type { ChatAnswer } from "../../src/translate/chat_answer.ts";
import type { AssistantPart, ChatRequest, Turn } from "../../src/translate/chat_request.ts";
import { GEMINI_CALLER } from "../../src/translate/gemini_caller.ts";
import { SKIP_SIGNATURE } from "../../src/translate/gemini_replay.ts";
import { GEMINI_UPSTREAM } from "../../src/translate/gemini_upstream.ts";
import { Losses } from "../../src/translate/losses.ts";
import { chatAnswers } from "./answers.ts";
import { chatRequests, type Feature } from "./conversations.ts";
import { answerTold, told } from "./gemini_support.ts";
import { normalized, normalizedAnswer } from "./normalized.ts";

/** What a Gemini request has no place for, or tells in other words (each of them has a test of its own). */
const WITHOUT: readonly Feature[] = [
  "imageUrl",
  "fileUrl",
  "imageId",
  "detail",
  "cache",
  "refusal",
  "fileName",
  "redactedThinking",
  "isStrict",
  "mayCallInParallel",
  "presencePenalty",
  "frequencyPenalty",
  "effort",
  "endUser",
  "google",
];

const MODELS: readonly (readonly [string, readonly Feature[]])[] = [
  // Its results hold no media.
  ["gemini-2.5-pro", ["toolResultImage", "toolResultFile", "isAdaptive"]],
  // It counts no budgets, and takes uploads beside its results.
  ["gemini-3-pro-preview", ["budgetTokens", "fileId"]],
];

for (const [model, without] of MODELS) {
  Deno.test(`Gemini's sides carry a conversation with ${model} without a change of meaning`, () => {
    const options = { without: [...WITHOUT, ...without], issuers: ["gemini"] as const };
    fc.assert(
      fc.property(chatRequests(options), (request) => {
        const asked = { ...request, model };
        const { body, path } = GEMINI_UPSTREAM.writeRequest(asked, told());
        const isStream = path.endsWith(":streamGenerateContent");

        const read = GEMINI_CALLER.readRequest(
          JSON.parse(JSON.stringify(body)),
          { model, isStream },
          new Losses(),
        );

        assert.deepEqual(comparable(read), comparable(asked));
      }),
      { numRuns: 300 },
    );
  });
}

Deno.test("Gemini's sides carry an answer there and back without a change of meaning", () => {
  const without: readonly Feature[] = ["refusal", "redactedThinking", "stopSequence"];
  fc.assert(
    fc.property(chatAnswers({ without, issuers: ["gemini"] }), (answer) => {
      const body = JSON.parse(JSON.stringify(GEMINI_CALLER.writeAnswer(answer, answerTold())));

      const read = GEMINI_UPSTREAM.readAnswer(body);

      assert.deepEqual(comparableAnswer(read), comparableAnswer(answer));
    }),
    { numRuns: 300 },
  );
});

/** What Gemini says in fewer words: one choice is none, names of schemas, tools that may not be called. */
function comparable(request: ChatRequest): ChatRequest {
  const { choices, toolChoice, output, reasoning, ...rest } = normalized(request);
  const isNarrowed = toolChoice?.kind === "named" && !toolChoice.isRequired;
  const tools = isNarrowed ? rest.tools.filter(({ name }) => toolChoice.names.includes(name)) : rest.tools;
  const choice = isNarrowed ? { kind: "auto" as const } : toolChoice;
  const named = output?.kind === "json_schema" ? { kind: output.kind, schema: output.schema } : output;
  return {
    ...rest,
    turns: rest.turns.map(comparableTurn),
    tools,
    ...(choice === undefined ? {} : { toolChoice: choice }),
    ...(choices === undefined || choices === 1 ? {} : { choices }),
    ...(named === undefined ? {} : { output: named }),
    // Whoever asks for thoughts is shown them; as many as the model likes is nothing to say.
    ...(reasoning === undefined ? {} : { reasoning: { ...reasoning, isAdaptive: true, mustShow: true } }),
  };
}

function comparableTurn(turn: Turn): Turn {
  if (turn.role === "assistant") return { role: "assistant", parts: turn.parts.map(withoutPlaceholder) };
  return {
    role: "user",
    parts: turn.parts.map((part) => {
      if (part.kind !== "tool_result") return part;
      const { name: _, parts, ...result } = part;
      const texts = parts.filter((inner) => inner.kind === "text").map(({ text }) => text);
      const media = parts.filter((inner) => inner.kind !== "text");
      // An error is told in words, be they none; texts are one.
      const isTold = texts.length > 0 && (texts.join("") !== "" || media.length === 0);
      const text = isTold ? [{ kind: "text", text: shortest(texts.join("\n")) } as const] : [];
      return { ...result, parts: [...text, ...media] };
    }),
  };
}

/** A result that is an object goes as one, without the spaces of its text. */
function shortest(text: string): string {
  const object = parseJson(text);
  return isRecord(object) ? JSON.stringify(object) : text;
}

/** The writer signs calls whose signature is lost. */
function withoutPlaceholder(part: AssistantPart): AssistantPart {
  if (part.kind !== "tool_call" || part.signature?.value !== SKIP_SIGNATURE) return part;
  const { signature: _, ...call } = part;
  return call;
}

/** Signatures of parts are told apart by the parts they stand on; ends by their reason. */
function comparableAnswer(answer: ChatAnswer): unknown {
  return {
    usage: answer.usage,
    choices: normalizedAnswer(answer).choices.map(({ finish, citations, ...choice }) => ({
      ...choice,
      parts: choice.parts satisfies readonly AssistantPart[],
      reason: finish.reason,
      pages: [...new Set(citations?.map(({ url }) => url) ?? [])],
    })),
  };
}
