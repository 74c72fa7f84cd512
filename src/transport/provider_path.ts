import type { Provider } from "../core/provider.ts";
import { type Base, parseBaseUrl } from "./origin.ts";

/** Bases by provider: taken apart once a change, since a provider is replaced as a whole. */
const bases = new WeakMap<Provider, Base>();

/** Where a provider listens, and the path before all of its paths. @throws TypeError for a base URL that is none. */
export function baseOf(provider: Provider): Base {
  let base = bases.get(provider);
  if (base === undefined) {
    const { origin, prefix } = parseBaseUrl(provider.baseUrl);
    const { allowPrivateNetwork: allowsPrivate, allowPlainHttp: allowsPlain } = provider.policy;
    base = { origin: { ...origin, allowsPrivate, allowsPlain }, prefix };
    bases.set(provider, base);
  }
  return base;
}

/** What becomes of two different version segments that meet where a prefix and a path are joined. */
export type VersionRule = "keep_prefix" | "keep_rest" | "keep_both";

/** OpenAI's clients always say `/v1`, also to providers whose version has another name. */
export function versionRule(provider: Provider, isRaw: boolean): VersionRule {
  if (isRaw || provider.dialect === "rest") return "keep_both";
  return provider.dialect === "openai" ? "keep_prefix" : "keep_rest";
}

const VERSION = /^v\d+(?:alpha|beta)?\d*$/;

/**
 * Joins a provider's path prefix with the rest of a request's path. A version segment that stands on both
 * sides is written once: `/v1` + `/v1/chat` is `/v1/chat`. Two different ones follow the rule: with
 * `keep_prefix`, `/api/paas/v4` + `/v1/chat` is `/api/paas/v4/chat`.
 */
export function joinPath(prefix: string, rest: string, rule: VersionRule): string {
  const last = prefix.slice(prefix.lastIndexOf("/") + 1);
  const end = rest.indexOf("/", 1);
  const first = end === -1 ? rest.slice(1) : rest.slice(1, end);
  if (!VERSION.test(last) || !VERSION.test(first)) return prefix + rest;
  if (last === first || rule === "keep_prefix") return prefix + (end === -1 ? "" : rest.slice(end));
  return rule === "keep_both" ? prefix + rest : prefix.slice(0, prefix.length - last.length - 1) + rest;
}
