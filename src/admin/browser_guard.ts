import type { Context } from "hono";
import { AppError } from "../errors.ts";

export interface HostRules {
  /** `PUBLIC_URL`, if it is set. */
  readonly publicUrl: string | undefined;
  /** Whether nobody but this machine can reach the port, so that no other name can be meant. */
  readonly isLoopbackOnly: boolean;
}

/**
 * Refuses what another site makes a browser send. A link from elsewhere may open a page, because a link changes
 * nothing; programs send none of these headers.
 * @throws {AppError} `forbidden`
 */
export function refuseOtherSites(context: Context): void {
  const site = context.req.header("sec-fetch-site");
  const isOther = site !== undefined && site !== "same-origin" && site !== "none";
  if (isOther && !isLink(context)) throw otherSite();
  const origin = context.req.header("origin");
  const isChange = context.req.method !== "GET" && context.req.method !== "HEAD";
  // Where the browser is too old to say the site, its origin tells.
  if (isChange && site === undefined && origin !== undefined && hostOf(origin) !== hostOf(context.req.url)) {
    throw otherSite();
  }
}

/** Whether somebody has followed a link of another site: the cookie is not sent then, though there may be one. */
export function isLink(context: Context): boolean {
  const { req } = context;
  return req.method === "GET" && req.header("sec-fetch-mode") === "navigate" &&
    req.header("sec-fetch-dest") === "document" && req.header("x-admin-key") === undefined;
}

/**
 * Refuses pages under a name that is not ours: a name of a stranger's that leads here (DNS rebinding), or a `Host`
 * that is made up. An IP address cannot be rebound. Programs that send a credential of their own are not asked.
 * @throws {AppError} `forbidden`
 */
export function refuseOtherHosts(context: Context, rules: HostRules): void {
  const authorities = [new URL(context.req.url).host, context.req.header("host")];
  for (const authority of authorities) {
    if (authority !== undefined && !isOurHost(authority, rules)) {
      throw new AppError(
        "forbidden",
        "Cannot show the dashboard under this name: set PUBLIC_URL to the address that you open it by",
      );
    }
  }
}

function isOurHost(authority: string, { publicUrl, isLoopbackOnly }: HostRules): boolean {
  const name = authority.replace(/:\d+$/, "").toLowerCase();
  if (name === "localhost" || name.endsWith(".localhost")) return true;
  if (/^\d+(?:\.\d+){3}$/.test(name) || name.startsWith("[")) return true;
  // Without a public URL on an open port the names that lead here are not known.
  return publicUrl === undefined ? !isLoopbackOnly : hostOf(publicUrl)?.replace(/:\d+$/, "") === name;
}

function hostOf(url: string): string | undefined {
  return URL.canParse(url) ? new URL(url).host.toLowerCase() : undefined;
}

function otherSite(): AppError {
  return new AppError("forbidden", "Cannot serve this request: it comes from another site");
}
