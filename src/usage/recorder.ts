import type { AttemptRecord, RequestRecord } from "../core/request_record.ts";
import type { TokenUsage, UsageMinute } from "../core/usage.ts";
import type { Log } from "../log.ts";

/** A minute that is still being counted. */
type Counting = { -readonly [Name in keyof UsageMinute]: UsageMinute[Name] };

/** Model names come from callers; a row holds no more of one. */
const MAX_MODEL_LENGTH = 200;

/**
 * Folds records in memory and writes them in batches: `record` is a few map look-ups, and a request never
 * waits for the database. A flush that fails keeps its counts for the next one.
 */
export class UsageRecorder {
  readonly #write: (minutes: readonly UsageMinute[]) => Promise<void>;
  readonly #log: Log;
  #folded = new Map<string, Counting>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #flushing: Promise<void> = Promise.resolve();
  readonly #periodMs: number;

  constructor(write: (minutes: readonly UsageMinute[]) => Promise<void>, log: Log, periodMs = 500) {
    this.#write = write;
    this.#log = log;
    this.#periodMs = periodMs;
  }

  record(request: RequestRecord): void {
    const last = request.attempts.length - 1;
    for (let index = 0; index <= last; index++) {
      const attempt = request.attempts[index];
      if (attempt !== undefined) this.#add(request, attempt, index === last);
    }
    this.#timer ??= setTimeout(() => void this.flush(), this.#periodMs);
  }

  /** Writes what was folded so far; resolves when it is written or kept for the next try. */
  flush(): Promise<void> {
    if (this.#timer !== undefined) clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#flushing = this.#flushing.then(() => this.#flushOnce());
    return this.#flushing;
  }

  async #flushOnce(): Promise<void> {
    const batch = this.#folded;
    if (batch.size === 0) return;
    this.#folded = new Map<string, Counting>();
    try {
      await this.#write([...batch.values()]);
    } catch (error) {
      // Top of a background loop: the counts go back, and the next flush tries again.
      this.#log.error("usage.flush_failed", { error, minutes: batch.size });
      for (const [key, minute] of batch) this.#merge(key, minute);
      this.#timer ??= setTimeout(() => void this.flush(), this.#periodMs);
    }
  }

  /** Writes what is left, once more if the first try fails, and stops. */
  async close(): Promise<void> {
    await this.flush();
    if (this.#folded.size > 0) await this.flush();
    if (this.#timer !== undefined) clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #add(request: RequestRecord, attempt: AttemptRecord, isLast: boolean): void {
    const minute = Math.floor(attempt.startedMs / 60_000);
    const clientKeyId = request.clientKeyId ?? "";
    const model = (request.model ?? "").slice(0, MAX_MODEL_LENGTH);
    const key = `${minute} ${attempt.providerKeyId} ${clientKeyId} ${model}`;
    let counts = this.#folded.get(key);
    if (counts === undefined) {
      counts = emptyMinute(minute, attempt, clientKeyId, model);
      this.#folded.set(key, counts);
    }
    counts.attempts++;
    if (attempt.kind !== "succeeded" && attempt.kind !== "ok_empty") counts.failures++;
    if (!isLast) return;
    counts.requests++;
    if (request.usage !== undefined) addTokens(counts, request.usage);
  }

  #merge(key: string, minute: Counting): void {
    const counts = this.#folded.get(key);
    if (counts === undefined) {
      this.#folded.set(key, minute);
      return;
    }
    counts.attempts += minute.attempts;
    counts.requests += minute.requests;
    counts.failures += minute.failures;
    addTokens(counts, minute);
  }
}

function emptyMinute(
  minute: number,
  attempt: AttemptRecord,
  clientKeyId: string,
  model: string,
): Counting {
  const { providerId, providerKeyId } = attempt;
  return {
    minute,
    providerId,
    providerKeyId,
    clientKeyId,
    model,
    attempts: 0,
    requests: 0,
    failures: 0,
    inputTokens: 0,
    outputTokens: 0,
    cachedTokens: 0,
    reasoningTokens: 0,
  };
}

function addTokens(counts: Counting, usage: TokenUsage): void {
  counts.inputTokens += usage.inputTokens ?? 0;
  counts.outputTokens += usage.outputTokens ?? 0;
  counts.cachedTokens += usage.cachedTokens ?? 0;
  counts.reasoningTokens += usage.reasoningTokens ?? 0;
}
