import { z } from "zod";
import { isThirdGeneration } from "./simulated_gemini_parameters.ts";
import type { GenerateBody } from "./simulated_gemini_request.ts";
import { signedText } from "./simulated_gemini_turns.ts";
import { type Finish, logprobAt, type Reply } from "./simulated_reply.ts";
import { signatureOf } from "./simulated_signature.ts";

export type Candidate = Record<string, unknown>;

/** The parts of the answer, in the steps in which they are streamed. */
export function stepsOf(
  reply: Reply,
  config: GenerateBody["generationConfig"],
  model: string,
  number: number,
): unknown[][] {
  const steps: unknown[][] = [];
  const showsThoughts = config?.thinkingConfig?.includeThoughts === true;
  const isSigned = reply.reasoning !== "" || isThirdGeneration(model);
  if (reply.reasoning !== "" && showsThoughts && !reply.isReasoningHidden) {
    steps.push([{ text: reply.reasoning, thought: true }]);
  }
  for (const piece of reply.pieces) steps.push([{ text: piece }]);
  if (reply.calls.length > 0) {
    // Of parallel calls only the first carries the signature.
    steps.push(reply.calls.map((call, index) => {
      const functionCall = { id: `call_${number}_${index}`, name: call.name, args: call.args };
      const thoughtSignature = signatureOf("gemini", signedText({ functionCall }));
      return { functionCall, ...(index === 0 && isSigned ? { thoughtSignature } : {}) };
    }));
  } else if (isSigned && reply.pieces.length > 0) {
    steps.push([{ text: "", thoughtSignature: signatureOf("gemini", reply.text) }]);
  }
  return steps;
}

/** Google has no word for a refusal: the model just says so. */
const FINISH: Record<Finish, string> = {
  stop: "STOP",
  stop_sequence: "STOP",
  length: "MAX_TOKENS",
  tool_calls: "STOP",
  refusal: "STOP",
  content_filter: "SAFETY",
};

/** One candidate of an event, or of the whole answer. */
export function candidateOf({ parts, index, reply, isLast, logprobs }: {
  readonly parts: readonly unknown[];
  readonly index: number;
  readonly reply: Reply;
  readonly isLast: boolean;
  /** How many alternatives are told of each token; `undefined` for no log probabilities at all. */
  readonly logprobs: number | undefined;
}): Candidate {
  const merged = mergeText(parts);
  return {
    content: merged.length === 0 ? { role: "model" } : { parts: merged, role: "model" },
    ...(isLast ? { finishReason: FINISH[reply.finish] } : {}),
    ...(isLast && logprobs !== undefined ? { logprobsResult: logprobsResult(reply, logprobs) } : {}),
    index,
  };
}

/** Source: https://ai.google.dev/api/generate-content#LogprobsResult */
function logprobsResult(reply: Reply, top: number): unknown {
  const chosen = reply.pieces.map((token, at) => ({ token, tokenId: at + 1, logProbability: logprobAt(at) }));
  return {
    chosenCandidates: chosen,
    topCandidates: chosen.map(({ token, logProbability }) => ({
      candidates: Array.from({ length: top }, (_, rank) => ({
        token: rank === 0 ? token : `alt${rank}`,
        tokenId: rank + 1,
        logProbability: logProbability - rank,
      })),
    })),
  };
}

/** The answer's frame; `countedChoices`: how many candidates the usage tells of, 0 in the middle of a stream. */
export function responseOf(
  candidates: readonly Candidate[],
  reply: Reply,
  countedChoices: number,
  model: string,
  number: number,
): unknown {
  const { inputTokens, outputTokens, reasoningTokens, cachedTokens, audioTokens } = reply.tokens;
  const textTokens = { modality: "TEXT", tokenCount: inputTokens - audioTokens };
  const promptTokensDetails = audioTokens === 0
    ? [textTokens]
    : [textTokens, { modality: "AUDIO", tokenCount: audioTokens }];
  const usageMetadata = {
    promptTokenCount: inputTokens,
    // An event in the middle tells what was counted so far.
    ...(countedChoices > 0
      ? { candidatesTokenCount: (outputTokens - reasoningTokens) * countedChoices }
      : {}),
    totalTokenCount: inputTokens + outputTokens * countedChoices,
    promptTokensDetails,
    ...(reasoningTokens * countedChoices > 0 ? { thoughtsTokenCount: reasoningTokens * countedChoices } : {}),
    ...(cachedTokens > 0 ? { cachedContentTokenCount: cachedTokens } : {}),
  };
  const frame = { usageMetadata, modelVersion: model, responseId: `resp-${number}` };
  return reply.isPromptBlocked
    ? { promptFeedback: { blockReason: "PROHIBITED_CONTENT" }, ...frame }
    : { candidates, ...frame };
}

const textPart = z.strictObject({ text: z.string(), thoughtSignature: z.string().optional() });

/** Neighbouring text parts as one, as they come when the answer is not streamed. */
function mergeText(parts: readonly unknown[]): unknown[] {
  const merged: unknown[] = [];
  let text = "";
  for (const one of parts) {
    const read = textPart.safeParse(one);
    if (read.success && read.data.thoughtSignature === undefined) {
      text += read.data.text;
      continue;
    }
    if (read.success) {
      merged.push({ text: text + read.data.text, thoughtSignature: read.data.thoughtSignature });
    } else {
      if (text !== "") merged.push({ text });
      merged.push(one);
    }
    text = "";
  }
  return text === "" ? merged : [...merged, { text }];
}
