import { listAt, textAt, valueAt } from "../core/json.ts";
import type { TokenLogprob } from "./chat_answer.ts";

/** A `logprobsResult`. Source: https://ai.google.dev/api/generate-content#LogprobsResult */
export function readGeminiLogprobs(result: unknown): TokenLogprob[] {
  const tops = listAt(result, "topCandidates");
  return listAt(result, "chosenCandidates").map((chosen, at) => ({
    ...readToken(chosen),
    top: listAt(tops[at], "candidates").map(readToken),
  }));
}

/** The same in Google's shape. */
export function writeGeminiLogprobs(logprobs: readonly TokenLogprob[]): Record<string, unknown> {
  return {
    chosenCandidates: logprobs.map(writeToken),
    topCandidates: logprobs.map(({ top }) => ({ candidates: top.map(writeToken) })),
  };
}

function readToken(token: unknown): { readonly token: string; readonly logprob: number } {
  const logprob = valueAt(token, "logProbability");
  // Certainty is the default of the field, and left out.
  return { token: textAt(token, "token"), logprob: typeof logprob === "number" ? logprob : 0 };
}

function writeToken({ token, logprob }: { readonly token: string; readonly logprob: number }) {
  return { token, logProbability: logprob };
}
