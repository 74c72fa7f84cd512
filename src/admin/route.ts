import type { Context } from "hono";
import type { z } from "zod";
import type { Principal } from "../core/principal.ts";
import type { Role } from "../core/role.ts";
import type { FormState } from "../../views/form_state.ts";
import type { Markup } from "../../views/markup.ts";
import type { Flash, View } from "../../views/view.ts";

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** What the audit keeps of an action beside who and when. Never a secret. */
export interface AuditNote {
  /** Who it was, where nobody is signed in. */
  readonly actor?: string;
  readonly target?: string;
  readonly detail?: Readonly<Record<string, unknown>>;
}

/** One request to an action, before its input is read. */
export interface Call {
  readonly context: Context;
  /** Who asks. Nobody is signed in only where the route's role is `anyone`. */
  readonly principal: Principal | undefined;
  /** The fields of a posted form, without ours (`_csrf` and the like); `undefined` for any other body. */
  readonly form: FormFields | undefined;
  /** For what is rendered: made when it is first asked for. */
  readonly view: () => View;
  /** Tells the audit more than the route's id, the path's parameters and the names of the fields that were sent. */
  readonly note: (note: AuditNote) => void;
  /** Leaves a message for the page that the browser sees next; `done` does so, too. */
  readonly flash: (flash: Flash) => void;
  /** Adds a `Set-Cookie` to whatever is answered (cookies.ts). */
  readonly setCookie: (text: string) => void;
  /** Where the caller is, as far as it is known: an IP address. */
  readonly address: string | undefined;
}

/** The values of each field, in the order of the form. */
export type FormFields = ReadonlyMap<string, readonly string[]>;

/** What an action works on. `params`, `query` and `body` have passed their schemas. */
export interface Input<P, Q, B> extends Call {
  readonly params: P;
  readonly query: Q;
  readonly body: B;
}

/** Where a browser goes after a change, and what it is told there. */
export interface Done {
  /** A path of ours. */
  readonly to: string;
  readonly flash?: string;
}

/**
 * One resource or change with its two faces. Programs get `answer` as JSON. A browser (`Accept: text/html`) gets
 * `page` for a GET; after a change it goes where `done` says, and a refused form comes back by `form` with what was
 * typed. htmx gets `fragment`, where there is one, in the place of `page` and `done`.
 */
export interface ActionSpec<P, Q, B, A> {
  readonly params?: z.ZodType<P>;
  readonly query?: z.ZodType<Q>;
  readonly body?: z.ZodType<B>;
  /** A request without a body reads as `{}`. */
  readonly isBodyOptional?: true;
  /** Schema of the JSON answer. What gives a whole `Response` has none, and says what it `produces`. */
  readonly answer?: z.ZodType<A>;
  readonly produces?: string;
  /** 200 unless told. */
  readonly status?: 200 | 201;
  readonly run: (input: Input<P, Q, B>) => NoInfer<A> | Response | Promise<NoInfer<A> | Response>;
  readonly page?: (answer: NoInfer<A>, input: Input<P, Q, B>) => Markup | Promise<Markup>;
  readonly fragment?: (answer: NoInfer<A>, input: Input<P, Q, B>) => Markup | Promise<Markup>;
  readonly done?: (answer: NoInfer<A>, input: Input<P, Q, B>) => Done;
  readonly form?: (form: FormState, input: Input<P, Q, undefined>) => Markup | Promise<Markup>;
}

/** Schemas of an action as the OpenAPI document shows them. */
export interface ActionSchemas {
  readonly params?: z.ZodType;
  readonly query?: z.ZodType;
  readonly body?: z.ZodType;
  readonly answer?: z.ZodType;
}

/** One entry of the route list. */
export interface Route {
  /** More than one where they mean the same. */
  readonly methods: readonly Method[];
  /** In Hono's form: `/admin/providers/:slug`. */
  readonly path: string;
  /** What the audit calls it, and the OpenAPI document's operationId: `provider.create`. */
  readonly id: string;
  /** The least role that may; `anyone` needs no sign-in. */
  readonly role: Role | "anyone";
  readonly summary: string;
  readonly action: Action;
}

/** An action with its types inside: it reads its input and answers in the face that is asked for. */
export interface Action {
  readonly schemas: ActionSchemas;
  readonly status: 200 | 201;
  /** Media types that it answers with. */
  readonly produces: readonly string[];
  readonly isBodyOptional: boolean;
  readonly respond: (call: Call) => Promise<Response>;
}
