import { z } from "zod";
import { OverviewPage } from "../../views/overview.tsx";
import { AttentionList } from "../../views/overview_attention.tsx";
import { Figures } from "../../views/overview_figures.tsx";
import { CapacityTable, Health } from "../../views/overview_health.tsx";
import { Steps } from "../../views/first_run_steps.tsx";
import { Running } from "../../views/overview_running.tsx";
import {
  ATTENTION_KINDS,
  FAILURE_SCOPES,
  type FiguresShown,
  type OverviewShown,
  RANGE_NAMES,
  type RangeName,
} from "../../views/overview_shown.ts";
import type { View } from "../../views/view.ts";
import { action } from "./action.ts";
import type { LivePart } from "./live_events.ts";
import { attentionOf, unpricedOf } from "./overview_attention.ts";
import { capacityOf, healthOf } from "./overview_capacity.ts";
import type { OverviewDeps } from "./overview_deps.ts";
import { OverviewFigures } from "./overview_figures.ts";
import { countsAnswer } from "./provider_answer.ts";
import type { Call } from "./route.ts";
import { runningAnswer, runningOf } from "./running_requests.ts";
import { isSecureRequest } from "./secure_request.ts";

const int = z.number().int();
const maybe = z.number().nullable();

const capacityAnswer = z.object({
  slug: z.string(),
  name: z.string(),
  isEnabled: z.boolean(),
  counts: countsAnswer,
  busy: int,
  modelRests: z.array(z.object({ model: z.string(), keys: int, nextReadyMs: z.number() })).readonly(),
  nextReadyMs: maybe,
  downUntilMs: maybe,
});

const quantiles = z.object({ p50: z.number(), p95: z.number(), count: int }).nullable();

const topAnswer = z.object({
  id: z.string(),
  name: z.string().nullable(),
  requests: int,
  succeeded: int,
  tokens: int,
  costNanoDollars: z.number(),
  unpriced: int,
});

const figuresAnswer = z.object({
  fromMs: z.number(),
  toMs: z.number(),
  requests: int,
  succeeded: int,
  refused: int,
  clientGone: int,
  attempts: int,
  failures: int,
  firstToken: quantiles,
  duration: quantiles,
  columns: z.array(z.object({
    startMs: z.number(),
    endMs: z.number(),
    requests: int,
    succeeded: int,
    failures: z.record(z.enum(FAILURE_SCOPES), int),
  })).readonly(),
  models: z.array(topAnswer).readonly(),
  clientKeys: z.array(topAnswer).readonly(),
  cost: z.object({
    todayNanoDollars: z.number(),
    monthNanoDollars: z.number(),
    metered: int,
    unpriced: int,
    estimatedNanoDollars: z.number(),
  }),
});

const overviewAnswer = z.object({
  health: z.object({
    state: z.enum(["empty", "good", "partly", "down"]),
    able: int,
    providers: int,
    ready: int,
    keys: int,
    weakest: capacityAnswer.nullable(),
  }),
  capacity: z.array(capacityAnswer).readonly(),
  attention: z.array(z.object({
    kind: z.enum(ATTENTION_KINDS),
    isSevere: z.boolean(),
    id: z.string().nullable(),
    name: z.string().nullable(),
    count: int,
    total: int,
    untilMs: maybe,
    share: maybe,
    names: z.array(z.string()).readonly(),
  })).readonly(),
  range: z.enum(RANGE_NAMES),
  figures: figuresAnswer,
  running: runningAnswer,
  steps: z.object({ providerKeys: int, hasClientKey: z.boolean(), hasServed: z.boolean() }),
});

const overviewQuery = z.object({
  /** Of the figures: the last hour, day, week or month. */
  range: z.enum(RANGE_NAMES).default("24h"),
});

/** `GET /admin?range=`: can requests be served, for how long, what is wrong, and what does it cost. */
export function showOverview(deps: OverviewDeps, figures: OverviewFigures) {
  return action({
    query: overviewQuery,
    answer: overviewAnswer,
    run: (input) => overviewOf(deps, figures, input.query.range, isOpenHttp(deps, input)),
    page: (overview, { view }) => OverviewPage({ view: view(), overview }),
  });
}

/** `GET /admin/live/overview?range=`: what changes of it, as Server-Sent Events. */
export function followOverview(deps: OverviewDeps, figures: OverviewFigures) {
  return action({
    query: overviewQuery,
    produces: "text/event-stream",
    run: async (input) => {
      const { range } = input.query;
      const isServed = wasServed(await figures.read(range));
      const shown = input.view();
      const isOpen = isOpenHttp(deps, input);
      // The address of the page, not of its stream: links and tabs are changes of it.
      const url = new URL(`/admin?range=${range}`, shown.url);
      const now = (): View => ({ ...shown, url, nowMs: deps.ticker.now() });
      const listParts = (): LivePart[] => {
        const capacity = capacityOf(deps);
        const attention = attentionOf(deps, capacity, isOpen);
        const running = runningOf(deps);
        return [
          {
            key: "overview:health",
            elementId: "overview-health",
            version: () => JSON.stringify(healthOf(capacity)),
            render: () => Health({ view: now(), health: healthOf(capacity) }),
          },
          {
            key: "overview:capacity",
            elementId: "overview-capacity",
            version: () => JSON.stringify(capacity),
            render: () => CapacityTable({ view: now(), capacity }),
          },
          {
            key: `overview:attention:${isOpen}`,
            elementId: "overview-attention",
            version: () => JSON.stringify(attention),
            render: async () => {
              const { models } = await figures.read(range);
              return AttentionList({ view: now(), attention: [...attention, ...unpricedOf(models)] });
            },
          },
          {
            key: "overview:running",
            elementId: "overview-running",
            version: () => JSON.stringify(running),
            render: () => Running({ view: now(), running }),
          },
          {
            key: `overview:steps:${isServed}`,
            elementId: "overview-steps",
            version: () => JSON.stringify(stepsOf(deps, isServed)),
            render: () => Steps({ view: now(), steps: stepsOf(deps, isServed) }),
          },
          figuresPart(deps, figures, range, now),
        ];
      };
      return deps.liveEvents.open(listParts, input.context.req.raw.signal);
    },
  });
}

function figuresPart(
  { ticker }: OverviewDeps,
  figures: OverviewFigures,
  range: RangeName,
  now: () => View,
): LivePart {
  return {
    key: "overview:figures",
    elementId: "overview-figures",
    version: () => figures.versionAt(ticker.now()),
    render: async () => Figures({ view: now(), range, figures: await figures.read(range) }),
  };
}

async function overviewOf(
  deps: OverviewDeps,
  source: OverviewFigures,
  range: RangeName,
  isOpen: boolean,
): Promise<OverviewShown> {
  const capacity = capacityOf(deps);
  const figures = await source.read(range);
  return {
    health: healthOf(capacity),
    capacity,
    attention: [...attentionOf(deps, capacity, isOpen), ...unpricedOf(figures.models)],
    range,
    figures,
    running: runningOf(deps),
    steps: stepsOf(deps, wasServed(figures)),
  };
}

/** Whether a request is known of from before this process was started. */
function wasServed({ succeeded, cost }: FiguresShown): boolean {
  return succeeded + cost.metered > 0;
}

/** How far the first steps have come; `wasServed`: whether a request is known of from before. */
export function stepsOf({ live, clientKeys, process, usage }: OverviewDeps, wasServed: boolean) {
  return {
    providerKeys: live.list().reduce((sum, { pool }) => sum + pool.counts().total, 0),
    hasClientKey: process.settings.ALLOW_ANONYMOUS === true || clientKeys.list().length > 0,
    hasServed: wasServed || usage.totals.usage().some(({ counts }) => counts.succeeded > 0),
  };
}

const NEAR = /^(?:localhost|.+\.localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/** Whether passwords and keys go over a wire that others may listen to. */
function isOpenHttp(deps: OverviewDeps, { context }: Call): boolean {
  const { hostname } = new URL(context.req.url);
  return !isSecureRequest(context, deps.publicUrl) && !deps.isLoopbackOnly && !NEAR.test(hostname);
}
