import type { Markup } from "./markup.ts";
import type { View } from "./view.ts";

/** The pages of statistics, beside each other. */
export function UsageTabs({ view }: { readonly view: View }): Markup {
  const { tabs, title } = view.messages.usage;
  const pages = [{ path: "/admin/usage", label: tabs.usage }, { path: "/admin/prices", label: tabs.prices }];
  return (
    <nav class="tabs" aria-label={title}>
      {pages.map(({ path, label }) => (
        <a href={path} aria-current={view.url.pathname === path ? "page" : undefined}>{label}</a>
      ))}
    </nav>
  );
}
