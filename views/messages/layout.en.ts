/** What stands around every page. */
export const layoutEn = {
  product: "Keyturn",
  skip: "Skip to content",
  navigation: "Main navigation",
  menu: "Menu",
  sections: { watch: "Watch", pool: "Pool", access: "Access", system: "System" },
  theme: "Theme",
  themes: { auto: "System", light: "Light", dark: "Dark" },
  language: "Language",
  signedInAs: (name: string, role: string) => `Signed in as ${name} (${role})`,
  signOut: "Sign out",
  apply: "Apply",
  roles: { viewer: "viewer", operator: "operator", owner: "owner" },
  shortcuts: "Keyboard shortcuts",
  shortcutHelp: {
    search: "Go to the filter",
    go: "Go to a page",
    help: "Show this help",
    close: "Close",
  },
  live: "Live",
  offline: "Connection lost, trying again",
};

export type LayoutMessages = typeof layoutEn;
