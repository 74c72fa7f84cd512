import type { JSX } from "hono/jsx/jsx-runtime";

/** What a component gives: text that is escaped already. There is no other way to make it than JSX. */
export type Markup = JSX.Element;
