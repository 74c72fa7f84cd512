/**
 * A conversation to be answered, in no provider's words: what every dialect's request is read into, and every
 * upstream's request is written from. Readers bring it into its normal form:
 *
 * - system prompts of any place stand in `system`, in their order;
 * - turns of one role that follow each other are one turn;
 * - tool results are parts of the user turn behind the calls that they answer, before anything else of it.
 */
export interface ChatRequest {
  readonly model: string;
  readonly system: readonly TextPart[];
  readonly turns: readonly Turn[];
  readonly tools: readonly Tool[];
  readonly toolChoice?: ToolChoice;
  /** `false`: at most one tool call in an answer. */
  readonly mayCallInParallel?: boolean;
  /** The caller declared OpenAI's old `functions`: its answer has `function_call` in place of `tool_calls`. */
  readonly isOldFunctions?: boolean;
  /** `undefined`: plain text. */
  readonly output?: OutputFormat;
  readonly maxOutputTokens?: number;
  readonly temperature?: number;
  readonly topP?: number;
  readonly topK?: number;
  readonly stop?: readonly string[];
  /** How many answers are asked for (`n`). */
  readonly choices?: number;
  readonly seed?: number;
  readonly presencePenalty?: number;
  readonly frequencyPenalty?: number;
  /** Log probabilities are asked for, with this many alternatives (0: of the chosen tokens only). */
  readonly logprobs?: { readonly top: number };
  readonly reasoning?: Reasoning;
  /** The caller's own name of its user, for the provider's abuse detection. */
  readonly endUser?: string;
  readonly isStream: boolean;
  /** Settings of one provider that a caller wrote for it on purpose, e.g. Gemini's `safetySettings`. */
  readonly google?: GoogleSettings;
  /** Members of the caller's request that its answer repeats as they came (OpenAI Responses); no upstream is told. */
  readonly echo?: Readonly<Record<string, unknown>>;
}

export type Turn =
  | { readonly role: "user"; readonly parts: readonly UserPart[] }
  | { readonly role: "assistant"; readonly parts: readonly AssistantPart[] };

export type UserPart = TextPart | ImagePart | AudioPart | FilePart | ToolResultPart;

export type AssistantPart =
  | TextPart
  | RefusalPart
  | ThinkingPart
  | RedactedThinkingPart
  | ToolCallPart
  | ImagePart;

export interface TextPart {
  readonly kind: "text";
  readonly text: string;
  /** The prompt up to and with this part is worth the provider's cache (Anthropic's `cache_control`). */
  readonly cache?: CacheHint;
  readonly signature?: Signature;
}

export interface CacheHint {
  /** `undefined`: the provider's default, five minutes. */
  readonly ttl?: "5m" | "1h";
}

export interface ImagePart {
  readonly kind: "image";
  readonly source: MediaSource;
  readonly detail?: "low" | "high" | "auto";
  readonly cache?: CacheHint;
}

export interface AudioPart {
  readonly kind: "audio";
  /** E.g. `audio/wav`. */
  readonly mediaType: string;
  readonly base64: string;
}

/** A document: PDF, plain text, … */
export interface FilePart {
  readonly kind: "file";
  readonly source: MediaSource;
  readonly name?: string;
  readonly cache?: CacheHint;
}

/** `id` names something that was uploaded to one provider, so it means nothing to another. */
export type MediaSource =
  | { readonly kind: "base64"; readonly mediaType: string; readonly base64: string }
  | { readonly kind: "url"; readonly url: string; readonly mediaType?: string }
  | { readonly kind: "id"; readonly issuer: Issuer; readonly id: string };

export interface RefusalPart {
  readonly kind: "refusal";
  readonly text: string;
}

/** What the model thought, as it may be shown; "" when only the signature came. */
export interface ThinkingPart {
  readonly kind: "thinking";
  readonly text: string;
  readonly signature?: Signature;
}

/** Thinking that only its provider can read. */
export interface RedactedThinkingPart {
  readonly kind: "redacted_thinking";
  readonly issuer: Issuer;
  readonly data: string;
}

export interface ToolCallPart {
  readonly kind: "tool_call";
  readonly id: string;
  readonly name: string;
  /** JSON text of an object, as the caller or the model wrote it; never "". */
  readonly arguments: string;
  readonly signature?: Signature;
  readonly cache?: CacheHint;
}

export interface ToolResultPart {
  readonly kind: "tool_result";
  readonly callId: string;
  /** The tool's name, looked up from the call by the reader where its dialect has no place for it. */
  readonly name?: string;
  readonly parts: readonly (TextPart | ImagePart | FilePart)[];
  readonly isError?: boolean;
  readonly cache?: CacheHint;
}

/** Whose a signature, an encrypted thought or a file id is: nobody else takes it. */
export type Issuer = "openai" | "anthropic" | "gemini";

/** What a provider wants back unchanged with the part it came with (thought signatures). */
export interface Signature {
  readonly issuer: Issuer;
  readonly value: string;
}

export interface Tool {
  readonly name: string;
  readonly description?: string;
  /** JSON schema of an object; `undefined` for a tool without arguments. */
  readonly parameters?: Readonly<Record<string, unknown>>;
  readonly isStrict?: boolean;
  readonly cache?: CacheHint;
}

export type ToolChoice =
  | { readonly kind: "auto" }
  | { readonly kind: "none" }
  /** Some tool must be called. */
  | { readonly kind: "required" }
  /** Only these may be called; `isRequired`: one of them must be. */
  | { readonly kind: "named"; readonly names: readonly string[]; readonly isRequired: boolean };

export type OutputFormat =
  | { readonly kind: "json" }
  | {
    readonly kind: "json_schema";
    readonly name?: string;
    readonly description?: string;
    readonly schema: Readonly<Record<string, unknown>>;
    readonly isStrict?: boolean;
  };

/** In OpenAI's steps, from the least to the most. */
export type Effort = "none" | "minimal" | "low" | "medium" | "high" | "xhigh" | "max";

export interface Reasoning {
  readonly effort?: Effort;
  /** Tokens of thinking; -1: as the model likes (Gemini's dynamic budget). */
  readonly budgetTokens?: number;
  /** Anthropic's `adaptive`: the model decides how much. */
  readonly isAdaptive?: boolean;
  /** Whether the caller wants to see thoughts or a summary of them. */
  readonly mustShow?: boolean;
}

/** Gemini's own settings, in its own shapes (`safetySettings`, `cachedContent`). */
export interface GoogleSettings {
  readonly safetySettings?: unknown;
  readonly cachedContent?: string;
}
