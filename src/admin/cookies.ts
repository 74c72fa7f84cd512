import type { Context } from "hono";
import { generateCookie, getCookie } from "hono/cookie";

/** How a cookie travels: over https under a name that only this host can set, over http (localhost) under a plain one. */
export interface CookieOptions {
  readonly isSecure: boolean;
  /** `undefined` lasts as long as the browser. */
  readonly maxAgeMs?: number;
}

/** The text of a `Set-Cookie` header: never readable by a script, never sent from another site. */
export function cookieText(name: string, value: string, { isSecure, maxAgeMs }: CookieOptions): string {
  return generateCookie(cookieName(name, isSecure), value, {
    path: "/",
    httpOnly: true,
    sameSite: "Strict",
    secure: isSecure,
    ...(maxAgeMs !== undefined && { maxAge: Math.floor(maxAgeMs / 1000) }),
  });
}

/** The `Set-Cookie` that takes a cookie away. */
export function dropCookieText(name: string, isSecure: boolean): string {
  return cookieText(name, "", { isSecure, maxAgeMs: 0 });
}

export function readCookie(context: Context, name: string, isSecure: boolean): string | undefined {
  return getCookie(context, cookieName(name, isSecure)) || undefined;
}

function cookieName(name: string, isSecure: boolean): string {
  return `${isSecure ? "__Host-" : ""}keyturn_${name}`;
}
