import { findPreset } from "../core/presets.ts";

/** Names under which providers go in variables and in other products, with the slug of the preset that they are. */
const NAMES: Readonly<Record<string, string>> = {
  openai: "openai",
  openai_compatible: "openai",
  chatgpt: "openai",
  openrouter: "openrouter",
  anthropic: "anthropic",
  anthropic_native: "anthropic",
  claude: "anthropic",
  gemini: "gemini",
  gemini_native: "gemini",
  google: "gemini",
  google_ai: "gemini",
  google_genai: "gemini",
  google_generative_ai: "gemini",
  generative_language: "gemini",
  deepseek: "deepseek",
  groq: "groq",
  mistral: "mistral",
  mistralai: "mistral",
  xai: "xai",
  grok: "xai",
  together: "together",
  together_ai: "together",
  togetherai: "together",
  siliconflow: "siliconflow",
  silicon: "siliconflow",
  moonshot: "moonshot",
  moonshotai: "moonshot",
  kimi: "moonshot",
  dashscope: "dashscope",
  qwen: "dashscope",
  aliyun: "dashscope",
  alibaba: "dashscope",
  bailian: "dashscope",
  zhipu: "zhipu",
  zhipuai: "zhipu",
  bigmodel: "zhipu",
  glm: "zhipu",
  ollama: "ollama",
};

/** The slug of the preset that goes by this name, or `undefined`. */
export function presetNamed(name: string): string | undefined {
  const plain = name.trim().toLowerCase().replaceAll(/[\s.-]+/g, "_");
  const slug = Object.hasOwn(NAMES, plain) ? NAMES[plain] : findPreset(name.trim().toLowerCase())?.slug;
  return slug === undefined ? undefined : findPreset(slug)?.slug;
}
