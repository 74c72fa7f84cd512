import type { TokenUsage } from "../core/usage.ts";
import type { Finish } from "./chat_answer.ts";
import type { OutputItem } from "./openai_responses_items.ts";
import type { AnswerTold } from "./sides.ts";

/** How a response ended, in its protocol's words. */
export interface ResponseEnd {
  readonly status: "completed" | "incomplete" | "failed";
  readonly incompleteReason?: string;
  readonly error?: { readonly code: string; readonly message: string };
}

/**
 * The response object around its output: what the request said is repeated.
 * Source: https://developers.openai.com/api/reference/resources/responses (The response object)
 * @param end `undefined` while it is in progress
 */
export function responseObject(
  told: AnswerTold,
  output: readonly OutputItem[],
  end: ResponseEnd | undefined,
  usage: TokenUsage | undefined,
): Record<string, unknown> {
  const reason = end?.incompleteReason;
  return {
    id: responseId(told),
    object: "response",
    created_at: told.nowSeconds,
    status: end?.status ?? "in_progress",
    background: false,
    error: end?.error ?? null,
    incomplete_details: reason === undefined ? null : { reason },
    instructions: null,
    max_output_tokens: null,
    metadata: {},
    parallel_tool_calls: true,
    previous_response_id: null,
    reasoning: { effort: null, summary: null },
    service_tier: "default",
    store: false,
    temperature: null,
    text: { format: { type: "text" } },
    tool_choice: "auto",
    tools: [],
    top_p: null,
    truncation: "disabled",
    user: null,
    ...told.request.echo,
    model: told.model,
    output,
    usage: usage === undefined ? null : usageOf(usage),
  };
}

function responseId(told: AnswerTold): string {
  return `resp_${told.requestId}`;
}

/** Ids of output items: told by kind and place, so that they are unique in an answer and the same when repeated. */
export function itemId(prefix: "rs" | "msg" | "fc" | "ig", told: AnswerTold, index: number): string {
  return `${prefix}_${told.requestId}_${index}`;
}

/**
 * A cut answer is `incomplete`; so is one whose end is no good one, with the upstream's word as its reason, because
 * `completed` would say that it is whole.
 * @param hasOutput whether anything was produced: a failure with nothing before it is `failed`
 */
export function endOf(finish: Finish | undefined, hasOutput: boolean): ResponseEnd {
  switch (finish?.reason) {
    case "length":
      return { status: "incomplete", incompleteReason: "max_output_tokens" };
    case "content_filter":
      return { status: "incomplete", incompleteReason: "content_filter" };
    case "paused":
      return { status: "incomplete", incompleteReason: finish.native ?? "paused" };
    case "failed": {
      if (hasOutput) return { status: "incomplete", incompleteReason: finish.native ?? "failed" };
      const why = finish.explanation ?? finish.native ?? "the provider gave no reason";
      return {
        status: "failed",
        error: { code: "server_error", message: `The model's answer failed: ${why}` },
      };
    }
    default:
      return { status: "completed" };
  }
}

function usageOf(usage: TokenUsage): Record<string, unknown> {
  const inputTokens = usage.inputTokens ?? 0;
  const outputTokens = usage.outputTokens ?? 0;
  return {
    input_tokens: inputTokens,
    input_tokens_details: {
      cached_tokens: usage.cachedTokens ?? 0,
      cache_write_tokens: usage.cacheWriteTokens ?? 0,
    },
    output_tokens: outputTokens,
    output_tokens_details: { reasoning_tokens: usage.reasoningTokens ?? 0 },
    total_tokens: inputTokens + outputTokens,
  };
}
