import type { Messages } from "./messages.ts";

/** A page in the navigation. */
export interface NavigationLink {
  readonly path: string;
  readonly label: (messages: Messages) => string;
  /** After `g`, this letter goes there. */
  readonly go: string;
}

/** The pages, in the order of the questions that they answer. */
export const NAVIGATION: readonly {
  readonly section: keyof Messages["layout"]["sections"];
  readonly links: readonly NavigationLink[];
}[] = [
  {
    section: "watch",
    links: [
      { path: "/admin", label: ({ overview }) => overview.title, go: "o" },
      { path: "/admin/requests", label: ({ requests }) => requests.title, go: "r" },
      { path: "/admin/usage", label: ({ usage }) => usage.title, go: "u" },
    ],
  },
  {
    section: "pool",
    links: [
      { path: "/admin/providers", label: ({ providers }) => providers.title, go: "p" },
      { path: "/admin/keys", label: ({ keys }) => keys.title, go: "k" },
      { path: "/admin/imports", label: ({ importKeys }) => importKeys.title, go: "i" },
      { path: "/admin/groups", label: ({ groups }) => groups.title, go: "g" },
      { path: "/admin/aliases", label: ({ aliases }) => aliases.title, go: "m" },
    ],
  },
  {
    section: "access",
    links: [
      { path: "/admin/client-keys", label: ({ clientKeys }) => clientKeys.title, go: "c" },
      { path: "/admin/playground", label: ({ playground }) => playground.title, go: "y" },
    ],
  },
  {
    section: "system",
    links: [
      { path: "/admin/settings", label: ({ settings }) => settings.title, go: "s" },
      { path: "/admin/app-status", label: ({ appStatus }) => appStatus.title, go: "t" },
      { path: "/admin/audit", label: ({ audit }) => audit.title, go: "a" },
    ],
  },
];
