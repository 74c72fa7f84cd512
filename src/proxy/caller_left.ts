import { type BodySource, type Bytes, isBytes } from "../core/http.ts";
import type { ProviderPolicy } from "../core/provider.ts";
import type { Ticker, Watched } from "../core/watch.ts";
import type { UpstreamAnswer, UpstreamCall } from "../transport/transport.ts";
import type { Answer } from "./answer.ts";
import type { ProxiedRequest } from "./proxied_request.ts";

/** How long, and for how much, an answer is still taken from a provider for the sake of its usage. */
const DRAIN_MS = 30_000;
const DRAIN_BYTES = 1_048_576;

/**
 * The head of an answer. When its caller leaves, the call is given up; where the provider's policy is `drain`, not
 * at once. Rejects with a `TransportError`.
 */
export function answerTo(
  call: UpstreamCall,
  request: ProxiedRequest,
  { onClientGone }: Pick<ProviderPolicy, "onClientGone">,
  ticker: Ticker,
): Promise<UpstreamAnswer> {
  if (onClientGone === "abort") {
    request.underway = call;
    if (request.isGone) call.abort();
    return call.answer;
  }
  const patient = new PatientCall(call, request, ticker);
  request.underway = patient;
  if (request.isGone) patient.abort();
  return call.answer.finally(() => patient.end());
}

/** An answer that is read to its end when its caller has left, where that is the provider's policy. */
export function drained(
  answer: Answer,
  request: ProxiedRequest,
  { onClientGone }: Pick<ProviderPolicy, "onClientGone">,
  ticker: Ticker,
): Answer {
  if (onClientGone === "abort" || answer.body === undefined || isBytes(answer.body)) return answer;
  const body = new DrainedBody(answer.body, request, ticker);
  request.underway = { abort: () => body.cancel() };
  return { ...answer, body };
}

/** A call that its caller's leaving does not break off at once; an operator's cancelling does. */
class PatientCall implements Watched {
  dueMs = Infinity;
  watchSeat = -1;
  readonly #call: UpstreamCall;
  readonly #request: ProxiedRequest;
  readonly #ticker: Ticker;

  constructor(call: UpstreamCall, request: ProxiedRequest, ticker: Ticker) {
    this.#call = call;
    this.#request = request;
    this.#ticker = ticker;
  }

  abort(): void {
    if (this.#request.isCancelled) return this.#call.abort();
    this.dueMs = this.#ticker.now() + DRAIN_MS;
    this.#ticker.watch(this);
  }

  expire(): void {
    this.#call.abort();
  }

  /** The answer is there, or will not come. */
  end(): void {
    this.#ticker.unwatch(this);
  }
}

/**
 * The body of an answer that is read on when its caller has left, within bounds, so that the usage at its end is not
 * missed. Whoever feeds it records the request, as ever, when it ends.
 */
class DrainedBody implements BodySource, Watched {
  dueMs = Infinity;
  watchSeat = -1;
  readonly #source: BodySource;
  readonly #request: ProxiedRequest;
  readonly #ticker: Ticker;
  /** A read that nobody may be waiting for any more. */
  #pending: Promise<Bytes | undefined> | undefined;
  #hasLeft = false;

  constructor(source: BodySource, request: ProxiedRequest, ticker: Ticker) {
    this.#source = source;
    this.#request = request;
    this.#ticker = ticker;
  }

  read(): Promise<Bytes | undefined> {
    this.#pending = this.#source.read();
    return this.#pending;
  }

  cancel(): void {
    if (this.#hasLeft) return;
    this.#hasLeft = true;
    if (this.#request.isCancelled) return this.#source.cancel();
    this.#request.leave();
    this.dueMs = this.#ticker.now() + DRAIN_MS;
    this.#ticker.watch(this);
    void this.#drain();
  }

  expire(): void {
    this.#source.cancel();
  }

  async #drain(): Promise<void> {
    let bytes = 0;
    try {
      let chunk = await (this.#pending ?? this.#source.read());
      while (chunk !== undefined && bytes <= DRAIN_BYTES) {
        bytes += chunk.byteLength;
        chunk = await this.#source.read();
      }
      if (chunk !== undefined) this.#source.cancel();
    } catch {
      // Nobody reads this: how it broke off is in the record.
    } finally {
      this.#ticker.unwatch(this);
    }
  }
}
