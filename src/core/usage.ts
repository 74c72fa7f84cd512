/** Tokens that one answer reports. A count that the provider did not state is `undefined`, never zero. */
export interface TokenUsage {
  /** All of the prompt, cached tokens included. */
  readonly inputTokens?: number;
  /** All that was generated, reasoning included. */
  readonly outputTokens?: number;
  /** The part of `inputTokens` that was read from the provider's cache. */
  readonly cachedTokens?: number;
  /** The part of `outputTokens` that was reasoning. */
  readonly reasoningTokens?: number;
}
