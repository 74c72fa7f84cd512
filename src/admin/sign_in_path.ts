import type { Context } from "hono";
import { isOwnerSetUp } from "../store/owner_store.ts";
import type { DashboardDeps } from "./dashboard_deps.ts";
import { ownPath } from "./own_path.ts";

/** Whether a person has still to choose the owner's password. */
export async function needsSetUp({ db, owner }: Pick<DashboardDeps, "db" | "owner">): Promise<boolean> {
  return !owner.isFromEnvironment && !await isOwnerSetUp(db);
}

/** Where somebody goes who is not signed in: to the first page ever, or to sign in and come back here. */
export async function signInPath(
  deps: Pick<DashboardDeps, "db" | "owner">,
  context: Context,
): Promise<string> {
  if (await needsSetUp(deps)) return "/admin/setup";
  const { pathname, search } = new URL(context.req.header("hx-current-url") ?? context.req.url);
  const next = context.req.method === "GET" ? ownPath(pathname + search, "/admin") : "/admin";
  return next === "/admin" ? "/admin/login" : `/admin/login?next=${encodeURIComponent(next)}`;
}
