import { includesRole } from "../src/core/role.ts";
import type { Markup } from "./markup.ts";
import type { View } from "./view.ts";

/** The pages of the settings, above each of them. */
export function SettingsTabs({ view }: { readonly view: View }): Markup {
  const { settings, accounts } = view.messages;
  const isOwner = view.who !== undefined && includesRole(view.who.role, "owner");
  const tabs = [
    { path: "/admin/settings", label: settings.title },
    ...(isOwner
      ? [
        { path: "/admin/users", label: accounts.usersTitle },
        { path: "/admin/tokens", label: accounts.tokensTitle },
      ]
      : []),
    { path: "/admin/password", label: accounts.passwordTitle },
  ];
  return (
    <nav class="tabs" aria-label={settings.title}>
      {tabs.map(({ path, label }) => (
        <a href={path} aria-current={view.url.pathname === path ? "page" : undefined}>{label}</a>
      ))}
    </nav>
  );
}
