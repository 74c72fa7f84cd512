import type { TokenCount } from "./simulated_dialect.ts";
import type { Prompt, SeenResult } from "./simulated_prompt.ts";
import { exampleOf } from "./simulated_schema.ts";
import { callsOf, type ToolCall } from "./simulated_tool_calls.ts";

/** Why an answer ended; a dialect that has no word for one of them says the next best. */
export type Finish = "stop" | "stop_sequence" | "length" | "tool_calls" | "refusal" | "content_filter";

/** What is answered, whatever the dialect. */
export interface Reply {
  readonly text: string;
  /** The text in the pieces in which it is streamed: one word each. */
  readonly pieces: readonly string[];
  readonly reasoning: string;
  /** The thought comes only in a form that its provider can read. */
  readonly isReasoningHidden: boolean;
  readonly calls: readonly ToolCall[];
  readonly finish: Finish;
  readonly stopSequence: string | undefined;
  /** The prompt itself is refused: nothing is generated. */
  readonly isPromptBlocked: boolean;
  readonly tokens: ReplyTokens;
}

export interface ReplyTokens extends TokenCount {
  /** Part of `outputTokens`. */
  readonly reasoningTokens: number;
  /** Part of `inputTokens`. */
  readonly cachedTokens: number;
  /** Part of `inputTokens`. */
  readonly cacheWriteTokens: number;
  /** Part of `inputTokens`. */
  readonly audioTokens: number;
}

/** What an image adds to the input tokens. Source: https://ai.google.dev/gemini-api/docs/tokens */
const IMAGE_TOKENS = 258;
const REFUSAL = "I cannot help with that.";

/**
 * The answer to a prompt, the same for the same prompt. It echoes the last user message, unless that holds one of
 * these directives:
 *
 * - `say 50 words`;
 * - the name of a tool: it is called (several names: parallel calls; names behind the word `then`: in the next
 *   round), with arguments from `name=value` behind it, or else anywhere in the message;
 * - `7 cached tokens`, `7 cache write tokens`, `7 audio tokens`, `7 reasoning tokens`: told so in the usage;
 * - `please refuse`, `be filtered`, `block this prompt`; `think in secret`, where thinking is asked for.
 */
export function composeReply(prompt: Prompt, isEmpty: boolean): Reply {
  const { lastText } = prompt;
  const input = inputTokensOf(prompt);
  const isPromptBlocked = lastText.includes("block this prompt");
  if (isEmpty || isPromptBlocked) {
    return { ...NOTHING, isPromptBlocked, tokens: { ...NOTHING.tokens, ...input } };
  }
  const reasoning = prompt.isThinking ? `The user wants: ${lastText}` : "";
  const reasoningTokens = countWords(reasoning) + numberBefore("reasoning tokens", lastText);
  const isRefused = lastText.includes("please refuse");
  const calls = isRefused ? [] : callsOf(prompt);
  const stopped = cutAtStop(isRefused ? REFUSAL : textOf(prompt, calls.length > 0), prompt.stop);
  const allPieces = piecesOf(stopped.text);
  const room = Math.max(0, (prompt.maxTokens ?? Infinity) - reasoningTokens);
  const pieces = allPieces.length > room ? allPieces.slice(0, room) : allPieces;
  const isShort = pieces.length < allPieces.length;
  const kept = isShort ? [] : calls;
  return {
    text: pieces.join(""),
    pieces,
    reasoning,
    isReasoningHidden: lastText.includes("think in secret"),
    calls: kept,
    finish: finishOf(lastText, isShort, isRefused, kept.length > 0, stopped.by),
    stopSequence: isShort ? undefined : stopped.by,
    isPromptBlocked: false,
    tokens: {
      ...input,
      outputTokens: reasoningTokens + pieces.length + kept.reduce((sum, call) => sum + callTokens(call), 0),
      reasoningTokens,
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

/** The log probability told of the token at `index` of an answer. */
export function logprobAt(index: number): number {
  return -0.125 * (index % 4 + 1);
}

const NOTHING: Reply = {
  text: "",
  pieces: [],
  reasoning: "",
  isReasoningHidden: false,
  calls: [],
  finish: "stop",
  stopSequence: undefined,
  isPromptBlocked: false,
  tokens: {
    inputTokens: 0,
    outputTokens: 0,
    reasoningTokens: 0,
    cachedTokens: 0,
    cacheWriteTokens: 0,
    audioTokens: 0,
  },
};

function inputTokensOf({ allText, lastText, media, results }: Prompt) {
  const cachedTokens = numberBefore("cached tokens", lastText);
  const cacheWriteTokens = numberBefore("cache write tokens", lastText);
  const audioTokens = numberBefore("audio tokens", lastText);
  const pictures = results.reduce((sum, result) => sum + (result.media?.length ?? 0), media.length);
  const inputTokens = countWords(allText) + pictures * IMAGE_TOKENS + cachedTokens + cacheWriteTokens +
    audioTokens;
  return { inputTokens, cachedTokens, cacheWriteTokens, audioTokens };
}

function numberBefore(words: string, text: string): number {
  return text.includes(words) ? Number(new RegExp(`(\\d+) ${words}`).exec(text)?.[1] ?? 0) : 0;
}

function finishOf(
  lastText: string,
  isShort: boolean,
  isRefused: boolean,
  hasCalls: boolean,
  stopSequence: string | undefined,
): Finish {
  if (isShort) return "length";
  if (isRefused) return "refusal";
  if (lastText.includes("be filtered")) return "content_filter";
  if (hasCalls) return "tool_calls";
  return stopSequence === undefined ? "stop" : "stop_sequence";
}

function textOf(prompt: Prompt, hasCalls: boolean): string {
  const wanted = /\bsay (\d+) words?\b/i.exec(prompt.lastText)?.[1];
  if (wanted !== undefined) return wordsOf(Math.min(Number(wanted), 100_000));
  if (hasCalls) return "";
  if (prompt.schema !== undefined) {
    const example = exampleOf(prompt.schema, prompt.lastText);
    return JSON.stringify(example ?? { text: prompt.lastText });
  }
  if (prompt.results.length > 0) return prompt.results.map(saidBy).join("; ");
  const seen = prompt.media.length === 0 ? "" : `Saw ${prompt.media.join(", ")}.`;
  return [seen, prompt.lastText].filter((part) => part !== "").join(" ") || "Hello.";
}

function saidBy({ name, text, isError, media }: SeenResult): string {
  return [`${name} ${isError === true ? "failed" : "said"}: ${text}`, ...media ?? []].join(" ");
}

function wordsOf(count: number): string {
  return Array.from({ length: count }, (_, index) => `word${index + 1}`).join(" ");
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
