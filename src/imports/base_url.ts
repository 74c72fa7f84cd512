import { PRESETS } from "../core/presets.ts";
import type { DialectName } from "../core/provider.ts";

/**
 * A base URL with its version, from one that may lack it: most products append `/v1/...` themselves, Keyturn's base
 * URLs have it (`https://api.openai.com/v1`). What names a version or a path of its own stays as it is.
 */
export function versionedBaseUrl(url: string, dialect: DialectName): string {
  const trimmed = url.trim().replace(/\/+$/, "");
  if (dialect === "rest" || !URL.canParse(trimmed)) return trimmed;
  const known = presetOfUrl(trimmed);
  if (known !== undefined && known.dialect === dialect) return known.baseUrl;
  const hasVersion = /\/v\d+(?:beta|alpha)?\d*(?:\/|$)/.test(new URL(trimmed).pathname);
  return hasVersion ? trimmed : `${trimmed}/${dialect === "gemini" ? "v1beta" : "v1"}`;
}

/** The known provider at the host of a URL, or `undefined`. A path of its own beyond the version makes it another. */
export function presetOfUrl(url: string) {
  if (!URL.canParse(url)) return undefined;
  const { host, pathname } = new URL(url);
  return PRESETS.find(({ baseUrl }) => {
    const own = new URL(baseUrl);
    if (own.host !== host) return false;
    const path = pathname.replace(/\/+$/, "");
    return path === "" || own.pathname === path || own.pathname.startsWith(`${path}/`);
  });
}
