import { valueAt } from "../core/json.ts";
import { AnswerUnreadableError } from "./sides.ts";

/**
 * The tokens that `count_tokens` counted.
 * Source: https://platform.claude.com/docs/en/api/messages-count-tokens
 * @throws {AnswerUnreadableError} when it tells no count
 */
export function readAnthropicCount(body: unknown): number {
  const count = valueAt(body, "input_tokens");
  if (typeof count === "number" && Number.isInteger(count) && count >= 0) return count;
  throw new AnswerUnreadableError("it tells no input_tokens");
}

/** The answer of `count_tokens`. */
export function writeAnthropicCount(inputTokens: number): unknown {
  return { input_tokens: inputTokens };
}
