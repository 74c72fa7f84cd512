import type { Admission } from "../access/admission.ts";
import type { ClientKey } from "../core/client_key.ts";
import type { Header } from "../core/http.ts";
import { costOf, type PricedModel } from "../core/price.ts";
import type { DialectName } from "../core/provider.ts";
import type { AttemptRecord, RequestOutcome, RequestRecord } from "../core/request_record.ts";
import type { TokenUsage, UsageSource } from "../core/usage.ts";
import type { Ticker, Watched } from "../core/watch.ts";
import type { AnswerNotes } from "./headers.ts";
import type { PooledKey } from "../pool/pool_key.ts";
import type { Incoming } from "./incoming.ts";
import type { LiveRequests } from "./live_requests.ts";

/** A caller that goes away within this time is noticed by its answer only: to listen at once costs a fifth. */
const LISTEN_AFTER_MS = 200;

/** One request on its way through the proxy: who it is, what was tried for it, and whether it is still wanted. */
export class ProxiedRequest implements Watched {
  readonly id: string;
  readonly incoming: Incoming;
  readonly startedMs: number;
  readonly attempts: AttemptRecord[] = [];
  /** How the caller is spoken to; settled once the target is known. */
  dialect: DialectName;
  clientKey: ClientKey | undefined;
  /** What it has taken of its client key's limits. */
  admission: Admission | undefined;
  /** What the model costs at the provider that serves it, where that is known. */
  priced: PricedModel | undefined;
  /** Gives the client key's `X-RateLimit-*`, where it has limits. */
  limitHeaders: (() => readonly Header[]) | undefined;
  /** As the caller asked for it, aliases resolved once that is done. */
  model: string | undefined;
  /** Slug of the group that it is for. */
  groupSlug: string | undefined;
  /** Slug of the provider that was asked last. */
  provider: string | undefined;
  /** That provider's own name of the model. */
  providerModel: string | undefined;
  /** What that provider speaks, where the request is translated for it. */
  upstreamDialect: DialectName | undefined;
  /** Whether the answer comes as a stream. */
  isStream = false;
  /** How long it has waited for a provider key to be free, in all. */
  waitedMs = 0;
  /** Tokens of its prompt by its size, for when no provider tells them; `undefined` where none are counted. */
  promptEstimate: number | undefined;
  /** Whether an attempt was broken off, because the caller had left, after bytes of it had gone out. */
  isCutOff = false;
  /** The provider key of the last attempt that was begun. */
  leasedKey: PooledKey | undefined;
  /** `attempts` has those that are over. */
  begunAttempts = 0;
  dueMs: number;
  watchSeat = -1;
  /** What is to be given up when the caller leaves; set by whoever waits for something. */
  underway: { abort(): void } | undefined;
  readonly #ticker: Ticker;
  readonly #record: (record: RequestRecord) => void;
  readonly #running: LiveRequests | undefined;
  #runningSeat = -1;
  #isGone = false;
  #isCancelled = false;
  #isOver = false;
  #firstByteMs: number | undefined;

  constructor(
    id: string,
    incoming: Incoming,
    dialect: DialectName,
    ticker: Ticker,
    record: (record: RequestRecord) => void,
    running?: LiveRequests,
  ) {
    this.id = id;
    this.incoming = incoming;
    this.dialect = dialect;
    this.#ticker = ticker;
    this.#record = record;
    this.#running = running;
    this.startedMs = ticker.now();
    this.dueMs = this.startedMs + LISTEN_AFTER_MS;
    ticker.watch(this);
  }

  /** Whether the caller has left. */
  get isGone(): boolean {
    return this.#isGone;
  }

  /** Whether somebody has broken it off though its caller waits. */
  get isCancelled(): boolean {
    return this.#isCancelled;
  }

  /** Whether the caller reads its answer. */
  get isAnswering(): boolean {
    return this.#firstByteMs !== undefined;
  }

  /** From now on the caller is listened to, and the request can be seen (the ticker calls this). */
  expire(): void {
    this.#runningSeat = this.#running?.join(this) ?? -1;
    this.noticeLeaving();
  }

  /** Breaks it off in its caller's stead; gives whether there was anything to break off. */
  cancel(): boolean {
    if (this.#isOver || this.#isGone) return false;
    this.#isCancelled = true;
    this.leave();
    return true;
  }

  /** Asks at once whether its caller has left; else it is heard when it does. */
  noticeLeaving(): void {
    this.incoming.onGone(() => this.leave());
  }

  leave(): void {
    if (this.#isOver || this.#isGone) return;
    this.#isGone = true;
    this.underway?.abort();
  }

  /** The answer begins: what comes now is seen by the caller. */
  begin(): void {
    this.#firstByteMs = this.#ticker.now() - this.startedMs;
  }

  /**
   * Records the request, and settles its admission; the first call counts. Of a caller that has left, whatever became
   * of its answer, it is recorded that it has left. `source` left out: what is told of a usage is reported.
   */
  finish(status: number, outcome: RequestOutcome, usage?: TokenUsage, source?: UsageSource): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const hasLeft = outcome === "client_gone" || (this.#isGone && !this.#isCancelled);
    const guess = usage === undefined && this.isCutOff ? guessOf(this.promptEstimate) : undefined;
    const counted = usage ?? guess;
    const costNanoDollars = costOf(counted, this.priced?.price);
    this.underway = undefined;
    this.#ticker.unwatch(this);
    if (this.#runningSeat >= 0) this.#running?.leave(this.#runningSeat);
    this.admission?.settle(spentBy(outcome, this.attempts.length, usage, costNanoDollars));
    this.#record({
      id: this.id,
      startedMs: this.startedMs,
      durationMs: this.#ticker.now() - this.startedMs,
      firstByteMs: this.#firstByteMs,
      dialect: this.dialect,
      upstreamDialect: this.upstreamDialect,
      clientKeyId: this.clientKey?.id,
      groupSlug: this.groupSlug,
      model: this.model,
      providerModel: this.providerModel === this.model ? undefined : this.providerModel,
      isStream: this.isStream,
      waitedMs: this.waitedMs,
      status: hasLeft ? CLIENT_GONE : status,
      outcome: hasLeft ? "client_gone" : outcome,
      attempts: this.attempts,
      usage: counted,
      usageSource: guess === undefined ? source : "estimated",
      costNanoDollars,
      priceVersion: costNanoDollars === undefined ? undefined : this.priced?.version,
    });
  }

  notes(): AnswerNotes {
    return {
      requestId: this.id,
      provider: this.provider,
      attempts: this.attempts.length,
      elapsedMs: this.#ticker.now() - this.startedMs,
      limits: this.limitHeaders?.(),
    };
  }
}

/** RFC 9110 has no status for a caller that has left; nginx's 499 stands in the records. */
export const CLIENT_GONE = 499;

function guessOf(inputTokens: number | undefined): TokenUsage | undefined {
  return inputTokens === undefined ? undefined : { inputTokens };
}

const NOTHING_SPENT = { tokens: 0, nanoDollars: 0 };

/**
 * What a request cost its client key: what the upstream told; nothing when it was refused or failed; and as it was
 * estimated where an answer tells no usage, or was broken off before. Without a price no money is spent.
 */
function spentBy(
  outcome: RequestOutcome,
  attempts: number,
  usage: TokenUsage | undefined,
  costNanoDollars: number | undefined,
) {
  if (usage !== undefined) {
    const tokens = (usage.inputTokens ?? 0) + (usage.outputTokens ?? 0);
    return { tokens, nanoDollars: costNanoDollars ?? 0 };
  }
  return attempts === 0 || outcome === "failed" || outcome === "refused" ? NOTHING_SPENT : {};
}
