import type { TokenCount } from "./simulated_dialect.ts";
import { exampleOf } from "./simulated_schema.ts";

/** What a request asks for, whatever its dialect. */
export interface Prompt {
  /** All text of the request: its words are the input tokens. */
  readonly allText: string;
  /** The text of the last user message. */
  readonly lastText: string;
  /** Size of each image in the last user message; 0 for one given by URL. */
  readonly imageBytes: readonly number[];
  /** Set when the last message is a tool's result. */
  readonly toolResult: string | undefined;
  readonly tools: readonly OfferedTool[];
  readonly toolChoice: "auto" | "none" | "required" | { readonly name: string };
  /** Schema that the answer must satisfy; `{}` for any JSON object. */
  readonly schema: unknown;
  readonly isThinking: boolean;
  readonly maxTokens: number | undefined;
  readonly stop: readonly string[];
}

export interface OfferedTool {
  readonly name: string;
  readonly parameters: unknown;
}

export interface ToolCall {
  readonly name: string;
  readonly args: Record<string, unknown>;
}

export type Finish = "stop" | "stop_sequence" | "length" | "tool_calls";

/** What is answered, whatever the dialect. */
export interface Reply {
  readonly text: string;
  /** The text in the pieces in which it is streamed: one word each. */
  readonly pieces: readonly string[];
  readonly reasoning: string;
  readonly calls: readonly ToolCall[];
  readonly finish: Finish;
  readonly stopSequence: string | undefined;
  readonly tokens: ReplyTokens;
}

export interface ReplyTokens extends TokenCount {
  /** Part of `outputTokens`. */
  readonly reasoningTokens: number;
  /** Part of `inputTokens`. */
  readonly cachedTokens: number;
}

/** What an image adds to the input tokens. Source: https://ai.google.dev/gemini-api/docs/tokens */
const IMAGE_TOKENS = 258;

/**
 * The answer to a prompt, the same for the same prompt. It echoes the last user message, unless that says
 * `say 50 words`; a tool whose name stands in the message is called (several names: parallel calls), with
 * arguments from `name=value` in it; `7 cached tokens` reports that many as read from the cache.
 */
export function composeReply(prompt: Prompt, isEmpty: boolean): Reply {
  const cachedTokens = Number(/(\d+) cached tokens/.exec(prompt.lastText)?.[1] ?? 0);
  const inputTokens = countWords(prompt.allText) + prompt.imageBytes.length * IMAGE_TOKENS + cachedTokens;
  if (isEmpty) {
    const tokens = { inputTokens, outputTokens: 0, reasoningTokens: 0, cachedTokens };
    return {
      text: "",
      pieces: [],
      reasoning: "",
      calls: [],
      finish: "stop",
      stopSequence: undefined,
      tokens,
    };
  }
  const reasoning = prompt.isThinking ? `The user wants: ${prompt.lastText}` : "";
  const reasoningTokens = countWords(reasoning);
  const calls = callsOf(prompt);
  const whole = textOf(prompt, calls.length > 0);
  const stopped = cutAtStop(whole, prompt.stop);
  const allPieces = piecesOf(stopped.text);
  const room = Math.max(0, (prompt.maxTokens ?? Infinity) - reasoningTokens);
  const pieces = allPieces.length > room ? allPieces.slice(0, room) : allPieces;
  const isShort = pieces.length < allPieces.length;
  const outputTokens = reasoningTokens + pieces.length +
    calls.reduce((sum, call) => sum + callTokens(call), 0);
  return {
    text: pieces.join(""),
    pieces,
    reasoning,
    calls: isShort ? [] : calls,
    finish: isShort
      ? "length"
      : calls.length > 0
      ? "tool_calls"
      : stopped.by === undefined
      ? "stop"
      : "stop_sequence",
    stopSequence: isShort ? undefined : stopped.by,
    tokens: {
      inputTokens,
      outputTokens: isShort ? reasoningTokens + pieces.length : outputTokens,
      reasoningTokens,
      cachedTokens,
    },
  };
}

/** Number of words: what the simulated providers call tokens. */
export function countWords(text: string): number {
  return text.match(/\S+/g)?.length ?? 0;
}

/** The text in words, each with the white space before it; joined they are the text. */
export function piecesOf(text: string): string[] {
  return text.match(/\s*\S+(?:\s+$)?/g) ?? [];
}

/** Number of bytes that a base64 text or a data URL stands for; 0 for another URL. */
export function base64Bytes(data: string): number {
  if (/^https?:/.test(data)) return 0;
  const base64 = data.slice(data.indexOf(",") + 1).replace(/=+$/, "");
  return Math.floor(base64.length * 3 / 4);
}

function textOf(prompt: Prompt, hasCalls: boolean): string {
  const wanted = /\bsay (\d+) words?\b/i.exec(prompt.lastText)?.[1];
  if (wanted !== undefined) return wordsOf(Math.min(Number(wanted), 100_000));
  if (hasCalls) return "";
  if (prompt.schema !== undefined) {
    const example = exampleOf(prompt.schema, prompt.lastText);
    return JSON.stringify(example ?? { text: prompt.lastText });
  }
  if (prompt.toolResult !== undefined) return `The tool said: ${prompt.toolResult}`;
  const images = prompt.imageBytes.map((bytes) => `An image of ${bytes} bytes.`);
  return [...images, prompt.lastText].filter((part) => part !== "").join(" ") || "Hello.";
}

function wordsOf(count: number): string {
  return Array.from({ length: count }, (_, index) => `word${index + 1}`).join(" ");
}

function callsOf(prompt: Prompt): ToolCall[] {
  if (prompt.toolChoice === "none" || prompt.tools.length === 0) return [];
  const { toolChoice } = prompt;
  if (typeof toolChoice === "object") {
    return prompt.tools.filter((tool) => tool.name === toolChoice.name).map((tool) => callOf(tool, prompt));
  }
  const named = prompt.toolResult === undefined
    ? prompt.tools.filter((tool) => prompt.lastText.includes(tool.name))
    : [];
  named.sort((a, b) => prompt.lastText.indexOf(a.name) - prompt.lastText.indexOf(b.name));
  if (named.length === 0 && toolChoice === "required") {
    return prompt.tools.slice(0, 1).map((tool) => callOf(tool, prompt));
  }
  return named.map((tool) => callOf(tool, prompt));
}

function callOf(tool: OfferedTool, prompt: Prompt): ToolCall {
  const made = exampleOf(tool.parameters, prompt.lastText);
  return { name: tool.name, args: typeof made === "object" && made !== null ? { ...made } : {} };
}

function callTokens(call: ToolCall): number {
  return 1 + countWords(JSON.stringify(call.args));
}

function cutAtStop(text: string, stop: readonly string[]): { text: string; by: string | undefined } {
  let cut: { text: string; by: string | undefined } = { text, by: undefined };
  for (const sequence of stop) {
    const at = sequence === "" ? -1 : text.indexOf(sequence);
    if (at >= 0 && at < cut.text.length) cut = { text: text.slice(0, at), by: sequence };
  }
  return cut;
}
