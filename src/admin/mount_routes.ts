import type { Context, Hono } from "hono";
import { isKeyedMark } from "../access/keyed_mark.ts";
import type { Principal } from "../core/principal.ts";
import { includesRole } from "../core/role.ts";
import { AppError } from "../errors.ts";
import type { Flash } from "../../views/view.ts";
import { ErrorPage } from "../../views/error_page.tsx";
import { audit } from "./audit.ts";
import { authenticate } from "./authenticate.ts";
import { isLink, refuseOtherHosts, refuseOtherSites } from "./browser_guard.ts";
import { readCookie } from "./cookies.ts";
import type { AdminDeps } from "./deps.ts";
import { adminError, logFault } from "./error_answer.ts";
import { isPartial, redirectTo, renderHtml, wantsHtml } from "./face.ts";
import { readForm } from "./json_body.ts";
import { createView } from "./page_view.ts";
import { dropFlashText, flashText } from "./preferences.ts";
import type { AuditNote, Call, FormFields, Route } from "./route.ts";
import { isSecureRequest } from "./secure_request.ts";
import { signInPath } from "./sign_in_path.ts";

/** What the server tells of a connection. */
export interface RequestInfo {
  /** The caller's address, proxies in front that are trusted left out. */
  readonly address?: string;
}

/** Mounts the route list: everything that is the same for every route happens here, once. */
export function mountRoutes(
  app: Hono<{ Bindings: RequestInfo }>,
  routes: readonly Route[],
  deps: AdminDeps,
): void {
  for (const route of routes) {
    app.on([...route.methods], route.path, (context) => serve(deps, route, context, context.env?.address));
  }
  app.all("/admin/*", (context) => serve(deps, NOWHERE, context, context.env?.address));
}

/** Whoever is not signed in learns nothing of which paths there are. */
const NOWHERE: Pick<Route, "role" | "action" | "id"> = {
  role: "viewer",
  id: "none",
  action: {
    schemas: {},
    status: 200,
    produces: [],
    isBodyOptional: false,
    respond: () => Promise.reject(new AppError("not_found", "Cannot find this path")),
  },
};

/** A form of somebody who is not signed in: a name, a password, a choice. */
const MAX_STRANGERS_FORM_BYTES = 64 * 1024;

async function serve(
  deps: AdminDeps,
  route: Pick<Route, "role" | "action" | "id">,
  context: Context,
  address: string | undefined,
): Promise<Response> {
  const cookies: string[] = [];
  let noted: AuditNote = {};
  const setCookie = (text: string) => void cookies.push(text);
  const isSecure = isSecureRequest(context, deps.publicUrl);
  let principal: Principal | undefined;
  let response: Response;
  try {
    refuseOtherSites(context);
    principal = await authenticate(deps, context, setCookie);
    if (isBrowsers(context, route.role, principal)) refuseOtherHosts(context, deps);
    const stop = await stopStranger(deps, route, context, principal);
    if (stop !== undefined) return stop;
    const isChange = context.req.method !== "GET" && context.req.method !== "HEAD";
    const posted = isChange
      ? await readForm(context, principal === undefined ? MAX_STRANGERS_FORM_BYTES : undefined)
      : undefined;
    if (isChange && principal?.sessionId !== undefined) checkMark(deps, context, principal.sessionId, posted);
    // What was changed through another instance a moment ago must show: a balancer sends a person to either.
    if (principal !== undefined) await deps.catchUp();
    const call: Call = {
      context,
      principal,
      address,
      form: posted === undefined ? undefined : withoutOurs(posted),
      view: () => createView(deps, context, principal),
      note: (note) => {
        noted = { ...noted, ...note };
      },
      flash: (flash: Flash) => setCookie(flashText(flash, isSecure)),
      setCookie,
    };
    response = await route.action.respond(call);
    const isChanged = isChange && route.role !== "anyone" && response.status < 400;
    // A reveal changes nothing, and a sign-in comes from nobody yet: these name their target themselves.
    if (isChanged || noted.target !== undefined) await audit(deps, route.id, call, noted);
  } catch (thrown) {
    if (!wantsHtml(context)) throw thrown;
    response = await errorPage(deps, context, principal, thrown);
  }
  if (isShown(context, response) && readCookie(context, "flash", isSecure) !== undefined) {
    response.headers.append("set-cookie", dropFlashText(isSecure));
  }
  for (const text of cookies) response.headers.append("set-cookie", text);
  return response;
}

/** Whether a browser may have been led here: programs bring a credential that no browser adds by itself. */
function isBrowsers(context: Context, role: Route["role"], principal: Principal | undefined): boolean {
  if (principal !== undefined) return principal.by === "session";
  return wantsHtml(context) || (role === "anyone" && context.req.method !== "GET");
}

/** Sends people to the page where they sign in, and tells programs what is missing. */
async function stopStranger(
  deps: AdminDeps,
  { role }: Pick<Route, "role">,
  context: Context,
  principal: Principal | undefined,
): Promise<Response | undefined> {
  if (role === "anyone") return undefined;
  if (principal !== undefined) {
    if (includesRole(principal.role, role)) return undefined;
    throw new AppError("forbidden", `Cannot do this: it takes the role ${role}`);
  }
  if (!wantsHtml(context)) {
    throw new AppError("unauthorized", "Cannot serve this request: it needs X-Admin-Key");
  }
  // After a link of another site the cookie may only have been held back: one more request of our own tells.
  const { pathname, search } = new URL(context.req.url);
  if (isLink(context) && context.req.header("sec-fetch-site") === "cross-site") {
    return new Response(null, { status: 200, headers: { refresh: `0;url=${pathname}${search}` } });
  }
  return redirectTo(context, await signInPath(deps, context));
}

function checkMark(
  { markKeys }: AdminDeps,
  context: Context,
  sessionId: string,
  posted: FormFields | undefined,
): void {
  const presented = context.req.header("x-csrf-token") ?? posted?.get("_csrf")?.at(-1) ?? "";
  if (!isKeyedMark(markKeys.csrf, sessionId, presented)) {
    throw new AppError(
      "forbidden",
      "Cannot take this form: it is not from this session, load the page again",
    );
  }
}

/** Names that begin with an underscore are ours: `_csrf`, `_method`. */
function withoutOurs(form: FormFields): FormFields {
  return new Map([...form].filter(([name]) => !name.startsWith("_")));
}

async function errorPage(
  deps: AdminDeps,
  context: Context,
  principal: Principal | undefined,
  thrown: unknown,
): Promise<Response> {
  const error = adminError(thrown);
  logFault(deps.log, context, error);
  const view = createView(deps, context, principal);
  const fragment = isPartial(context);
  const html = await renderHtml(
    ErrorPage({ view, status: error.status, message: error.message, isFragment: fragment }),
    error.status,
  );
  if (error.retryAfterSeconds !== undefined) {
    html.headers.set("retry-after", String(error.retryAfterSeconds));
  }
  // A fragment that failed must not take the place of what it was asked for.
  if (fragment) {
    html.headers.set("hx-retarget", "#flash");
    html.headers.set("hx-reswap", "innerHTML");
  }
  return html;
}

function isShown(context: Context, response: Response): boolean {
  return !isPartial(context) && (response.headers.get("content-type") ?? "").startsWith("text/html");
}
