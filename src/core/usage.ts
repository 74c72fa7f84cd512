/** Tokens that one answer reports. A count that the provider did not state is `undefined`, never zero. */
export interface TokenUsage {
  /** All of the prompt, cached tokens included. */
  readonly inputTokens?: number;
  /** All that was generated, reasoning included. */
  readonly outputTokens?: number;
  /** The part of `inputTokens` that was read from the provider's cache. */
  readonly cachedTokens?: number;
  /** The part of `inputTokens` that was written to the provider's cache (Anthropic bills it apart). */
  readonly cacheWriteTokens?: number;
  /** The part of `outputTokens` that was reasoning. */
  readonly reasoningTokens?: number;
  /** The part of `inputTokens` that was audio. */
  readonly audioInputTokens?: number;
  /** The part of `outputTokens` that was audio. */
  readonly audioOutputTokens?: number;
}

/** What was counted in one minute for one combination of provider, provider key, client key and model. */
export interface UsageMinute {
  /** Minutes since the epoch. */
  readonly minute: number;
  readonly providerId: string;
  /** "" when no provider key was had. */
  readonly providerKeyId: string;
  /** "" for an anonymous caller. */
  readonly clientKeyId: string;
  /** "" when the request named none. */
  readonly model: string;
  /** Requests that this provider key answered last. */
  readonly requests: number;
  /** Attempts that did not succeed. */
  readonly failures: number;
  readonly attempts: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cachedTokens: number;
  readonly reasoningTokens: number;
}
