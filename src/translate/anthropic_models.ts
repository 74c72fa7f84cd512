/** What a model of Anthropic's takes and refuses. */
export interface AnthropicModel {
  /** Whether these are facts; else they are guesses, and a caller's own numbers are not touched. */
  readonly isKnown: boolean;
  /** The largest `max_tokens`, which stands in where a caller names none. */
  readonly maxOutputTokens: number;
  /** How it is asked to think: not at all, by a budget of tokens, adaptively, or in either way. */
  readonly thinking: "never" | "budget" | "either" | "adaptive";
  /** Whether it thinks when nobody asks. */
  readonly thinksUnasked: boolean;
  readonly canStopThinking: boolean;
  /** Whether `tool_choice` may be `any` or `tool`. */
  readonly canForceTools: boolean;
  /** Whether the effort `xhigh` is known. */
  readonly hasXhigh: boolean;
  /** Which of temperature and top_p it takes: both together, one of them, none. */
  readonly sampling: "both" | "one" | "none";
  /** Whether it takes `output_config.format` and strict tools. */
  readonly hasSchemas: boolean;
}

const LATEST: AnthropicModel = {
  isKnown: true,
  maxOutputTokens: 128_000,
  thinking: "adaptive",
  thinksUnasked: true,
  canStopThinking: true,
  canForceTools: true,
  hasXhigh: true,
  sampling: "none",
  hasSchemas: true,
};

const FOUR_FIVE: AnthropicModel = {
  ...LATEST,
  maxOutputTokens: 64_000,
  thinking: "budget",
  thinksUnasked: false,
  hasXhigh: false,
  sampling: "one",
};

const EARLY_FOUR: AnthropicModel = { ...FOUR_FIVE, sampling: "both", hasSchemas: false };

/** Other makers' models behind Anthropic's protocol: nothing is known, so nothing is taken away. */
const FOREIGN: AnthropicModel = { ...EARLY_FOUR, isKnown: false, maxOutputTokens: 8192 };

/**
 * What a model takes, by the generation in its name, also as other clouds write it (`anthropic/claude-opus-4.6`,
 * `claude-sonnet-4-5@20250929`). A generation that is not known yet is taken for the latest.
 * Sources: https://platform.claude.com/docs/en/about-claude/models/overview (max output),
 * https://platform.claude.com/docs/en/build-with-claude/adaptive-thinking (budgets are refused from Opus 4.7 on),
 * https://platform.claude.com/docs/en/build-with-claude/structured-outputs, and for what the newest refuse
 * the model catalog of npm:@ai-sdk/anthropic 4.0.105.
 */
export function anthropicModel(name: string): AnthropicModel {
  const plain = name.toLowerCase().replaceAll(".", "-");
  const old = /claude-(?:v?[12]\b|instant|3(?:-(\d))?-(?:opus|sonnet|haiku))/.exec(plain);
  if (old !== null) return thirdGeneration(old[1]);
  const found = /claude-([a-z]+)-(\d{1,2})(?:-(\d{1,2}))?(?!\d)/.exec(plain);
  if (found === null) return plain.includes("claude-") ? { ...LATEST, isKnown: false } : FOREIGN;
  const [, family, major, minor] = found;
  const version = Number(major) * 10 + Number(minor ?? 0);
  if (version <= 40) return { ...EARLY_FOUR, ...maxOutputOf(family) };
  if (version === 41) return { ...FOUR_FIVE, ...maxOutputOf(family) };
  if (version <= 45) return FOUR_FIVE;
  if (version === 46) return { ...FOUR_FIVE, maxOutputTokens: 128_000, thinking: "either" };
  if (version < 50) return { ...LATEST, thinksUnasked: false };
  return { ...LATEST, ...limitsOf(family, version) };
}

function thirdGeneration(minor: string | undefined): AnthropicModel {
  if (minor === "7") return EARLY_FOUR;
  return { ...EARLY_FOUR, thinking: "never", maxOutputTokens: minor === "5" ? 8192 : 4096 };
}

function maxOutputOf(family: string | undefined): Pick<AnthropicModel, "maxOutputTokens"> {
  return { maxOutputTokens: family === "opus" ? 32_000 : 64_000 };
}

/** The fifth generation on: the large ones think always, and then cannot be made to call a tool. */
function limitsOf(
  family: string | undefined,
  version: number,
): Pick<AnthropicModel, "canStopThinking" | "canForceTools"> {
  if (family === "haiku") return { canStopThinking: true, canForceTools: true };
  if (family === "opus" || family === "sonnet") {
    return { canStopThinking: version < 55, canForceTools: version < 55 };
  }
  return { canStopThinking: false, canForceTools: version < 51 };
}
