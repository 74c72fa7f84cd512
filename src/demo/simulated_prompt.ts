/** What a request asks for, whatever its dialect. */
export interface Prompt {
  /** All text of the request: its words are the input tokens. */
  readonly allText: string;
  /** The text of the last message in which the user says something (a tool's result alone is none). */
  readonly lastText: string;
  /** What that message holds besides its text, described by `seenBytes()` and `seenAt()`. */
  readonly media: readonly string[];
  /** The results of the tools that were called last; none when the conversation does not end with results. */
  readonly results: readonly SeenResult[];
  /** How many times the model has called tools since that message. */
  readonly rounds: number;
  readonly tools: readonly OfferedTool[];
  readonly toolChoice: ToolChoice;
  /** At most one call in an answer when `false`. */
  readonly mayCallInParallel: boolean;
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

/** With names, only these tools may be called. */
export type ToolChoice =
  | "auto"
  | "none"
  | "required"
  | { readonly names: readonly string[]; readonly isRequired: boolean };

/** A tool's result as the model sees it. */
export interface SeenResult {
  readonly name: string;
  readonly text: string;
  readonly isError?: boolean;
  readonly media?: readonly string[];
}

/** A prompt of plain text. */
export function textPrompt(text: string, maxTokens?: number, stop: readonly string[] = []): Prompt {
  return {
    allText: text,
    lastText: text,
    media: [],
    results: [],
    rounds: 0,
    tools: [],
    toolChoice: "none",
    mayCallInParallel: true,
    schema: undefined,
    isThinking: false,
    maxTokens,
    stop,
  };
}
