/** The path of each dialect's plain generation request. */
export const CHAT_PATH = "/v1/chat/completions";
export const MESSAGES_PATH = "/v1/messages";
export const GENERATE_PATH = "/v1beta/models/gemini-2.5-flash:generateContent";

/** A chat in OpenAI's dialect. */
export function chat(text = "one two three", more: Readonly<Record<string, unknown>> = {}) {
  return { model: "gpt-4o", messages: [{ role: "user", content: text }], ...more };
}

/** A message in Anthropic's dialect. */
export function message(text = "one two three", more: Readonly<Record<string, unknown>> = {}) {
  return {
    model: "claude-haiku-4-5",
    max_tokens: 100,
    messages: [{ role: "user", content: text }],
    ...more,
  };
}

/** A prompt in Gemini's dialect. */
export function contents(text = "one two three") {
  return { contents: [{ role: "user", parts: [{ text }] }] };
}
