import { quantileMs } from "../core/histogram.ts";
import { keptFrom } from "../core/kept.ts";
import type { LatencyMeasure, UsageCount } from "../core/usage.ts";
import { type LatencySum, sumLatencies } from "../store/latency_query.ts";
import { sumUsage, type UsageSum } from "../store/usage_query.ts";
import type {
  ColumnShown,
  FailureScope,
  FiguresShown,
  RangeName,
  TopShown,
} from "../../views/overview_shown.ts";
import type { UsageDeps } from "./usage_deps.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

/** How each stretch is cut into columns: `stepMs` divides the day, so that columns begin where people expect it. */
const RANGES: Readonly<
  Record<
    RangeName,
    { readonly stepMs: number; readonly columns: number; readonly interval: "minute" | "hour" | "day" }
  >
> = {
  "1h": { stepMs: 2 * MINUTE_MS, columns: 30, interval: "minute" },
  "24h": { stepMs: HOUR_MS, columns: 24, interval: "hour" },
  "7d": { stepMs: 6 * HOUR_MS, columns: 28, interval: "hour" },
  "30d": { stepMs: DAY_MS, columns: 30, interval: "day" },
};

/** Read again after this time though nothing was counted here: other instances count, too. */
const FRESH_MS = 60_000;

const MIN_PERIOD_MS = 2_000;

interface Kept {
  readonly counted: number;
  readonly atMs: number;
  readonly figures: Promise<FiguresShown>;
}

/**
 * The figures of the overview. All who look share them, and they are read again only when something was counted since,
 * because five sums over a large database take some 80 ms.
 */
export class OverviewFigures {
  readonly #deps: UsageDeps;
  readonly #kept = new Map<RangeName, Kept>();
  #lookedMs = -Infinity;
  #version = "";
  /** Of the last reading. */
  #costMs = 0;

  constructor(deps: UsageDeps) {
    this.#deps = deps;
  }

  /** Requests that this process has counted: another number when figures have changed. */
  counted(): number {
    let requests = 0;
    for (const { counts } of this.#deps.usage.totals.usage()) requests += counts.requests;
    return requests;
  }

  /** Another text once figures have changed: the longer they take to read, the more seldom, so that it costs 1% at most. */
  versionAt(nowMs: number): string {
    if (nowMs - this.#lookedMs >= Math.max(MIN_PERIOD_MS, 100 * this.#costMs)) {
      this.#lookedMs = nowMs;
      this.#version = String(this.counted());
    }
    return this.#version;
  }

  read(range: RangeName): Promise<FiguresShown> {
    const atMs = this.#deps.ticker.now();
    const counted = this.counted();
    const kept = this.#kept.get(range);
    if (kept !== undefined && kept.counted === counted && atMs - kept.atMs < FRESH_MS) return kept.figures;
    const figures = this.#timed(readFigures(this.#deps, range, atMs));
    this.#kept.set(range, { counted, atMs, figures });
    // What could not be read is asked for again.
    figures.catch(() => this.#kept.delete(range));
    return figures;
  }

  async #timed(reading: Promise<FiguresShown>): Promise<FiguresShown> {
    const startedMs = performance.now();
    const figures = await reading;
    this.#costMs = performance.now() - startedMs;
    return figures;
  }
}

const COLUMN_COUNTS = [
  "requests",
  "succeeded",
  "refused",
  "clientGone",
  "attempts",
  "failures",
  "keyDead",
  "keyLimited",
  "keyExhausted",
  "modelDenied",
  "requestTooBig",
  "requestBad",
  "providerDown",
  "egressRefused",
  "callerLeft",
] as const satisfies readonly UsageCount[];

const TOP_COUNTS = [
  "requests",
  "succeeded",
  "inputTokens",
  "outputTokens",
  "costNanoDollars",
  "unpriced",
] as const satisfies readonly UsageCount[];

/** More models than are shown: those without a price are looked for among them. */
const MAX_NAMES = 200;
const SHOWN_NAMES = 5;

async function readFigures(deps: UsageDeps, name: RangeName, nowMs: number): Promise<FiguresShown> {
  const { db, usage } = deps;
  const { stepMs, columns, interval } = RANGES[name];
  const fromMs = Math.floor(nowMs / stepMs) * stepMs - (columns - 1) * stepMs;
  const kept = keptFrom(usage.kept, nowMs);
  const range = { fromMinute: fromMs / MINUTE_MS, toMinute: Math.ceil((nowMs + 1) / MINUTE_MS), kept };
  const parts = await sumUsage(db, { ...range, interval, by: [], counts: COLUMN_COUNTS });
  const latencies = await sumLatencies(db, { ...range, by: [] });
  const top = { ...range, counts: TOP_COUNTS, largestBy: "requests", limit: MAX_NAMES } as const;
  const models = await sumUsage(db, { ...top, by: ["model"] });
  const clientKeys = await sumUsage(db, { ...top, by: ["clientKeyId"] });
  const sum = (count: UsageCount) => parts.reduce((all, part) => all + part[count], 0);
  return {
    fromMs,
    toMs: nowMs,
    requests: sum("requests"),
    succeeded: sum("succeeded"),
    refused: sum("refused"),
    clientGone: sum("clientGone"),
    attempts: sum("attempts"),
    failures: sum("failures"),
    firstToken: quantilesOf(latencies, "first_token"),
    duration: quantilesOf(latencies, "duration"),
    columns: columnsOf(parts, fromMs, stepMs, columns),
    models: models.map((each) => topOf(each.model ?? "", null, each)).sort(byCost),
    clientKeys: clientKeys.map((each) => topOf(each.clientKeyId ?? "", nameOf(each, deps), each)).sort(byCost)
      .slice(0, SHOWN_NAMES),
    cost: await costOf(deps, nowMs),
  };
}

async function costOf({ db, usage }: UsageDeps, nowMs: number): Promise<FiguresShown["cost"]> {
  const now = new Date(nowMs);
  const monthMs = Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), 1);
  const todayMs = Math.floor(nowMs / DAY_MS) * DAY_MS;
  const sums = await sumUsage(db, {
    fromMinute: monthMs / MINUTE_MS,
    toMinute: Math.ceil((nowMs + 1) / MINUTE_MS),
    kept: keptFrom(usage.kept, nowMs),
    interval: "day",
    by: ["usageSource"],
    counts: ["costNanoDollars", "metered", "unpriced"],
  });
  const add = (count: "costNanoDollars" | "metered" | "unpriced", of: (sum: UsageSum) => boolean) =>
    sums.filter(of).reduce((all, each) => all + each[count], 0);
  return {
    todayNanoDollars: add("costNanoDollars", ({ startMs }) => startMs === todayMs),
    monthNanoDollars: add("costNanoDollars", () => true),
    metered: add("metered", () => true),
    unpriced: add("unpriced", () => true),
    estimatedNanoDollars: add("costNanoDollars", ({ usageSource }) => usageSource === "estimated"),
  };
}

function columnsOf(
  parts: readonly UsageSum[],
  fromMs: number,
  stepMs: number,
  count: number,
): ColumnShown[] {
  return Array.from({ length: count }, (_, index) => {
    const startMs = fromMs + index * stepMs;
    const endMs = startMs + stepMs;
    const own = parts.filter((part) => (part.startMs ?? 0) >= startMs && (part.startMs ?? 0) < endMs);
    const sum = (name: UsageCount) => own.reduce((all, part) => all + part[name], 0);
    const failures: Record<FailureScope, number> = {
      key: sum("keyDead") + sum("keyLimited") + sum("keyExhausted"),
      key_model: sum("modelDenied"),
      account: sum("requestTooBig"),
      upstream: sum("providerDown") - sum("egressRefused"),
      egress: sum("egressRefused"),
      request: sum("requestBad"),
      client: sum("callerLeft"),
    };
    return { startMs, endMs, requests: sum("requests"), succeeded: sum("succeeded"), failures };
  });
}

function quantilesOf(sums: readonly LatencySum[], measure: LatencyMeasure) {
  const buckets = sums.find((each) => each.measure === measure)?.buckets ?? [];
  const count = buckets.reduce((all, each) => all + each, 0);
  const at = (part: number) => Math.round(quantileMs(buckets, part) ?? 0);
  return count === 0 ? null : { p50: at(0.5), p95: at(0.95), count };
}

function topOf(id: string, name: string | null, sum: UsageSum): TopShown {
  const { requests, succeeded, inputTokens, outputTokens, costNanoDollars, unpriced } = sum;
  return { id, name, requests, succeeded, tokens: inputTokens + outputTokens, costNanoDollars, unpriced };
}

function nameOf({ clientKeyId }: UsageSum, { clientKeys }: UsageDeps): string | null {
  return clientKeys.list().find(({ id }) => id === clientKeyId)?.name ?? null;
}

/** What costs most stands first; where nothing has a price, what is used most. */
function byCost(one: TopShown, other: TopShown): number {
  return other.costNanoDollars - one.costNanoDollars || other.requests - one.requests;
}
