import type { Effort, Reasoning } from "./chat_request.ts";
import { type OpenAiChatBody, type OpenAiChatGoogle, told } from "./openai_chat_request_shape.ts";
import { refuseShape } from "./caller_shape.ts";

/** What asks for thoughts, in the order of who wins: Google's own settings, then DeepSeek's form, then an effort. */
export function reasoningOf(body: OpenAiChatBody): Reasoning | undefined {
  const config = (body.extra_body?.google ?? body.google)?.thinking_config;
  const asked = {
    ...told("effort", body.reasoning_effort ?? body.reasoning?.effort),
    ...told("budgetTokens", body.reasoning?.max_tokens),
    ...switched(body.reasoning?.enabled, body.reasoning?.effort ?? body.reasoning?.max_tokens),
    ...thinkingOf(body.thinking),
    ...levelOf(config),
  };
  if (Object.keys(asked).length === 0) {
    return config?.include_thoughts || body.include_reasoning ? { mustShow: true } : undefined;
  }
  // `reasoning_content` is a place for thoughts, and who asks for them pays for them anyway.
  const mustShow = config?.include_thoughts ??
    !(body.reasoning?.exclude === true || body.include_reasoning === false || asked.effort === "none");
  return { ...asked, ...(mustShow ? { mustShow } : {}) };
}

/** OpenRouter's `enabled`, which means a medium effort where nothing else is said. */
function switched(
  isEnabled: boolean | null | undefined,
  detail: unknown,
): Reasoning {
  if (isEnabled === false) return { effort: "none" };
  return isEnabled === true && detail === undefined ? { effort: "medium" } : {};
}

function thinkingOf(thinking: OpenAiChatBody["thinking"]): Reasoning {
  if (thinking === null || thinking === undefined) return {};
  if (thinking.type === "disabled") return { effort: "none" };
  if (thinking.type === "enabled" || thinking.type === "adaptive") {
    const budget = told("budgetTokens", thinking.budget_tokens);
    return thinking.type === "adaptive" || !thinking.budget_tokens ? { ...budget, isAdaptive: true } : budget;
  }
  refuseShape("thinking.type", "expected one of enabled, disabled, adaptive");
}

const LEVELS: ReadonlyMap<string, Effort> = new Map([
  ["minimal", "minimal"],
  ["low", "low"],
  ["medium", "medium"],
  ["high", "high"],
]);

function levelOf(config: OpenAiChatGoogle["thinking_config"]): Reasoning {
  if (config === null || config === undefined) return {};
  const level = config.thinking_level?.toLowerCase();
  const effort = level === undefined ? undefined : LEVELS.get(level);
  if (level !== undefined && effort === undefined) {
    refuseShape("extra_body.google.thinking_config.thinking_level", "it is no level");
  }
  return { ...told("effort", effort), ...told("budgetTokens", config.thinking_budget) };
}
