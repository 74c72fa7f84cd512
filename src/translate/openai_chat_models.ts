import type { Effort } from "./chat_request.ts";

/**
 * What is known of a model by its name: servers that imitate OpenAI differ in what they refuse, and the protocol has no
 * way to ask. A vendor in front (`openai/gpt-5`, as routers write it) does not matter.
 */

/**
 * Whether the model wants `max_completion_tokens`: OpenAI's reasoning models refuse `max_tokens`, which in turn is the
 * only one of the two that most compatible servers know.
 * Source: https://platform.openai.com/docs/api-reference/chat/create#chat-create-max_tokens
 */
export function wantsMaxCompletionTokens(model: string): boolean {
  return /^(?:o[1-9]|gpt-(?:[5-9]|[1-9]\d))(?![\d])/i.test(bareName(model));
}

/**
 * Whether the model's thoughts have to come back with its tool calls as `reasoning_content`; others refuse a message
 * with members that they do not know. Source: https://api-docs.deepseek.com/guides/thinking_mode
 */
export function keepsThoughts(model: string): boolean {
  return /deepseek|kimi|glm-|minimax|mimo/i.test(model);
}

/** Whether Google answers behind this name, so that its extras (`extra_content`, `extra_body.google`) are understood. */
export function isGemini(model: string): boolean {
  return /^gemini-/i.test(bareName(model));
}

/**
 * Whether a function call of the current turn must carry a thought signature: Gemini from its third generation on.
 * Source: https://ai.google.dev/gemini-api/docs/thought-signatures
 */
export function needsSignatures(model: string): boolean {
  return /^gemini-(?:[3-9]|[1-9]\d)(?!\d)/i.test(bareName(model));
}

/**
 * The step of `reasoning_effort` that this model takes and that is nearest to the one asked for; `undefined` when the
 * model takes none that would not say something else.
 * Source: https://platform.openai.com/docs/guides/reasoning, https://ai.google.dev/gemini-api/docs/openai
 */
export function effortFor(model: string, asked: Effort): Effort | undefined {
  const steps = STEPS.find(([names]) => names.test(bareName(model)))?.[1];
  const known = steps ?? ["low", "medium", "high"];
  if (known.includes(asked)) return asked;
  // A model that always thinks thinks the least; one that is not known to think at all is left alone.
  if (asked === "none") return steps?.[0];
  const thinking = known.filter((step) => step !== "none");
  const wanted = ORDER.indexOf(asked);
  return thinking.findLast((step) => ORDER.indexOf(step) <= wanted) ?? thinking[0];
}

const ORDER: readonly Effort[] = ["none", "minimal", "low", "medium", "high", "xhigh", "max"];

const STEPS: readonly (readonly [RegExp, readonly Effort[]])[] = [
  [/^(?:gpt-3|gpt-4|chatgpt)/i, []],
  [/^gpt-5(?:-|$)/i, ["minimal", "low", "medium", "high"]],
  [/^gpt-5\.1(?!\d)/i, ["none", "low", "medium", "high"]],
  [/^gpt-(?:5\.|[6-9]|[1-9]\d)/i, ["none", "low", "medium", "high", "xhigh"]],
  [/^o[1-9]/i, ["low", "medium", "high"]],
  [/^gemini-/i, ["none", "minimal", "low", "medium", "high"]],
  [/^deepseek/i, ["low", "medium", "high", "xhigh", "max"]],
];

function bareName(model: string): string {
  return model.slice(model.lastIndexOf("/") + 1);
}
