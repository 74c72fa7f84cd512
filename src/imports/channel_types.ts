/** What a channel type of one-api and new-api is here. */
export interface ChannelKind {
  readonly name: string;
  /** Slug of the preset that it is. */
  readonly preset?: string;
  /** With the version, for what is no preset. */
  readonly baseUrl?: string;
  /** Its keys are no keys of ours: accounts, signed requests, several values in one. */
  readonly isForeign?: true;
}

/** The same numbers in both (github.com/songquanpeng/one-api, relay/channeltype/define.go and url.go). */
const COMMON: Readonly<Record<number, ChannelKind>> = {
  1: { name: "OpenAI", preset: "openai" },
  2: { name: "API2D", baseUrl: "https://oa.api2d.net/v1" },
  3: { name: "Azure" },
  5: { name: "OpenAI-SB", baseUrl: "https://api.openai-sb.com/v1" },
  6: { name: "OpenAIMax", baseUrl: "https://api.openaimax.com/v1" },
  7: { name: "OhMyGPT", baseUrl: "https://api.ohmygpt.com/v1" },
  8: { name: "Custom" },
  9: { name: "AILS", baseUrl: "https://api.caipacity.com/v1" },
  10: { name: "AI Proxy", baseUrl: "https://api.aiproxy.io/v1" },
  12: { name: "API2GPT", baseUrl: "https://api.api2gpt.com/v1" },
  13: { name: "AIGC2D", baseUrl: "https://api.aigc2d.com/v1" },
  14: { name: "Anthropic", preset: "anthropic" },
  15: { name: "Baidu", isForeign: true },
  16: { name: "Zhipu", preset: "zhipu" },
  17: { name: "Ali", preset: "dashscope" },
  18: { name: "Xunfei", isForeign: true },
  19: { name: "360", baseUrl: "https://ai.360.cn/v1" },
  20: { name: "OpenRouter", preset: "openrouter" },
  23: { name: "Tencent", isForeign: true },
  24: { name: "Gemini", preset: "gemini" },
  25: { name: "Moonshot", preset: "moonshot" },
  31: { name: "01.AI", baseUrl: "https://api.lingyiwanwu.com/v1" },
  33: { name: "AWS", isForeign: true },
};

/** From 26 on the two have gone their own ways. */
const ONE_API: Readonly<Record<number, ChannelKind>> = {
  26: { name: "Baichuan", baseUrl: "https://api.baichuan-ai.com/v1" },
  27: { name: "MiniMax", baseUrl: "https://api.minimax.chat/v1" },
  28: { name: "Mistral", preset: "mistral" },
  29: { name: "Groq", preset: "groq" },
  30: { name: "Ollama", preset: "ollama" },
  32: { name: "StepFun", baseUrl: "https://api.stepfun.com/v1" },
  34: { name: "Coze", isForeign: true },
  35: { name: "Cohere", baseUrl: "https://api.cohere.ai/compatibility/v1" },
  36: { name: "DeepSeek", preset: "deepseek" },
  37: { name: "Cloudflare", isForeign: true },
  38: { name: "DeepL", isForeign: true },
  39: { name: "Together AI", preset: "together" },
  40: { name: "Doubao", baseUrl: "https://ark.cn-beijing.volces.com/api/v3" },
  41: { name: "Novita", baseUrl: "https://api.novita.ai/v3/openai" },
  42: { name: "Vertex AI", isForeign: true },
  44: { name: "SiliconFlow", preset: "siliconflow" },
  45: { name: "xAI", preset: "xai" },
  46: { name: "Replicate", isForeign: true },
  47: { name: "Baidu V2", baseUrl: "https://qianfan.baidubce.com/v2" },
  48: { name: "Xunfei V2", baseUrl: "https://spark-api-open.xf-yun.com/v1" },
  49: { name: "Ali Bailian", preset: "dashscope" },
  51: { name: "Gemini (OpenAI)", baseUrl: "https://generativelanguage.googleapis.com/v1beta/openai" },
};

/** github.com/QuantumNous/new-api, constant/channel.go. */
const NEW_API: Readonly<Record<number, ChannelKind>> = {
  2: { name: "Midjourney", isForeign: true },
  4: { name: "Ollama", preset: "ollama" },
  // Zhipu's own dialect and the OpenAI-compatible one take the same keys.
  26: { name: "Zhipu V4", preset: "zhipu" },
  27: { name: "Perplexity", baseUrl: "https://api.perplexity.ai" },
  34: { name: "Cohere", baseUrl: "https://api.cohere.ai/compatibility/v1" },
  35: { name: "MiniMax", baseUrl: "https://api.minimax.chat/v1" },
  36: { name: "Suno", isForeign: true },
  37: { name: "Dify", isForeign: true },
  38: { name: "Jina", baseUrl: "https://api.jina.ai/v1" },
  39: { name: "Cloudflare", isForeign: true },
  40: { name: "SiliconFlow", preset: "siliconflow" },
  41: { name: "Vertex AI", isForeign: true },
  42: { name: "Mistral", preset: "mistral" },
  43: { name: "DeepSeek", preset: "deepseek" },
  45: { name: "Volcengine", baseUrl: "https://ark.cn-beijing.volces.com/api/v3" },
  46: { name: "Baidu V2", baseUrl: "https://qianfan.baidubce.com/v2" },
  48: { name: "xAI", preset: "xai" },
  49: { name: "Coze", isForeign: true },
  50: { name: "Kling", isForeign: true },
  51: { name: "Jimeng", isForeign: true },
  52: { name: "Vidu", isForeign: true },
  53: { name: "Submodel", baseUrl: "https://llm.submodel.ai/v1" },
  54: { name: "Doubao Video", isForeign: true },
  55: { name: "Sora", preset: "openai" },
  56: { name: "Replicate", isForeign: true },
  57: { name: "Codex", isForeign: true },
};

/** What a channel's type means, or `undefined` for a number that we do not know. */
export function channelKind(type: number, product: "new-api" | "one-api"): ChannelKind | undefined {
  return (product === "new-api" ? NEW_API : ONE_API)[type] ?? COMMON[type];
}
