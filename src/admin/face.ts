import type { Context } from "hono";
import type { Markup } from "../../views/markup.ts";

/** Whether a browser asks, and not a program: its `Accept` names HTML. `*` alone, as curl sends it, does not. */
export function wantsHtml(context: Context): boolean {
  return /\btext\/html\b/i.test(context.req.header("accept") ?? "");
}

/** Whether htmx asks, and for a part of the page at that. */
export function isPartial(context: Context): boolean {
  return context.req.header("hx-request") === "true" && context.req.header("hx-request-type") !== "full" &&
    context.req.header("hx-history-restore-request") !== "true";
}

/** What a page may load and do: nothing that is not ours, no script or style in the markup, no frame around it. */
export const PAGE_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
  "form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/** A whole page gets its doctype; a fragment goes as it is. */
export async function renderHtml(markup: Markup, status: number): Promise<Response> {
  const text = String(await markup);
  return new Response(text.startsWith("<html") ? `<!DOCTYPE html>${text}` : text, {
    status,
    headers: {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": PAGE_POLICY,
      // The two faces of a URL must not be mistaken for each other, whatever stands between.
      vary: "accept, hx-request, cookie",
    },
  });
}

/** Sends a browser on by GET, htmx by its own header. */
export function redirectTo(context: Context, to: string): Response {
  return context.req.header("hx-request") === "true"
    ? new Response(null, { status: 200, headers: { "hx-redirect": to } })
    : new Response(null, { status: 303, headers: { location: to } });
}
