import type { CacheHint } from "./chat_request.ts";

/** A fragment with the cache hint that a `cache_control` stands for, if there is one. */
export function readCache(
  control: { readonly ttl?: "5m" | "1h" | null | undefined } | null | undefined,
): { readonly cache?: CacheHint } {
  if (!control) return {};
  return { cache: control.ttl ? { ttl: control.ttl } : {} };
}

/** Source: https://platform.claude.com/docs/en/build-with-claude/prompt-caching */
export function writeCache(
  { cache }: { readonly cache?: CacheHint },
): { readonly cache_control?: Readonly<Record<string, unknown>> } {
  return cache === undefined ? {} : { cache_control: { type: "ephemeral", ...cache } };
}
