import type { OverviewDeps } from "./overview_deps.ts";

/** What does not answer a chat. */
const NO_CHAT =
  /embed|whisper|tts|audio|image|imagen|veo|dall-e|moderation|rerank|realtime|transcri|aqa|guard/i;
/** What costs little, and is told apart by providers in these words. */
const SMALL = /mini|nano|flash|haiku|small|lite|free|8b|7b/i;

/** Models to begin with where a provider's list is not known (yet), by the slug of its preset. */
const USUAL: Readonly<Record<string, string>> = {
  openai: "gpt-4o-mini",
  anthropic: "claude-haiku-4-5",
  gemini: "gemini-2.5-flash",
  deepseek: "deepseek-chat",
  groq: "llama-3.1-8b-instant",
  mistral: "mistral-small-latest",
  openrouter: "openrouter/auto",
  moonshot: "moonshot-v1-8k",
  dashscope: "qwen-turbo",
  zhipu: "glm-4-flash",
  xai: "grok-3-mini",
};

/** A model that a first request may well ask for: small, for chats, of a provider that has a key ready. */
export function firstModel({ live, models }: Pick<OverviewDeps, "live" | "models">): string {
  const able = live.list().filter(({ provider, pool }) => provider.isEnabled && pool.counts().ready > 0);
  const offered = models.list([], () => true)
    .filter(({ id, providers }) => !NO_CHAT.test(id) && providers.some((each) => able.includes(each)));
  const found = offered.find(({ id }) => SMALL.test(id)) ?? offered[0];
  if (found !== undefined) return found.id;
  const usual = able.map(({ provider }) => USUAL[provider.slug]).find((model) => model !== undefined);
  return usual ?? "gpt-4o-mini";
}
