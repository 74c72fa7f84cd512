/** What a client is asked to do, in the words of no SDK. */
export interface MatrixAsk {
  /** Where Keyturn listens. */
  readonly url: string;
  readonly model: string;
  readonly text: string;
}

/** What one answer said. */
export interface Said {
  readonly text: string;
  /** The SDK's own word for why it ended. */
  readonly finish: string;
  readonly usage: SaidUsage;
  /** How many pieces of text came; 1 for an answer that is not streamed. */
  readonly pieces: number;
  /** What the model thought, as far as the client was shown it. */
  readonly thoughts: string;
}

/** Counts as the caller adds them up: all of the prompt, all that was generated. */
export interface SaidUsage {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cachedTokens: number;
  /** `undefined` where the protocol has no place for it. */
  readonly reasoningTokens: number | undefined;
}

/** A conversation in which the model called tools until it had its answer. */
export interface Loop {
  /** The calls of each round, with their arguments as JSON. */
  readonly rounds: readonly (readonly string[])[];
  readonly text: string;
  readonly thoughts: string;
  /** What is answered to `followUp`, asked behind all that. */
  readonly after: string;
}

export interface LoopAsk extends MatrixAsk {
  readonly isStream: boolean;
  readonly isThinking: boolean;
  readonly followUp: string;
}

export interface ImageAsk extends MatrixAsk {
  readonly mediaType: "image/png";
  readonly base64: string;
}

export interface ShapeAsk extends MatrixAsk {
  readonly schema: JsonSchema;
}

export interface JsonSchema {
  readonly [name: string]: JsonValue;
}

type JsonValue = string | boolean | readonly string[] | JsonSchema;

/** One SDK, as its own documentation uses it, pointed at Keyturn and changed in nothing else. */
export interface MatrixClient {
  readonly name: string;
  /** Whether its protocol, as this SDK reads it, has a place for the words of a thought. */
  readonly showsThoughts: boolean;
  chat(ask: MatrixAsk): Promise<Said>;
  /** At most this many tokens. */
  cut(ask: MatrixAsk, maxTokens: number): Promise<Said>;
  stream(ask: MatrixAsk): Promise<Said>;
  /** Offers `TOOLS` and answers every call by `runTool()`. */
  loop(ask: LoopAsk): Promise<Loop>;
  see(ask: ImageAsk): Promise<Said>;
  /** The object that the answer is. */
  shape(ask: ShapeAsk): Promise<unknown>;
  think(ask: MatrixAsk, isStream: boolean): Promise<Said>;
  /** Takes the first piece of a stream and leaves. */
  leave(ask: MatrixAsk): Promise<void>;
}
