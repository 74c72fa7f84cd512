import type { TokenCount } from "./simulated_dialect.ts";

/** What one key was asked and given. `requests` is the sum of the four that follow it. */
export interface KeyCounts {
  requests: number;
  /** Good answers, counted when they begin; an answer with nothing in it is one of them. */
  succeeded: number;
  /** Not served because of the key: revoked, limited, out of credit. */
  refused: number;
  /** The provider's own trouble: outages, bursts, broken answers. */
  failed: number;
  /** Not served because of the request: 400, 404. */
  rejected: number;
  inputTokens: number;
  outputTokens: number;
  /** The part of `inputTokens` whose answers were not taken to the end; nobody was told of them. */
  abandonedInputTokens: number;
  /** The same of `outputTokens`. */
  abandonedOutputTokens: number;
}

/** Sums over all keys, unknown ones included. */
export interface ProviderCounts extends KeyCounts {
  /** Requests without a credential or with one that this provider does not know; part of `refused`. */
  unknownKey: number;
  /** Answers that the caller did not take to the end; also counted where they began. */
  abandoned: number;
  inFlight: number;
  maxInFlight: number;
}

export type Outcome = "succeeded" | "refused" | "failed" | "rejected";

export function newKeyCounts(): KeyCounts {
  return {
    requests: 0,
    succeeded: 0,
    refused: 0,
    failed: 0,
    rejected: 0,
    inputTokens: 0,
    outputTokens: 0,
    abandonedInputTokens: 0,
    abandonedOutputTokens: 0,
  };
}

/** Adds one request to each of the counts. */
export function countRequest(counts: readonly KeyCounts[], outcome: Outcome, tokens: TokenCount): void {
  for (const count of counts) {
    count.requests++;
    count[outcome]++;
    count.inputTokens += tokens.inputTokens;
    count.outputTokens += tokens.outputTokens;
  }
}

/** Adds tokens of an answer that was counted when it began, and then was not taken to its end. */
export function countAbandoned(counts: readonly KeyCounts[], tokens: TokenCount): void {
  for (const count of counts) {
    count.abandonedInputTokens += tokens.inputTokens;
    count.abandonedOutputTokens += tokens.outputTokens;
  }
}
