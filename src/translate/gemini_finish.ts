import type { Finish, FinishReason } from "./chat_answer.ts";

/**
 * Google's reasons; whatever is not in it has failed. `STOP` also ends an answer with calls.
 * Source: https://ai.google.dev/api/generate-content#FinishReason
 */
const READ: ReadonlyMap<string, FinishReason> = new Map([
  ["STOP", "stop"],
  ["MAX_TOKENS", "length"],
  ["CONTINUATION", "paused"],
  ["SAFETY", "content_filter"],
  ["RECITATION", "content_filter"],
  ["LANGUAGE", "content_filter"],
  ["BLOCKLIST", "content_filter"],
  ["PROHIBITED_CONTENT", "content_filter"],
  ["SPII", "content_filter"],
  ["IMAGE_SAFETY", "content_filter"],
  ["IMAGE_PROHIBITED_CONTENT", "content_filter"],
  ["IMAGE_RECITATION", "content_filter"],
  ["MODEL_ARMOR", "content_filter"],
]);

/** @param hasCalls whether the candidate called a tool in any of its events */
export function readGeminiFinish(native: string, message: string, hasCalls: boolean): Finish {
  const read = READ.get(native) ?? "failed";
  return {
    reason: read === "stop" && hasCalls ? "tool_calls" : read,
    native,
    ...(message === "" || read === "stop" ? {} : { explanation: message }),
  };
}

/** The end of a prompt that was refused; `undefined` when it was not (the unspecified reason is none). */
export function readGeminiBlock(reason: string, message: string): Finish | undefined {
  if (reason === "" || /^BLOCK(?:ED)?_REASON_UNSPECIFIED$/.test(reason)) return undefined;
  return { reason: "content_filter", native: reason, ...(message === "" ? {} : { explanation: message }) };
}

const WRITTEN: Record<FinishReason, string> = {
  stop: "STOP",
  stop_sequence: "STOP",
  tool_calls: "STOP",
  length: "MAX_TOKENS",
  content_filter: "SAFETY",
  paused: "STOP",
  failed: "OTHER",
};

/** `finishReason` of a candidate, with `finishMessage` where there is something to say. */
export function writeGeminiFinish(finish: Finish): Record<string, unknown> {
  const isPlain = finish.reason === "stop" || finish.reason === "tool_calls" || finish.reason === "length";
  const message = finish.explanation ??
    (isPlain || finish.reason === "stop_sequence" ? undefined : finish.native);
  return {
    finishReason: WRITTEN[finish.reason],
    ...(message === undefined ? {} : { finishMessage: message }),
  };
}

/** The end of an answer whose calls cannot be told: arguments that are no object. */
export const MALFORMED_CALL: Readonly<Record<string, unknown>> = {
  finishReason: "MALFORMED_FUNCTION_CALL",
  finishMessage: "Malformed function call: its arguments are not a JSON object",
};
