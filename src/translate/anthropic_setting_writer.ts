import type { AnthropicModel } from "./anthropic_models.ts";
import type { ChatRequest } from "./chat_request.ts";
import type { RequestField, RequestTold } from "./sides.ts";

type Members = Readonly<Record<string, unknown>>;

/** `max_tokens`, which Anthropic demands: the caller's, no more than the model can, or all that it can. */
export function maxTokensOf(request: ChatRequest, model: AnthropicModel, told: RequestTold): number {
  const asked = request.maxOutputTokens ?? model.maxOutputTokens;
  if (!model.isKnown || asked <= model.maxOutputTokens) return asked;
  told.losses.ignore(told.nameOf("maxOutputTokens"));
  return model.maxOutputTokens;
}

/**
 * temperature, top_p and top_k, as far as the model takes them: from 0 to 1, one of the first two on newer models,
 * none of them on the newest, and nothing but a high top_p while it thinks.
 * Source: https://platform.claude.com/docs/en/build-with-claude/extended-thinking#feature-compatibility
 */
export function writeSampling(
  request: ChatRequest,
  model: AnthropicModel,
  isThinking: boolean,
  told: RequestTold,
): Members {
  const { temperature, topP, topK } = request;
  const ignore = (field: RequestField) => told.losses.ignore(told.nameOf(field));
  const body: Record<string, unknown> = {};
  const isFixed = model.sampling === "none" || isThinking;
  if (temperature !== undefined) {
    const clamped = Math.min(1, Math.max(0, temperature));
    if (isFixed ? temperature !== 1 : clamped !== temperature) ignore("temperature");
    if (!isFixed) body["temperature"] = clamped;
  }
  if (topP !== undefined && topP !== 1) {
    const isTaken = model.sampling !== "none" && (!isThinking || topP >= 0.95) &&
      (model.sampling === "both" || body["temperature"] === undefined);
    if (isTaken) body["top_p"] = topP;
    else ignore("topP");
  }
  if (topK !== undefined) {
    if (isFixed) ignore("topK");
    else body["top_k"] = topK;
  }
  return body;
}

/** Blank stop sequences are refused by Anthropic, so they are left out. */
export function writeStop({ stop }: ChatRequest, told: RequestTold): Members {
  if (stop === undefined) return {};
  const filled = stop.filter((text) => text.trim() !== "");
  if (filled.length < stop.length) told.losses.ignore(told.nameOf("stop"));
  return filled.length === 0 ? {} : { stop_sequences: filled };
}

/**
 * `metadata.user_id`; Anthropic refuses names that tell who somebody is, such as mail addresses.
 * Source: https://platform.claude.com/docs/en/api/messages, `metadata`; https://github.com/BerriAI/litellm/issues/10106
 */
export function writeEndUser({ endUser }: ChatRequest, told: RequestTold): Members {
  if (endUser === undefined) return {};
  if (endUser.length > 256 || endUser.includes("@") || /^\+?[\d\s().-]{7,}$/.test(endUser)) {
    told.losses.ignore(told.nameOf("endUser"));
    return {};
  }
  return { metadata: { user_id: endUser } };
}

/** What Anthropic has no member for: it is refused where another answer would come of it, else named. */
export function takeUncarried(request: ChatRequest, told: RequestTold): void {
  const { losses, nameOf } = told;
  if ((request.choices ?? 1) > 1) losses.refuse(nameOf("choices"), "Anthropic gives one answer");
  if (request.logprobs !== undefined) losses.refuse(nameOf("logprobs"), "Anthropic has no log probabilities");
  if (request.seed !== undefined) losses.ignore(nameOf("seed"));
  if ((request.presencePenalty ?? 0) !== 0) losses.ignore(nameOf("presencePenalty"));
  if ((request.frequencyPenalty ?? 0) !== 0) losses.ignore(nameOf("frequencyPenalty"));
  if (request.google !== undefined) losses.ignore(nameOf("google"));
}
