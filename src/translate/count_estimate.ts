import type { AssistantPart, ChatRequest, UserPart } from "./chat_request.ts";

/**
 * About how many tokens the request's prompt has, for providers that cannot be asked. Deterministic; within a quarter
 * of what OpenAI's o200k_base counts for prose, code and JSON, farther off for anything that is not text. The
 * arithmetic:
 *
 * - text: 4 ASCII characters a token, 3 of other alphabets of two bytes (Cyrillic, Arabic, accents), 1 of scripts of
 *   three bytes (Chinese, Japanese, …); emoji count 2;
 * - 4 tokens around each turn and each system text, 3 before the answer;
 * - a tool: 8 tokens, its name, its description and its schema as JSON text;
 * - a tool call and a result: 8 tokens and their texts;
 * - an image: 85 tokens in low detail, else 765, which is what OpenAI counts for 1024×1024;
 * - sound: 32 tokens a second, at 32 kB a second for WAV and 16 kB else;
 * - a document: its text where it is text, else 1,500 tokens a page and 100 kB a page.
 *
 * Sources: https://ai.google.dev/gemini-api/docs/tokens (4 characters; 32 tokens a second),
 * https://developers.openai.com/api/docs/guides/images-vision (85 and 170 a tile),
 * https://platform.claude.com/docs/en/build-with-claude/pdf-support (1,500 to 3,000 tokens a page),
 * https://github.com/openai/openai-cookbook, How_to_count_tokens_with_tiktoken (tokens around messages)
 */
export function estimateInputTokens(request: ChatRequest): number {
  let tokens = 3;
  for (const { text } of request.system) tokens += 4 + textTokens(text);
  for (const { parts } of request.turns) {
    tokens += 4;
    for (const part of parts) tokens += partTokens(part);
  }
  for (const tool of request.tools) {
    tokens += 8 + textTokens(tool.name) + textTokens(tool.description ?? "");
    if (tool.parameters !== undefined) tokens += textTokens(JSON.stringify(tool.parameters));
  }
  const { output } = request;
  if (output?.kind === "json_schema") tokens += 8 + textTokens(JSON.stringify(output.schema));
  return Math.ceil(tokens);
}

function partTokens(part: UserPart | AssistantPart): number {
  switch (part.kind) {
    case "text":
    case "refusal":
    case "thinking":
      return textTokens(part.text);
    case "redacted_thinking":
      return textTokens(part.data);
    case "image":
      return part.detail === "low" ? 85 : 765;
    case "audio":
      return 32 * base64Bytes(part.base64) / (part.mediaType.includes("wav") ? 32_000 : 16_000);
    case "file":
      return fileTokens(part);
    case "tool_call":
      return 8 + textTokens(part.name) + textTokens(part.arguments);
    case "tool_result":
      return part.parts.reduce((tokens, each) => tokens + partTokens(each), 8);
  }
}

function fileTokens({ source }: Extract<UserPart, { kind: "file" }>): number {
  if (source.kind !== "base64") return PAGE_TOKENS;
  const bytes = base64Bytes(source.base64);
  if (source.mediaType.startsWith("text/") || source.mediaType === "application/json") return bytes / 4;
  return PAGE_TOKENS * Math.ceil(bytes / PAGE_BYTES);
}

const PAGE_TOKENS = 1_500;
const PAGE_BYTES = 100_000;

function textTokens(text: string): number {
  let twelfths = 0;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    twelfths += unit < 0x80 ? 3 : unit < 0x800 ? 4 : 12;
  }
  return twelfths / 12;
}

function base64Bytes(base64: string): number {
  return base64.length * 3 / 4;
}
