import type { Context } from "hono";

/** Whether the browser speaks https with us: by the URL, or because a proxy in front does so under `PUBLIC_URL`. */
export function isSecureRequest(context: Context, publicUrl: string | undefined): boolean {
  const { protocol, host } = new URL(context.req.url);
  if (protocol === "https:") return true;
  if (publicUrl === undefined || !URL.canParse(publicUrl)) return false;
  const known = new URL(publicUrl);
  return known.protocol === "https:" && known.host === host;
}
