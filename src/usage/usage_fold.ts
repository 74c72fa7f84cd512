import { hasFailed, scopeOf } from "../core/attempt_scope.ts";
import { BUCKET_COUNT, bucketOf } from "../core/histogram.ts";
import type { AttemptRecord, RequestRecord } from "../core/request_record.ts";
import {
  addCounts,
  LATENCY_MEASURES,
  type LatencyMinute,
  noCounts,
  TOKEN_COUNTS,
  USAGE_SOURCES,
  type UsageCount,
  type UsageMinute,
} from "../core/usage.ts";
import type { VerdictKind } from "../core/verdict.ts";

/** A minute that is still being counted. */
interface Counting extends UsageMinute {
  readonly counts: Record<UsageCount, number>;
}

// Maps in maps of the ids as they come: a look-up by a string that is there already costs a tenth of making one key of
// all of them, and this is done for every request.
type ByCode = Map<number, Counting>;
type ByGroup = Map<string, ByCode>;
type ByModel = Map<string, ByGroup>;
type ByClientKey = Map<string, ByModel>;
type ByProviderKey = Map<string, ByClientKey>;

/** Counts added up by minute and dimensions, in memory. `add()` is some dozen look-ups. */
export class UsageFold {
  readonly #minutes = new Map<number, ByProviderKey>();
  readonly #latencies = new Map<string, LatencyCounting>();
  #rows = 0;

  /** How many rows it makes. */
  get size(): number {
    return this.#rows + this.#latencies.size;
  }

  /** `model` is what it counts under. */
  add(request: RequestRecord, model: string): void {
    const { attempts } = request;
    const minute = Math.floor((request.startedMs + request.durationMs) / 60_000);
    const source = request.usageSource ?? (request.usage === undefined ? "none" : "reported");
    const code = Math.floor(request.status / 100) * USAGE_SOURCES.length + USAGE_SOURCES.indexOf(source);
    const last = attempts.length - 1;
    for (let index = 0; index < last; index++) {
      const attempt = attempts[index];
      if (attempt !== undefined) addAttempt(this.#at(minute, request, attempt, model, code).counts, attempt);
    }
    const final = attempts[last];
    const { counts } = this.#at(minute, request, final, model, code);
    if (final !== undefined) addAttempt(counts, final);
    addRequest(counts, request);
    if (request.outcome === "succeeded") this.#addLatency(minute, request, final?.providerId ?? "", model);
  }

  /** Adds what was taken out and could not be written. */
  merge(usage: readonly UsageMinute[], latencies: readonly LatencyMinute[]): void {
    for (const each of usage) {
      const { minute, providerId, providerKeyId, clientKeyId, group: groupSlug, model } = each;
      const code = each.statusClass * USAGE_SOURCES.length + USAGE_SOURCES.indexOf(each.usageSource);
      const row = this.#at(minute, { clientKeyId, groupSlug }, { providerId, providerKeyId }, model, code);
      addCounts(row.counts, each.counts);
    }
    for (const each of latencies) {
      const { buckets } = this.#latencyAt(each);
      for (let bucket = 0; bucket < BUCKET_COUNT; bucket++) {
        buckets[bucket] = (buckets[bucket] ?? 0) + (each.buckets[bucket] ?? 0);
      }
    }
  }

  /** All that was counted. */
  usage(): UsageMinute[] {
    const rows: UsageMinute[] = [];
    for (const byProviderKey of this.#minutes.values()) {
      for (const byClientKey of byProviderKey.values()) {
        for (const byModel of byClientKey.values()) {
          for (const byGroup of byModel.values()) {
            for (const byCode of byGroup.values()) rows.push(...byCode.values());
          }
        }
      }
    }
    return rows;
  }

  latencies(): LatencyMinute[] {
    return [...this.#latencies.values()];
  }

  #at(
    minute: number,
    { clientKeyId = "", groupSlug = "" }: Pick<RequestRecord, "clientKeyId" | "groupSlug">,
    attempt: Pick<AttemptRecord, "providerId" | "providerKeyId"> | undefined,
    model: string,
    code: number,
  ): Counting {
    const providerKeyId = attempt?.providerKeyId ?? "";
    const byProviderKey = under(this.#minutes, minute);
    const byClientKey = under(byProviderKey, providerKeyId);
    const byModel = under(byClientKey, clientKeyId);
    const byGroup = under(byModel, model);
    const byCode = under(byGroup, groupSlug);
    let counting = byCode.get(code);
    if (counting === undefined) {
      this.#rows++;
      counting = {
        minute,
        providerId: attempt?.providerId ?? "",
        providerKeyId,
        clientKeyId,
        group: groupSlug,
        model,
        statusClass: Math.floor(code / USAGE_SOURCES.length),
        usageSource: USAGE_SOURCES[code % USAGE_SOURCES.length] ?? "none",
        counts: noCounts(),
      };
      byCode.set(code, counting);
    }
    return counting;
  }

  #addLatency(minute: number, request: RequestRecord, providerId: string, model: string): void {
    const { clientKeyId = "", groupSlug: group = "", durationMs, firstByteMs, isStream } = request;
    const place = { minute, providerId, clientKeyId, group, model };
    count(this.#latencyAt({ ...place, measure: "duration" }), durationMs);
    if (isStream === true && firstByteMs !== undefined) {
      count(this.#latencyAt({ ...place, measure: "first_token" }), firstByteMs);
    }
  }

  #latencyAt(place: Omit<LatencyMinute, "buckets">): LatencyCounting {
    const { minute, providerId, clientKeyId, group, model, measure } = place;
    const key = `${minute} ${
      LATENCY_MEASURES.indexOf(measure)
    } ${providerId} ${clientKeyId} ${group} ${model}`;
    let counting = this.#latencies.get(key);
    if (counting === undefined) {
      counting = { ...place, buckets: new Array<number>(BUCKET_COUNT).fill(0) };
      this.#latencies.set(key, counting);
    }
    return counting;
  }
}

interface LatencyCounting extends LatencyMinute {
  readonly buckets: number[];
}

function count({ buckets }: LatencyCounting, durationMs: number): void {
  const bucket = bucketOf(durationMs);
  buckets[bucket] = (buckets[bucket] ?? 0) + 1;
}

function addRequest(counts: Record<UsageCount, number>, request: RequestRecord): void {
  const { outcome, usage, costNanoDollars } = request;
  counts.requests++;
  counts.durationMs += Math.round(request.durationMs);
  if (outcome === "succeeded") counts.succeeded++;
  else if (outcome === "refused") counts.refused++;
  else if (outcome === "interrupted") counts.interrupted++;
  else if (outcome === "client_gone") counts.clientGone++;
  if (request.isStream === true) counts.streams++;
  if (usage === undefined) return;
  counts.metered++;
  if (costNanoDollars === undefined) counts.unpriced++;
  else counts.costNanoDollars += costNanoDollars;
  for (const name of TOKEN_COUNTS) {
    const tokens = usage[name];
    if (tokens !== undefined) counts[name] += tokens;
  }
}

function addAttempt(counts: Record<UsageCount, number>, attempt: AttemptRecord): void {
  counts.attempts++;
  if (attempt.kind === "succeeded") return;
  if (hasFailed(attempt)) counts.failures++;
  counts[COUNT_OF_KIND[attempt.kind]]++;
  if (attempt.kind === "provider_down" && scopeOf(attempt) === "egress") counts.egressRefused++;
}

const COUNT_OF_KIND: Readonly<Record<Exclude<VerdictKind, "succeeded">, UsageCount>> = {
  ok_empty: "okEmpty",
  key_dead: "keyDead",
  key_limited: "keyLimited",
  key_exhausted: "keyExhausted",
  model_denied: "modelDenied",
  request_too_big_for_key: "requestTooBig",
  request_bad: "requestBad",
  provider_down: "providerDown",
  client_gone: "callerLeft",
};

/** The map under a name, made when it is missing. */
function under<Name, Below, Value>(map: Map<Name, Map<Below, Value>>, name: Name): Map<Below, Value> {
  let below = map.get(name);
  if (below === undefined) map.set(name, below = new Map());
  return below;
}
