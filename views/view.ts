import type { Role } from "../src/core/role.ts";
import type { Format } from "./format.ts";
import type { Language, Messages } from "./messages.ts";

export const THEMES = ["auto", "light", "dark"] as const;
/** `auto` follows the system. */
export type Theme = typeof THEMES[number];

/** A message that is shown once, on the page that comes after an action. */
export interface Flash {
  readonly kind: "done" | "fault";
  readonly text: string;
}

/** What every component may need to know of the request that it is rendered for. */
export interface View {
  readonly language: Language;
  readonly messages: Messages;
  readonly format: Format;
  readonly theme: Theme;
  /** Who is signed in; `undefined` on the pages before that. */
  readonly who: { readonly name: string; readonly role: Role } | undefined;
  /** Goes with every form (`<Form>` adds it); "" while nobody is signed in. */
  readonly csrf: string;
  /** Of this page. Filters and pages of lists are changes of it. */
  readonly url: URL;
  /** How callers reach the server, without a slash at its end: for snippets. */
  readonly origin: string;
  readonly nowMs: number;
  readonly flash: Flash | undefined;
  /** The URL of a file of `static/`, with its content hash. */
  readonly asset: (path: string) => string;
}
