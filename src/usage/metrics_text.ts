import { BUCKET_COUNT, bucketStartMs } from "../core/histogram.ts";
import type { UsageCount } from "../core/usage.ts";
import { type HistogramReading, MetricsRegistry } from "./metrics_registry.ts";
import type { RecorderState } from "./recorder.ts";
import type { LatencyTotal, UsageTotal } from "./usage_totals.ts";

/** What metrics tell, as it stands at the moment. */
export interface MetricsSource {
  readonly usage: readonly UsageTotal[];
  readonly latencies: readonly LatencyTotal[];
  readonly recorder: RecorderState;
  readonly pools: readonly PoolReading[];
  /** Slug of a provider, by its id. */
  readonly slugOf: (providerId: string) => string;
  readonly startedMs: number;
  readonly version: string;
  readonly memory: { readonly rss: number; readonly heapUsed: number };
}

/** A provider's pool. */
export interface PoolReading {
  readonly slug: string;
  /** Provider keys by state. */
  readonly states: Readonly<Record<string, number>>;
  readonly inFlight: number;
  /** Requests that wait for a provider key. */
  readonly waiting: number;
  /** Whether the breaker keeps calls from the upstream. */
  readonly isOpen: boolean;
}

/** Prometheus' text format (https://prometheus.io/docs/instrumenting/exposition_formats/). */
export function metricsText(source: MetricsSource): { readonly text: string; readonly type: string } {
  const registry = new MetricsRegistry();
  addUsage(registry, source);
  addLatencies(registry, source);
  addPools(registry, source.pools);
  addRecorder(registry, source.recorder);
  addProcess(registry, source);
  return { text: registry.text(), type: registry.contentType };
}

const PREFIX = "keyturn_";

function addUsage(registry: MetricsRegistry, { usage, slugOf }: MetricsSource): void {
  const counter = (name: string, help: string) => registry.counter(PREFIX + name, help);
  const requests = counter("requests_total", "Requests, by what their callers got");
  const outcomes = counter("request_outcomes_total", "Requests, by how they ended");
  const attempts = counter("attempts_total", "Attempts, by verdict");
  const tokens = counter(
    "tokens_total",
    "Tokens, by kind; cached, reasoning and so on are parts of input and output",
  );
  const cost = counter("cost_dollars_total", "What was spent, without requests of unknown price");
  const unpriced = counter(
    "unpriced_requests_total",
    "Requests whose usage is known and whose price is not",
  );
  for (const { providerId, model, statusClass, counts } of usage) {
    const provider = slugOf(providerId);
    requests.add({ provider, model, status_class: `${statusClass}xx` }, counts.requests);
    const failed = counts.requests - counts.succeeded - counts.refused - counts.interrupted -
      counts.clientGone;
    for (
      const [outcome, count] of [
        ["succeeded", counts.succeeded],
        ["failed", failed],
        ["refused", counts.refused],
        ["interrupted", counts.interrupted],
        ["client_gone", counts.clientGone],
      ] as const
    ) if (count > 0) outcomes.add({ provider, model, outcome }, count);
    const good = counts.attempts - counts.failures - counts.okEmpty;
    if (good > 0) attempts.add({ provider, verdict: "succeeded" }, good);
    for (const [verdict, name] of VERDICTS) {
      if (counts[name] > 0) attempts.add({ provider, verdict }, counts[name]);
    }
    for (const [kind, name] of TOKENS) {
      if (counts[name] > 0) tokens.add({ provider, model, kind }, counts[name]);
    }
    if (counts.costNanoDollars > 0) cost.add({ provider, model }, counts.costNanoDollars / 1e9);
    if (counts.unpriced > 0) unpriced.add({ provider, model }, counts.unpriced);
  }
}

const VERDICTS: readonly (readonly [verdict: string, count: UsageCount])[] = [
  ["ok_empty", "okEmpty"],
  ["key_dead", "keyDead"],
  ["key_limited", "keyLimited"],
  ["key_exhausted", "keyExhausted"],
  ["model_denied", "modelDenied"],
  ["request_too_big_for_key", "requestTooBig"],
  ["request_bad", "requestBad"],
  ["provider_down", "providerDown"],
  ["client_gone", "callerLeft"],
];

const TOKENS: readonly (readonly [kind: string, count: UsageCount])[] = [
  ["input", "inputTokens"],
  ["output", "outputTokens"],
  ["cached", "cachedTokens"],
  ["cache_write", "cacheWriteTokens"],
  ["reasoning", "reasoningTokens"],
  ["audio_input", "audioInputTokens"],
  ["audio_output", "audioOutputTokens"],
];

function addLatencies(registry: MetricsRegistry, { latencies, slugOf }: MetricsSource): void {
  for (
    const [measure, name, help] of [
      ["duration", "request_duration_seconds", "How long requests that succeeded took"],
      ["first_token", "first_token_seconds", "Time to the first token of streams that succeeded"],
    ] as const
  ) {
    registry.histogram(
      PREFIX + name,
      help,
      latencies.filter((each) => each.measure === measure).map(({ providerId, model, buckets }) =>
        fold({ provider: slugOf(providerId), model }, buckets)
      ),
    );
  }
}

/** Each octave is one bucket, because three would make as many series as there are of everything else together. */
function fold(labels: HistogramReading["labels"], counts: readonly number[]): HistogramReading {
  const buckets: { le: number; count: number }[] = [];
  let count = 0;
  let sum = 0;
  for (let bucket = 0; bucket < BUCKET_COUNT; bucket++) {
    const inBucket = counts[bucket] ?? 0;
    count += inBucket;
    sum += inBucket * (bucketStartMs(bucket) + bucketStartMs(bucket + 1)) / 2000;
    if (bucket % 3 === 2) buckets.push({ le: bucketStartMs(bucket + 1) / 1000, count });
  }
  return { labels, buckets, sum, count };
}

function addPools(registry: MetricsRegistry, pools: readonly PoolReading[]): void {
  const keys = gauge(registry, "provider_keys", "Provider keys, by state");
  const inFlight = gauge(registry, "in_flight_attempts", "Attempts under way");
  const waiting = gauge(registry, "waiting_requests", "Requests that wait for a provider key");
  const open = gauge(registry, "breaker_open", "1 while no call is made to the upstream");
  for (const { slug: provider, states, ...reading } of pools) {
    for (const [state, count] of Object.entries(states)) keys.set({ provider, state }, count);
    inFlight.set({ provider }, reading.inFlight);
    waiting.set({ provider }, reading.waiting);
    open.set({ provider }, reading.isOpen ? 1 : 0);
  }
}

function addRecorder(registry: MetricsRegistry, state: RecorderState): void {
  const waiting = gauge(registry, "recorder_waiting", "What is recorded and not written yet");
  waiting.set({ what: "counts" }, state.waitingCounts);
  waiting.set({ what: "requests" }, state.waitingRequests);
  const counter = (name: string, help: string) => registry.counter(PREFIX + name, help);
  counter("recorder_dropped_requests_total", "Requests that were counted and not logged").set(
    {},
    state.droppedRequests,
  );
  counter("recorder_failed_flushes_total", "Writes of statistics that failed").set({}, state.failedFlushes);
  gauge(registry, "recorder_longest_write_seconds", "How long the longest write of statistics took")
    .set({}, state.longestWriteMs / 1000);
}

function addProcess(registry: MetricsRegistry, { startedMs, version, memory }: MetricsSource): void {
  gauge(registry, "start_time_seconds", "When the process began, since the epoch").set({}, startedMs / 1000);
  gauge(registry, "resident_memory_bytes", "Memory of the process").set({}, memory.rss);
  gauge(registry, "heap_used_bytes", "Memory of its JavaScript objects").set({}, memory.heapUsed);
  gauge(registry, "build_info", "1, with the version").set({ version }, 1);
}

function gauge(registry: MetricsRegistry, name: string, help: string) {
  return registry.gauge(PREFIX + name, help);
}
