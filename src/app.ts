import { Hono } from "hono";
import { compress } from "hono/compress";
import type { AdminDeps } from "./admin/deps.ts";
import { answerError } from "./admin/error_answer.ts";
import { wantsHtml } from "./admin/face.ts";
import { mountRoutes, type RequestInfo } from "./admin/mount_routes.ts";
import { adminRoutes } from "./admin/routes.ts";
import { serveMetrics } from "./admin/metrics.ts";
import type { ImportDeps } from "./admin/import_deps.ts";
import type { KeyDeps } from "./admin/key_deps.ts";
import type { PlaygroundDeps } from "./admin/playground_deps.ts";
import type { OverviewDeps } from "./admin/overview_deps.ts";
import type { UsageDeps } from "./admin/usage_deps.ts";
import { serveStatic } from "./admin/static_files.ts";
import { toResponse } from "./proxy/answer.ts";
import { callerAddress } from "./proxy/caller_address.ts";
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
export function createApp(
  relayDeps: RelayDeps,
  adminDeps: AdminDeps | UsageDeps | ImportDeps | KeyDeps | OverviewDeps | PlaygroundDeps,
): App {
  const relay = createRelay(relayDeps);
  const pages = createPages(adminDeps);
  const serve: Serve = (request, info) => {
    if (!isProxyPath(splitUrl(request.url).path)) {
      const address = callerAddress(fromRequest(request, info), relayDeps.trustedProxies);
      return pages.fetch(withMethod(request), address === undefined ? {} : { address });
    }
    if (isRealtime(request)) return relayRealtime(request, info, relayDeps);
    return relay(fromRequest(request, info)).then(toResponse);
  };
  return { serve, relay };
}

function createPages(
  deps: AdminDeps | UsageDeps | ImportDeps | KeyDeps | OverviewDeps | PlaygroundDeps,
): Hono<{ Bindings: RequestInfo }> {
  const app = new Hono<{ Bindings: RequestInfo }>();
  app.use(compress());
  app.use(async (context, next) => {
    await next();
    context.header("x-content-type-options", "nosniff");
    context.header("x-frame-options", "DENY");
    context.header("referrer-policy", "same-origin");
    const { headers } = context.res;
    // Pages bring their own.
    if (!headers.has("content-security-policy")) {
      context.header("content-security-policy", "default-src 'none'; frame-ancestors 'none'");
    }
    if (!headers.has("cache-control")) context.header("cache-control", "no-store");
  });
  app.get("/static/:hash/:path{.+}", serveStatic(deps.assets));
  app.get("/", (context, next) => wantsHtml(context) ? Promise.resolve(context.redirect("/admin")) : next());
  if ("usage" in deps) app.get("/metrics", serveMetrics(deps));
  mountRoutes(app, adminRoutes(deps), deps);
  app.notFound((context) =>
    context.json({ error: { code: "not_found", message: "Cannot find this path" } }, 404)
  );
  app.onError(answerError(deps.log));
  return app;
}

const METHODS_OF_FORMS: ReadonlySet<string> = new Set(["PUT", "PATCH", "DELETE"]);

/** A form can only post: `?_method=DELETE` says what it means. Whoever may post it from elsewhere is refused later. */
function withMethod(request: Request): Request {
  if (request.method !== "POST" || !request.url.includes("_method=")) return request;
  const method = new URL(request.url).searchParams.get("_method") ?? "";
  return METHODS_OF_FORMS.has(method) ? new Request(request, { method }) : request;
}
