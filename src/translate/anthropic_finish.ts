import { textAt, valueAt } from "../core/json.ts";
import type { Finish, FinishReason } from "./chat_answer.ts";

const REASONS: ReadonlyMap<string, FinishReason> = new Map([
  ["end_turn", "stop"],
  ["stop_sequence", "stop_sequence"],
  ["max_tokens", "length"],
  ["model_context_window_exceeded", "length"],
  ["tool_use", "tool_calls"],
  ["refusal", "content_filter"],
  ["pause_turn", "paused"],
]);

/**
 * Why a message ended, from the object that holds `stop_reason` and its companions.
 * Source: https://platform.claude.com/docs/en/build-with-claude/handling-stop-reasons
 */
export function readAnthropicFinish(holder: unknown): Finish {
  const native = textAt(holder, "stop_reason");
  const stopSequence = valueAt(holder, "stop_sequence");
  const explanation = textAt(holder, "stop_details", "explanation");
  return {
    reason: REASONS.get(native) ?? "failed",
    ...(native === "" ? {} : { native }),
    ...(typeof stopSequence === "string" ? { stopSequence } : {}),
    ...(explanation === "" ? {} : { explanation }),
  };
}

/** `stop_reason` and its companions. An end that is no good answer is a plain one here: there is no other word. */
export function writeAnthropicFinish(finish: Finish, hasCalls: boolean): Readonly<Record<string, unknown>> {
  const reason = reasonOf(finish.reason, hasCalls);
  return {
    stop_reason: reason,
    stop_sequence: finish.stopSequence ?? null,
    ...(reason === "refusal"
      ? { stop_details: { type: "refusal", category: null, explanation: finish.explanation ?? null } }
      : {}),
  };
}

function reasonOf(reason: FinishReason, hasCalls: boolean): string {
  switch (reason) {
    case "stop":
    case "failed":
      return hasCalls ? "tool_use" : "end_turn";
    case "stop_sequence":
      return "stop_sequence";
    case "length":
      return "max_tokens";
    case "tool_calls":
      return "tool_use";
    case "content_filter":
      return "refusal";
    case "paused":
      return "pause_turn";
  }
}
