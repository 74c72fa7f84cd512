import type { AnthropicModel } from "./anthropic_models.ts";
import type { ChatRequest, Effort, Reasoning } from "./chat_request.ts";
import type { RequestTold } from "./sides.ts";

/** Whether and how a model is to think in one request. */
export interface ThinkingPlan {
  readonly thinking?: Readonly<Record<string, unknown>>;
  readonly effort?: string;
  /** Whether it may think: then temperature is fixed, tools cannot be forced, and its former thoughts are wanted. */
  readonly isOn: boolean;
}

export interface ThinkingScene {
  readonly model: AnthropicModel;
  /** `max_tokens` of the request; thoughts count towards it. */
  readonly maxTokens: number;
  readonly isToolForced: boolean;
  /** Whether the tool calls that are being answered came with thoughts that are lost. */
  readonly lacksThoughts: boolean;
}

const MIN_BUDGET = 1024;

/** Budgets for OpenAI's steps, where a model knows budgets only. */
const BUDGETS: Readonly<Record<Effort, number>> = {
  none: 0,
  minimal: 1024,
  low: 2048,
  medium: 8192,
  high: 16_384,
  xhigh: 24_576,
  max: 32_000,
};

/**
 * Carries the wish for reasoning to what the model knows: `adaptive` with an effort, or a budget below
 * `max_tokens`. Thinking gives way to a forced tool, and a budget to a history without thoughts: Anthropic refuses
 * both (adaptive thinking takes such histories).
 * Sources: https://platform.claude.com/docs/en/build-with-claude/extended-thinking#extended-thinking-with-tool-use,
 * https://platform.claude.com/docs/en/build-with-claude/adaptive-thinking, and for "a final assistant message must
 * start with a thinking block" https://github.com/anomalyco/opencode/issues/3077
 */
export function planThinking(request: ChatRequest, scene: ThinkingScene, told: RequestTold): ThinkingPlan {
  const { reasoning } = request;
  const { model, isToolForced } = scene;
  const ignore = () => told.losses.ignore(told.nameOf("reasoning"));
  if (reasoning === undefined) return { isOn: model.thinksUnasked };
  if (isNone(reasoning)) return withoutThinking(model, ignore);
  if (model.thinking === "never") {
    ignore();
    return { isOn: false };
  }
  const isAdaptive = model.thinking === "adaptive" ||
    (model.thinking === "either" && (reasoning.isAdaptive === true || (reasoning.budgetTokens ?? -1) < 0));
  if (!isAdaptive) return budgetPlan(reasoning, scene, ignore);
  const effort = effortOf(reasoning, model, ignore);
  if (isToolForced) {
    ignore();
    // Effort also steers answers without thinking.
    return { ...effort, isOn: model.thinksUnasked };
  }
  return { thinking: { type: "adaptive", ...displayOf(reasoning) }, ...effort, isOn: true };
}

function isNone(reasoning: Reasoning): boolean {
  return reasoning.effort === "none" || reasoning.budgetTokens === 0;
}

function withoutThinking(model: AnthropicModel, ignore: () => void): ThinkingPlan {
  if (model.thinking === "never") return { isOn: false };
  if (model.canStopThinking) return { thinking: { type: "disabled" }, isOn: false };
  ignore();
  return { effort: "low", isOn: true };
}

function budgetPlan(
  reasoning: Reasoning,
  { maxTokens, isToolForced, lacksThoughts }: ThinkingScene,
  ignore: () => void,
): ThinkingPlan {
  // Thoughts and at least one word of the answer have to fit.
  if (isToolForced || lacksThoughts || maxTokens <= MIN_BUDGET) {
    ignore();
    return { isOn: false };
  }
  const told = reasoning.budgetTokens ?? -1;
  const wanted = told >= 0 ? told : BUDGETS[reasoning.effort ?? "medium"];
  const fitting = wanted < maxTokens ? wanted : Math.floor(maxTokens * 0.8);
  const budget = Math.max(MIN_BUDGET, fitting);
  if (told >= 0 && budget !== told) ignore();
  return { thinking: { type: "enabled", budget_tokens: budget }, isOn: true };
}

/** Steps that Anthropic has not become its nearest; a budget becomes the step that it would have been. */
function effortOf(
  reasoning: Reasoning,
  model: AnthropicModel,
  ignore: () => void,
): { readonly effort?: string } {
  const budget = reasoning.budgetTokens ?? -1;
  if (reasoning.effort === undefined && budget >= 0) {
    ignore();
    return { effort: budget <= 4096 ? "low" : budget <= 12_288 ? "medium" : "high" };
  }
  switch (reasoning.effort) {
    case undefined:
      return {};
    case "none":
    case "minimal":
      return { effort: "low" };
    case "xhigh":
      if (model.hasXhigh) return { effort: "xhigh" };
      ignore();
      return { effort: "max" };
    default:
      return { effort: reasoning.effort };
  }
}

/** Newer models keep their thoughts to themselves unless a summary is asked for. */
function displayOf({ mustShow }: Reasoning): { readonly display?: string } {
  if (mustShow === undefined) return {};
  return { display: mustShow ? "summarized" : "omitted" };
}
