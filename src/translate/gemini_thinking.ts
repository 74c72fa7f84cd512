import type { Effort, Reasoning } from "./chat_request.ts";
import type { GeminiModel } from "./gemini_model.ts";

/**
 * `thinkingConfig` of a model, or `undefined` when it has none. Level and budget never go together. Sources:
 * https://ai.google.dev/gemini-api/docs/thinking (levels of Gemini 3, budgets of Gemini 2.5),
 * https://ai.google.dev/gemini-api/docs/openai#thinking (efforts), vercel/ai packages/google (least levels)
 */
export function geminiThinkingConfig(
  reasoning: Reasoning,
  model: GeminiModel,
): Record<string, unknown> | undefined {
  if (!canThink(model)) return undefined;
  const amount = model.generation >= 3 ? levelOf(reasoning, model) : budgetOf(reasoning, model);
  const isOff = reasoning.effort === "none" || reasoning.budgetTokens === 0;
  const includeThoughts = !isOff && (reasoning.mustShow ?? isAsked(reasoning));
  return { ...amount, ...(includeThoughts ? { includeThoughts } : {}) };
}

function canThink({ isGemma, generation, name }: GeminiModel): boolean {
  if (isGemma || generation < 2.5) return false;
  // Of the models that make pictures or speech only Gemini 3's think.
  return generation >= 3 ? !name.includes("-tts") : !/-(?:image|tts|live|computer-use)/.test(name);
}

/** Thoughts cost the same whether they are shown or not, so whoever asks for reasoning sees them. */
function isAsked({ effort, budgetTokens, isAdaptive }: Reasoning): boolean {
  return effort !== undefined || budgetTokens !== undefined || isAdaptive === true;
}

function levelOf(reasoning: Reasoning, model: GeminiModel): Record<string, unknown> {
  // Gemini 3 models that make pictures know no levels.
  if (model.name.includes("-image")) return {};
  const effort = reasoning.effort ?? effortOf(reasoning.budgetTokens);
  if (effort === undefined) return {};
  return { thinkingLevel: LEVELS[effort] ?? (effort === "medium" ? mediumLevel(model) : leastLevel(model)) };
}

/** What stands in no row is the model's least level (`none` too: thinking cannot be switched off), or its medium. */
const LEVELS: Partial<Record<Effort, string>> = { low: "low", high: "high", xhigh: "high", max: "high" };

function leastLevel({ name, generation }: GeminiModel): string {
  if (name.includes("-pro")) return "low";
  const hasMinimal = name.includes("-lite") || (generation < 3.7 && name !== "gemini-flash-latest");
  return hasMinimal ? "minimal" : "low";
}

function mediumLevel({ name }: GeminiModel): string {
  return name.startsWith("gemini-3-pro") ? "high" : "medium";
}

/** Gemini 3 counts no budget; a number of tokens becomes the level next to it. */
function effortOf(budgetTokens: number | undefined): Effort | undefined {
  if (budgetTokens === undefined || budgetTokens < 0) return undefined;
  if (budgetTokens === 0) return "none";
  return budgetTokens <= 2048 ? "low" : budgetTokens <= 16_384 ? "medium" : "high";
}

const BUDGETS: Record<Effort, number> = {
  none: 0,
  minimal: 1024,
  low: 1024,
  medium: 8192,
  high: 24_576,
  xhigh: 32_768,
  max: 32_768,
};

function budgetOf(reasoning: Reasoning, { name }: GeminiModel): Record<string, unknown> {
  const { effort, isAdaptive } = reasoning;
  const asked = reasoning.budgetTokens ?? (effort === undefined ? undefined : BUDGETS[effort]) ??
    (isAdaptive === true ? -1 : undefined);
  if (asked === undefined) return {};
  if (asked < 0) return { thinkingBudget: -1 };
  // Pro cannot be switched off; of the others 0 is off.
  const isPro = name.includes("-pro");
  if (asked === 0 && !isPro) return { thinkingBudget: 0 };
  const least = isPro ? 128 : name.includes("-lite") ? 512 : 1;
  return { thinkingBudget: Math.min(Math.max(asked, least), isPro ? 32_768 : 24_576) };
}
