import type { Admission } from "../access/admission.ts";
import type { ClientKey } from "../core/client_key.ts";
import type { Header } from "../core/http.ts";
import { costOf, type ModelPrice } from "../core/price.ts";
import type { DialectName } from "../core/provider.ts";
import type { AttemptRecord, RequestOutcome, RequestRecord } from "../core/request_record.ts";
import type { TokenUsage } from "../core/usage.ts";
import type { Ticker, Watched } from "../core/watch.ts";
import type { AnswerNotes } from "./headers.ts";
import type { Incoming } from "./incoming.ts";

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
  /** Whether its client key has a budget of money. */
  spendsMoney = false;
  /** What the model costs at the provider that serves it; only asked for where money is spent. */
  price: ModelPrice | undefined;
  /** Gives the client key's `X-RateLimit-*`, where it has limits. */
  limitHeaders: (() => readonly Header[]) | undefined;
  model: string | undefined;
  /** Slug of the provider that was asked last. */
  provider: string | undefined;
  dueMs: number;
  watchSeat = -1;
  /** What is to be given up when the caller leaves; set by whoever waits for something. */
  underway: { abort(): void } | undefined;
  readonly #ticker: Ticker;
  readonly #record: (record: RequestRecord) => void;
  #isGone = false;
  #isOver = false;
  #firstByteMs: number | undefined;

  constructor(
    id: string,
    incoming: Incoming,
    dialect: DialectName,
    ticker: Ticker,
    record: (record: RequestRecord) => void,
  ) {
    this.id = id;
    this.incoming = incoming;
    this.dialect = dialect;
    this.#ticker = ticker;
    this.#record = record;
    this.startedMs = ticker.now();
    this.dueMs = this.startedMs + LISTEN_AFTER_MS;
    ticker.watch(this);
  }

  /** Whether the caller has left. */
  get isGone(): boolean {
    return this.#isGone;
  }

  /** From now on the caller is listened to (the ticker calls this). */
  expire(): void {
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

  /** Records the request, and settles its admission; the first call counts. */
  finish(status: number, outcome: RequestOutcome, usage?: TokenUsage): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.underway = undefined;
    this.#ticker.unwatch(this);
    this.admission?.settle(spentBy(outcome, this.attempts.length, usage, this.price));
    this.#record({
      id: this.id,
      startedMs: this.startedMs,
      durationMs: this.#ticker.now() - this.startedMs,
      firstByteMs: this.#firstByteMs,
      dialect: this.dialect,
      clientKeyId: this.clientKey?.id,
      model: this.model,
      status,
      outcome,
      attempts: this.attempts,
      usage,
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

const NOTHING_SPENT = { tokens: 0, nanoDollars: 0 };

/**
 * What a request cost its client key: what the upstream told; nothing when it was refused or failed; and as it was
 * estimated where an answer tells no usage, or was broken off before. Without a price no money is spent.
 */
function spentBy(
  outcome: RequestOutcome,
  attempts: number,
  usage: TokenUsage | undefined,
  price: ModelPrice | undefined,
) {
  if (usage !== undefined) {
    const tokens = (usage.inputTokens ?? 0) + (usage.outputTokens ?? 0);
    return { tokens, nanoDollars: costOf(usage, price) ?? 0 };
  }
  return attempts === 0 || outcome === "failed" || outcome === "refused" ? NOTHING_SPENT : {};
}
