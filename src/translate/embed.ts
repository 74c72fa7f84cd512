/** Texts to be embedded, in no provider's words. */
export interface EmbedRequest {
  readonly model: string;
  readonly inputs: readonly string[];
  readonly dimensions?: number;
  /** Gemini's `taskType`. */
  readonly task?: string;
  /** Gemini's `title`. */
  readonly title?: string;
  readonly endUser?: string;
  /** How the caller wants its numbers: OpenAI's own SDK asks for `base64` of little-endian float32 by default. */
  readonly encoding: "float" | "base64";
}

export interface EmbedAnswer {
  /** In the order of the inputs. */
  readonly vectors: readonly (readonly number[])[];
  readonly inputTokens?: number;
}
