import { Hono } from "hono";
import type { AdminDeps } from "./admin/deps.ts";
import { answerError } from "./admin/error_answer.ts";
import { adminRoutes } from "./admin/routes.ts";
import { toResponse } from "./proxy/answer.ts";
import { type ConnectionInfo, fromRequest } from "./proxy/incoming.ts";
import { splitUrl } from "./proxy/path.ts";
import { isRealtime, relayRealtime } from "./proxy/realtime.ts";
import type { RelayDeps } from "./proxy/plan_request.ts";
import { createRelay, type Relay } from "./proxy/relay.ts";

/** Answers one HTTP request; never rejects. Without `info` the caller's address is not known. */
export type Serve = (request: Request, info?: ConnectionInfo) => Response | Promise<Response>;

/** What the proxy serves. The prefixes stand first and apart, because they are nearly all of the traffic. */
const PROXY_PREFIX = /^\/(?:v1|v1beta|llm|proxy|api)\//;

export interface App {
  readonly serve: Serve;
  /** What `serve` does for the paths of the proxy, for a front that needs no `Request`. */
  readonly relay: Relay;
}

/** Whether a request of this path is the proxy's. */
export function isProxyPath(path: string): boolean {
  return PROXY_PREFIX.test(path);
}

/** Every mount, in request order: the proxy, without a middleware in its way; then the admin API. */
export function createApp(relayDeps: RelayDeps, adminDeps: AdminDeps): App {
  const relay = createRelay(relayDeps);
  const pages = createPages(adminDeps);
  const serve: Serve = (request, info) => {
    if (!isProxyPath(splitUrl(request.url).path)) return pages.fetch(request);
    if (isRealtime(request)) return relayRealtime(request, info, relayDeps);
    return relay(fromRequest(request, info)).then(toResponse);
  };
  return { serve, relay };
}

function createPages(deps: AdminDeps): Hono {
  const app = new Hono();
  app.use(async (context, next) => {
    await next();
    context.header("x-content-type-options", "nosniff");
    context.header("content-security-policy", "default-src 'none'; frame-ancestors 'none'");
    context.header("cache-control", "no-store");
  });
  app.route("/", adminRoutes(deps));
  app.notFound((context) =>
    context.json({ error: { code: "not_found", message: "Cannot find this path" } }, 404)
  );
  app.onError(answerError(deps.log));
  return app;
}
