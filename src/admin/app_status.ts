import { z } from "zod";
import denoConfig from "../../deno.json" with { type: "json" };
import { listInstances } from "../store/instance_store.ts";
import { countRequests } from "../store/request_log_store.ts";
import { schemaVersion } from "../store/migrations.ts";
import { AppStatusPage } from "../../views/app_status.tsx";
import { action } from "./action.ts";
import type { UsageDeps } from "./usage_deps.ts";

const setting = z.union([z.string(), z.number(), z.boolean()]).nullable();

const statusAnswer = z.object({
  version: z.string(),
  deno: z.string(),
  startedAt: z.string(),
  uptimeSeconds: z.number(),
  isDraining: z.boolean(),
  memory: z.object({ rss: z.number(), heapTotal: z.number(), heapUsed: z.number(), external: z.number() }),
  schemaVersion: z.number(),
  providers: z.number(),
  providerKeys: z.number(),
  clientKeys: z.number(),
  loggedRequests: z.number(),
  recorder: z.object({
    waitingCounts: z.number(),
    waitingRequests: z.number(),
    droppedRequests: z.number(),
    failedFlushes: z.number(),
    longestWriteMs: z.number(),
  }),
  instances: z.array(z.object({
    id: z.string(),
    version: z.string(),
    startedMs: z.number(),
    seenMs: z.number(),
    isThis: z.boolean(),
  })),
  jobs: z.array(z.object({
    name: z.string(),
    isRunning: z.boolean(),
    lastStartedMs: z.number().nullable(),
    lastDurationMs: z.number().nullable(),
    failuresInRow: z.number(),
    dueMs: z.number(),
  })),
  settings: z.record(z.string(), setting),
});

/** `GET /admin/app-status`: how the process does, and its settings without secrets. */
export function showAppStatus(deps: UsageDeps) {
  return action({
    answer: statusAnswer,
    run: async () => {
      const { startedMs, isDraining, settings } = deps.process;
      const { rss, heapTotal, heapUsed, external } = Deno.memoryUsage();
      const providers = deps.live.list();
      return {
        version: denoConfig.version,
        deno: Deno.version.deno,
        startedAt: new Date(startedMs).toISOString(),
        uptimeSeconds: Math.floor((deps.ticker.now() - startedMs) / 1000),
        isDraining: isDraining(),
        memory: { rss, heapTotal, heapUsed, external },
        schemaVersion: await schemaVersion(deps.db),
        providers: providers.length,
        providerKeys: providers.reduce((sum, { pool }) => sum + pool.counts().total, 0),
        clientKeys: deps.clientKeys.list().length,
        loggedRequests: await countRequests(deps.db),
        recorder: { ...deps.usage.recorder() },
        instances: await instancesOf(deps, denoConfig.version),
        jobs: deps.process.jobs().map((job) => ({
          ...job,
          lastStartedMs: job.lastStartedMs ?? null,
          lastDurationMs: job.lastDurationMs ?? null,
        })),
        settings: { ...settings },
      };
    },
    page: (status, { view }) => AppStatusPage({ view: view(), status }),
  });
}

/** This one is always among them, also before it has told the others. */
async function instancesOf({ kv, ticker, process }: UsageDeps, version: string) {
  const nowMs = ticker.now();
  const others = (await listInstances(kv, nowMs)).filter(({ id }) => id !== process.instance);
  const self = { id: process.instance, version, startedMs: process.startedMs, seenMs: nowMs, isThis: true };
  return [self, ...others.map((each) => ({ ...each, isThis: false }))];
}

/** `GET /healthz`, open to everyone: the process lives. */
export function showLiveness() {
  return action({ answer: z.object({ status: z.literal("ok") }), run: () => ({ status: "ok" as const }) });
}

const readinessAnswer = z.object({
  status: z.enum(["ready", "not_ready"]),
  checks: z.record(z.string(), z.boolean()),
});

/** How long a store may take to answer. */
const PATIENCE_MS = 2_000;

/**
 * `GET /readyz`, open to everyone: 200 when requests may be sent here, else 503. The stores answer, providers are in
 * memory (which they are before the port is opened), and the program does not stop.
 */
export function showReadiness(deps: UsageDeps) {
  return action({
    answer: readinessAnswer,
    run: async () => {
      const [database, kv] = await Promise.all([
        answers(() => deps.db.read("SELECT 1")),
        answers(() => deps.kv.get(["ready"])),
      ]);
      const checks = { database, kv, accepting: !deps.process.isDraining() };
      const isReady = Object.values(checks).every((isGood) => isGood);
      const body = { status: isReady ? "ready" as const : "not_ready" as const, checks };
      return isReady ? body : Response.json(body, { status: 503 });
    },
  });
}

async function answers(ask: () => Promise<unknown>): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<boolean>((resolve) => timer = setTimeout(() => resolve(false), PATIENCE_MS));
  try {
    return await Promise.race([ask().then(() => true, () => false), late]);
  } finally {
    clearTimeout(timer);
  }
}
