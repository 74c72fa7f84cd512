import { draftProvider } from "../../src/admin/provider_form.ts";
import { readConfig } from "../../src/config.ts";
import { fileUrl } from "../../src/core/file_url.ts";
import type { AttemptRecord, RequestRecord } from "../../src/core/request_record.ts";
import type { VerdictKind } from "../../src/core/verdict.ts";
import { createLog } from "../../src/log.ts";
import { openDatabase } from "../../src/store/database.ts";
import { migrate } from "../../src/store/migrations.ts";
import { createProvider } from "../../src/store/provider_store.ts";
import { addRequests } from "../../src/store/request_log_store.ts";
import { addUsage } from "../../src/store/usage_store.ts";
import { UsageRecorder } from "../../src/usage/recorder.ts";

/** Who serves and who asks in a made-up past. */
export interface TrafficCast {
  readonly providers: readonly {
    readonly id: string;
    readonly keyIds: readonly string[];
    readonly dialect: RequestRecord["dialect"];
    readonly models: readonly string[];
  }[];
  readonly clientKeyIds: readonly (string | undefined)[];
}

/** A database with a past, before anything runs on it: what is written later counts as of the last roll-up. */
export interface PastDatabase extends AsyncDisposable {
  readonly url: string;
}

/** Makes one with these presets as providers, whose ids are their slugs. */
export async function makePast(
  presets: readonly string[],
  cast: TrafficCast,
  traffic: Parameters<typeof writeTraffic>[2],
): Promise<PastDatabase> {
  const folder = await Deno.makeTempDir({ prefix: "keyturn-past-" });
  const url = fileUrl(`${folder}/keyturn.db`);
  const { policy } = readConfig({});
  const db = await openDatabase({ url });
  await migrate(db);
  for (const preset of presets) {
    await createProvider(db, draftProvider({ preset }, policy), policy, {
      newId: () => preset,
      nowMs: traffic.nowMs - traffic.spanMs,
    });
  }
  db.close();
  await writeTraffic(url, cast, traffic);
  return { url, [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }) };
}

const FAILURES: readonly [VerdictKind, string, number | undefined][] = [
  ["key_limited", "openai.rate_limit_exceeded", 429],
  ["key_dead", "openai.invalid_api_key", 401],
  ["provider_down", "status.5xx", 503],
  ["key_exhausted", "openai.insufficient_quota", 429],
  ["provider_down", "transport.first_byte_timeout", undefined],
];

/**
 * Writes requests of the past into the statistics and the log: `count` of them, spread over `spanMs` up to `nowMs`, always
 * the same for the same arguments.
 */
export async function writeTraffic(
  databaseUrl: string,
  cast: TrafficCast,
  { count, spanMs, nowMs }: { readonly count: number; readonly spanMs: number; readonly nowMs: number },
): Promise<void> {
  const db = await openDatabase({ url: databaseUrl });
  const recorder = new UsageRecorder({
    addUsage: (piece) => addUsage(db, piece),
    addRequests: (requests) => addRequests(db, requests, requests[0]?.startedMs ?? nowMs),
  }, createLog("silent", () => {}, (line) => line));
  const random = createRandom(7);
  for (let number = 0; number < count; number++) {
    // Busier towards the present, and by day more than by night.
    const startedMs = Math.floor(nowMs - spanMs * (1 - Math.sqrt((number + 1) / (count + 1))));
    recorder.record(requestOf(cast, number, startedMs, random));
    if (number % 400 === 399) await recorder.flush();
  }
  await recorder.close();
  db.close();
}

function requestOf(
  cast: TrafficCast,
  number: number,
  startedMs: number,
  random: () => number,
): RequestRecord {
  const pick = <T>(list: readonly T[]): T | undefined => list[Math.floor(random() ** 1.6 * list.length)];
  const provider = pick(cast.providers);
  const attempts: AttemptRecord[] = [];
  let atMs = startedMs + 1;
  const add = (kind: VerdictKind, rule: string, status: number | undefined, durationMs: number) => {
    attempts.push({
      providerId: provider?.id ?? "",
      providerKeyId: pick(provider?.keyIds ?? []) ?? "",
      startedMs: atMs,
      durationMs,
      status,
      kind,
      rule,
      ...(kind === "key_limited" && { untilMs: atMs + 60_000 }),
    });
    atMs += durationMs + 2;
  };
  for (let failures = 0; failures < 3 && random() < 0.14; failures++) {
    const [kind, rule, status] = pick(FAILURES) ?? ["key_limited", "status.429", 429];
    add(kind, rule, status, 30 + Math.floor(random() * 200));
  }
  const isRefused = random() < 0.01;
  const isGood = !isRefused && (attempts.length === 0 || random() < 0.8);
  if (isGood) add("succeeded", "status.2xx", 200, 120 + Math.floor(random() * 600));
  const isStream = random() < 0.5;
  const firstByteMs = atMs - startedMs;
  const durationMs = firstByteMs + (isGood ? Math.floor(200 + random() * 4_000) : 2);
  const inputTokens = Math.floor(200 + random() * 6_000);
  const model = pick(provider?.models ?? []);
  return {
    id: `req_traffic${String(number).padStart(12, "0")}`,
    startedMs,
    durationMs,
    firstByteMs,
    dialect: provider?.dialect ?? "openai",
    clientKeyId: pick(cast.clientKeyIds),
    model,
    isStream,
    status: isRefused ? 429 : isGood ? 200 : 503,
    outcome: isRefused ? "refused" : isGood ? "succeeded" : "failed",
    attempts: isRefused ? [] : attempts,
    waitedMs: random() < 0.05 ? Math.floor(random() * 900) : 0,
    usage: isGood
      ? {
        inputTokens,
        outputTokens: Math.floor(random() * 1_500),
        cachedTokens: random() < 0.4 ? Math.floor(inputTokens * 0.6) : 0,
      }
      : undefined,
    ...(isGood && { usageSource: random() < 0.1 ? "estimated" as const : "reported" as const }),
    ...(isGood && model !== "house-model" &&
      { costNanoDollars: Math.floor(inputTokens * 2_500), priceVersion: "openai-2026-11-21" }),
  };
}

/** A linear congruential generator (Numerical Recipes): the same numbers each time. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
