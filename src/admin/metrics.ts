import { createHash, timingSafeEqual } from "node:crypto";
import type { Context } from "hono";
import denoConfig from "../../deno.json" with { type: "json" };
import { AppError } from "../errors.ts";
import type { PoolReading } from "../usage/metrics_text.ts";
import { authenticate } from "./authenticate.ts";
import type { UsageDeps } from "./usage_deps.ts";

/**
 * `GET /metrics` in Prometheus' text format, for `METRICS_TOKEN` as bearer or whoever may see the dashboard. It stands
 * apart from the route list, because that takes every bearer for an admin credential, and counts wrong ones.
 */
export function serveMetrics(deps: UsageDeps): (context: Context) => Promise<Response> {
  return async (context) => {
    if (!isScraper(context, deps) && await authenticate(deps, context, () => {}) === undefined) {
      throw new AppError("unauthorized", "Cannot show metrics: it needs METRICS_TOKEN or X-Admin-Key");
    }
    // Loaded with the first look at it: most installations have none.
    const { metricsText } = await import("../usage/metrics_text.ts");
    const { rss, heapUsed } = Deno.memoryUsage();
    const { text, type } = metricsText({
      usage: deps.usage.totals.usage(),
      latencies: deps.usage.totals.latencies(),
      recorder: deps.usage.recorder(),
      pools: poolReadings(deps),
      slugOf: (id) => id === "" ? "" : deps.live.findById(id)?.provider.slug ?? "(deleted)",
      startedMs: deps.process.startedMs,
      version: denoConfig.version,
      memory: { rss, heapUsed },
    });
    return new Response(text, { headers: { "content-type": type } });
  };
}

function poolReadings({ live, ticker }: UsageDeps): PoolReading[] {
  const nowMs = ticker.now();
  return live.list().map((each) => {
    const { total: _total, inFlight, ...states } = each.pool.counts();
    return {
      slug: each.provider.slug,
      states,
      inFlight,
      waiting: each.pool.waitingCount,
      isOpen: each.closedToCallsUntilMs(nowMs) !== undefined,
    };
  });
}

function isScraper(context: Context, { usage: { metricsToken } }: UsageDeps): boolean {
  const presented = /^bearer (.+)$/i.exec(context.req.header("authorization") ?? "")?.[1];
  if (metricsToken === undefined || presented === undefined) return false;
  // Of one length, and without telling how much of it is right.
  const hash = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(hash(presented), hash(metricsToken.reveal()));
}
