import type { MiddlewareHandler } from "hono";
import { AppError } from "../errors.ts";
import type { AdminDeps } from "./deps.ts";

/**
 * Lets only the owner through: `X-Admin-Key` or `Authorization: Bearer` with the admin password.
 * A request that a browser sends from another site is refused whatever it carries.
 */
export function requireAdmin(deps: Pick<AdminDeps, "password" | "ticker">): MiddlewareHandler {
  return async (context, next) => {
    const site = context.req.header("sec-fetch-site");
    if (site !== undefined && site !== "same-origin" && site !== "none") {
      throw new AppError("forbidden", "Cannot serve this request: it comes from another site");
    }
    const presented = context.req.header("x-admin-key") ?? bearer(context.req.header("authorization"));
    if (presented === undefined || presented === "") {
      throw new AppError("unauthorized", "Cannot serve this request: it needs X-Admin-Key");
    }
    switch (await deps.password.check(presented, deps.ticker.now())) {
      case "right":
        return await next();
      case "wrong":
        throw new AppError("unauthorized", "Cannot serve this request: the admin key is not valid");
      case "throttled":
        throw new AppError("rate_limited", "Cannot serve this request: too many wrong admin keys", {
          retryAfterSeconds: deps.password.waitSeconds(deps.ticker.now()),
        });
    }
  };
}

function bearer(authorization: string | undefined): string | undefined {
  return authorization !== undefined && /^bearer /i.test(authorization)
    ? authorization.slice(7).trim()
    : undefined;
}
