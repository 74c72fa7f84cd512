interface KeyShape {
  readonly pattern: RegExp;
  /** Slugs of presets. */
  readonly presets: readonly string[];
}

/**
 * How the keys of known providers look; the first shape that fits decides. Sources: the providers' own examples and
 * gitleaks' rules (github.com/gitleaks/gitleaks, config/gitleaks.toml). Where several providers give out keys of one
 * shape, all of them stand.
 */
const SHAPES: readonly KeyShape[] = [
  { pattern: /^sk-ant-/, presets: ["anthropic"] },
  { pattern: /^sk-or-/, presets: ["openrouter"] },
  { pattern: /^sk-(?:proj|svcacct|admin|None)-/, presets: ["openai"] },
  // Every other key of OpenAI has "OpenAI" in base64 in its middle.
  { pattern: /^sk-.*T3BlbkFJ/, presets: ["openai"] },
  { pattern: /^(?:AIza[\w-]{35}$|AQ\.)/, presets: ["gemini"] },
  { pattern: /^gsk_/, presets: ["groq"] },
  { pattern: /^xai-/, presets: ["xai"] },
  { pattern: /^tgp_v1_/, presets: ["together"] },
  { pattern: /^[0-9a-f]{32}\.\w{16}$/, presets: ["zhipu"] },
  { pattern: /^sk-[0-9a-f]{32}$/, presets: ["deepseek", "dashscope"] },
  { pattern: /^sk-[a-z]{48}$/, presets: ["siliconflow"] },
  { pattern: /^sk-[A-Za-z0-9]{48}$/, presets: ["moonshot", "siliconflow", "openai"] },
  { pattern: /^sk-/, presets: ["openai", "deepseek", "moonshot", "siliconflow", "dashscope"] },
  { pattern: /^[0-9a-f]{64}$/, presets: ["together"] },
  { pattern: /^[A-Za-z0-9]{32}$/, presets: ["mistral"] },
];

/** Slugs of the presets whose keys look like this one, the likeliest first; none when the shape says nothing. */
export function presetsOfKey(key: string): readonly string[] {
  return SHAPES.find(({ pattern }) => pattern.test(key))?.presets ?? [];
}
