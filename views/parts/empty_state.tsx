import type { Child } from "hono/jsx";
import type { Markup } from "../markup.ts";

/** Nothing here yet, and what to do about it. */
export function EmptyState(
  { title, hint, children }: { readonly title: string; readonly hint?: string; readonly children?: Child },
): Markup {
  return (
    <div class="empty">
      <p class="empty-title">{title}</p>
      {hint !== undefined && <p class="muted">{hint}</p>}
      {children !== undefined && <div class="actions">{children}</div>}
    </div>
  );
}
