import { listAt, textAt, valueAt } from "../core/json.ts";

/**
 * The words of an answer, or of one event of a stream, in the protocol that it was asked in: what the model said, and
 * apart from it what it thought. "" where there is none.
 */
export function wordsOf(dialect: string, json: unknown): { readonly said: string; readonly thought: string } {
  switch (dialect) {
    case "anthropic":
      return wordsOfAnthropic(json);
    case "gemini":
      return wordsOfParts(listAt(json, "candidates", 0, "content", "parts"));
    default: {
      const message = valueAt(json, "choices", 0, "delta") ?? valueAt(json, "choices", 0, "message");
      return {
        said: textAt(message, "content") + textAt(message, "refusal"),
        thought: textAt(message, "reasoning_content") || textAt(message, "reasoning"),
      };
    }
  }
}

function wordsOfAnthropic(json: unknown) {
  const delta = valueAt(json, "delta");
  const blocks = listAt(json, "content");
  const textOf = (name: string) => blocks.map((block) => textAt(block, name)).join("");
  return {
    said: textAt(delta, "text") + textOf("text"),
    thought: textAt(delta, "thinking") + textOf("thinking"),
  };
}

function wordsOfParts(parts: readonly unknown[]) {
  const textOf = (isThought: boolean) =>
    parts.filter((part) => (valueAt(part, "thought") === true) === isThought)
      .map((part) => textAt(part, "text")).join("");
  return { said: textOf(false), thought: textOf(true) };
}

/** The message of an error in any of the protocols; "" where there is none. */
export function errorOf(json: unknown): string {
  return textAt(json, "error", "message") || textAt(json, 0, "error", "message");
}
