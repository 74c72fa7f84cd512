import type { Header } from "./http.ts";
import type { CredentialPlace, DialectName, Vendor } from "./provider.ts";

/** A provider that is known: what an operator would otherwise have to look up. */
export interface Preset {
  readonly slug: string;
  readonly name: string;
  readonly dialect: DialectName;
  readonly vendor: Vendor;
  readonly baseUrl: string;
  readonly credential: CredentialPlace;
  readonly headers: readonly Header[];
}

const openaiLike = (slug: string, name: string, baseUrl: string, vendor: Vendor = "other"): Preset => ({
  slug,
  name,
  dialect: "openai",
  vendor,
  baseUrl,
  credential: { kind: "bearer" },
  headers: [],
});

/** Base URLs as the providers' own documentation gives them for their OpenAI-compatible or native API. */
export const PRESETS: readonly Preset[] = [
  openaiLike("openai", "OpenAI", "https://api.openai.com/v1", "openai"),
  openaiLike("openrouter", "OpenRouter", "https://openrouter.ai/api/v1", "openrouter"),
  {
    slug: "gemini",
    name: "Google Gemini",
    dialect: "gemini",
    vendor: "gemini",
    baseUrl: "https://generativelanguage.googleapis.com/v1beta",
    credential: { kind: "header", name: "x-goog-api-key" },
    headers: [],
  },
  {
    slug: "anthropic",
    name: "Anthropic",
    dialect: "anthropic",
    vendor: "anthropic",
    baseUrl: "https://api.anthropic.com/v1",
    credential: { kind: "header", name: "x-api-key" },
    headers: [["anthropic-version", "2023-06-01"]],
  },
  openaiLike("deepseek", "DeepSeek", "https://api.deepseek.com/v1", "deepseek"),
  openaiLike("groq", "Groq", "https://api.groq.com/openai/v1", "groq"),
  openaiLike("mistral", "Mistral", "https://api.mistral.ai/v1", "mistral"),
  openaiLike("xai", "xAI", "https://api.x.ai/v1"),
  openaiLike("together", "Together AI", "https://api.together.xyz/v1"),
  openaiLike("siliconflow", "SiliconFlow", "https://api.siliconflow.cn/v1"),
  openaiLike("moonshot", "Moonshot AI", "https://api.moonshot.cn/v1"),
  openaiLike("dashscope", "Alibaba DashScope", "https://dashscope.aliyuncs.com/compatible-mode/v1"),
  openaiLike("zhipu", "Zhipu BigModel", "https://open.bigmodel.cn/api/paas/v4"),
  openaiLike("ollama", "Ollama (local)", "http://127.0.0.1:11434/v1"),
];

/** The preset of a slug, or `undefined`. */
export function findPreset(slug: string): Preset | undefined {
  return PRESETS.find((preset) => preset.slug === slug);
}

/** What a provider of a dialect needs when nothing more is known of it. */
export function dialectDefaults(dialect: DialectName): Pick<Preset, "vendor" | "credential" | "headers"> {
  const native = PRESETS.find((preset) => preset.slug === dialect);
  return {
    vendor: dialect === "anthropic" || dialect === "gemini" ? dialect : "other",
    credential: native?.credential ?? { kind: "bearer" },
    headers: native?.headers ?? [],
  };
}

const VENDOR_HOSTS: readonly (readonly [suffix: string, vendor: Vendor])[] = [
  ["api.openai.com", "openai"],
  ["openai.azure.com", "azure"],
  ["cognitiveservices.azure.com", "azure"],
  ["openrouter.ai", "openrouter"],
  ["api.deepseek.com", "deepseek"],
  ["api.groq.com", "groq"],
  ["api.mistral.ai", "mistral"],
  ["api.anthropic.com", "anthropic"],
  ["generativelanguage.googleapis.com", "gemini"],
];

/** Whose failures to expect at a host, or `undefined` when the host is not known. */
export function vendorOfHost(hostname: string): Vendor | undefined {
  return VENDOR_HOSTS.find(([suffix]) => hostname === suffix || hostname.endsWith(`.${suffix}`))?.[1];
}
