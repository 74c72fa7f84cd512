import type { ChatAnswer, ChatChoice } from "./chat_answer.ts";
import { MALFORMED_CALL, writeGeminiFinish } from "./gemini_finish.ts";
import { writeGeminiCitations } from "./gemini_grounding.ts";
import { writeGeminiLogprobs } from "./gemini_logprobs.ts";
import { geminiAnswerPart, type GeminiPart } from "./gemini_part_writer.ts";
import { writeGeminiUsage } from "./gemini_usage.ts";
import type { AnswerTold } from "./sides.ts";

/** A `GenerateContentResponse`. Source: https://ai.google.dev/api/generate-content */
export function writeGeminiAnswer(answer: ChatAnswer, told: AnswerTold): unknown {
  const [first] = answer.choices;
  const isBlocked = answer.choices.length === 1 && first?.finish.reason === "content_filter" &&
    first.parts.length === 0;
  return {
    ...(isBlocked ? blockOf(first.finish.explanation) : { candidates: answer.choices.map(candidateOf) }),
    ...(answer.usage === undefined ? {} : { usageMetadata: writeGeminiUsage(answer.usage) }),
    modelVersion: told.model,
    responseId: answer.id === "" ? told.requestId : answer.id,
  };
}

/** The answer to `:countTokens`. Source: https://ai.google.dev/api/tokens */
export function writeGeminiCount(inputTokens: number): unknown {
  return { totalTokens: inputTokens };
}

/** What Google says of a prompt that it does not answer: no candidates, and the reason. */
export function blockOf(explanation: string | undefined): Record<string, unknown> {
  return {
    promptFeedback: {
      blockReason: "SAFETY",
      ...(explanation === undefined ? {} : { blockReasonMessage: explanation }),
    },
  };
}

function candidateOf(choice: ChatChoice): Record<string, unknown> {
  const written = choice.parts.map(geminiAnswerPart);
  const parts = written.filter((part): part is GeminiPart => part !== undefined);
  const finish = parts.length < written.length ? MALFORMED_CALL : writeGeminiFinish(choice.finish);
  const text = choice.parts.map((part) => part.kind === "text" ? part.text : "").join("");
  const { citations = [], logprobs = [] } = choice;
  return {
    // Google's own chats drop a content without parts from their history.
    content: { parts: parts.length === 0 ? [{ text: "" }] : parts, role: "model" },
    ...finish,
    index: choice.index,
    ...(citations.length === 0 ? {} : { groundingMetadata: writeGeminiCitations(citations, text) }),
    ...(logprobs.length === 0 ? {} : { logprobsResult: writeGeminiLogprobs(logprobs) }),
  };
}
