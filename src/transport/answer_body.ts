import type { BodySource, Bytes } from "../core/http.ts";
import type { Ticker, Watched } from "../core/watch.ts";
import { BadAnswer } from "./bad_answer.ts";
import type { BodyDecoder } from "./body_decoder.ts";
import type { Connection, ConnectionListener } from "./connection.ts";
import { TransportError, type TransportFault } from "./transport.ts";

/** What the call does when its body is over. */
export interface BodyOwner {
  /** The answer was read to its exact end. */
  onBodyEnd(connection: Connection): void;
  /** It was not, and the connection is closed. Gives the error that readers get. */
  onBodyFault(fault: TransportFault, state: string, cause?: unknown): TransportError;
}

/** Smallest buffer worth giving away instead of copying out of it. */
const MIN_GIVEN_BYTES = 16_384;

/** The body of an answer on its connection, pulled: nothing is read from the connection but on `read()`. */
export class AnswerBody implements BodySource, Watched, ConnectionListener {
  dueMs = Infinity;
  watchSeat = -1;
  readonly #connection: Connection;
  readonly #decoder: BodyDecoder;
  readonly #owner: BodyOwner;
  readonly #ticker: Ticker;
  readonly #idleTimeoutMs: number;
  #chunk: Bytes | undefined;
  #error: TransportError | undefined;
  #resolve: ((chunk: Bytes | undefined) => void) | undefined;
  #reject: ((error: TransportError) => void) | undefined;

  /** `chunk` is the first payload, taken already; empty when none has come. */
  constructor(
    connection: Connection,
    decoder: BodyDecoder,
    chunk: Bytes,
    owner: BodyOwner,
    ticker: Ticker,
    idleTimeoutMs: number,
  ) {
    this.#connection = connection;
    this.#decoder = decoder;
    this.#chunk = chunk.length === 0 ? undefined : chunk;
    this.#owner = owner;
    this.#ticker = ticker;
    this.#idleTimeoutMs = idleTimeoutMs;
    connection.listener = this;
    ticker.watch(this);
  }

  read(): Promise<Bytes | undefined> {
    const chunk = this.#chunk;
    if (chunk !== undefined) {
      this.#chunk = undefined;
      return Promise.resolve(chunk);
    }
    if (this.#error !== undefined) return Promise.reject(this.#error);
    if (this.#decoder.isDone) return Promise.resolve(undefined);
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
      this.#pull();
    });
  }

  cancel(): void {
    this.fail("cancelled", "given up");
  }

  /** Ends it early: the connection is closed, a pending read and all later ones reject. */
  fail(fault: TransportFault, state: string, cause?: unknown): void {
    if (this.#decoder.isDone || this.#error !== undefined) return;
    this.#ticker.unwatch(this);
    this.#chunk = undefined;
    this.#error = this.#owner.onBodyFault(fault, state, cause);
    this.#reject?.(this.#error);
    this.#resolve = undefined;
    this.#reject = undefined;
  }

  onBytes(connection: Connection): void {
    let chunk: Bytes;
    try {
      chunk = takeOwned(connection, this.#decoder);
    } catch (error) {
      return this.#failBad(error);
    }
    if (this.#decoder.isDone) this.#finish();
    if (chunk.length > 0) this.#settle(chunk);
    else if (this.#decoder.isDone) this.#settle(undefined);
    else this.#pull();
  }

  onEnd(_connection: Connection, cause: unknown): void {
    if (cause !== undefined || !this.#decoder.end()) return this.fail("reset", "connection closed", cause);
    this.#finish();
    this.#settle(undefined);
  }

  expire(): void {
    this.fail("idle_timeout", "no bytes for too long");
  }

  #pull(): void {
    this.dueMs = this.#ticker.now() + this.#idleTimeoutMs;
    this.#connection.pull();
  }

  #settle(chunk: Bytes | undefined): void {
    this.dueMs = Infinity;
    const resolve = this.#resolve;
    this.#resolve = undefined;
    this.#reject = undefined;
    resolve?.(chunk);
  }

  #finish(): void {
    this.#ticker.unwatch(this);
    this.#owner.onBodyEnd(this.#connection);
  }

  #failBad(error: unknown): void {
    if (!(error instanceof BadAnswer)) throw error;
    this.fail("protocol", error.message);
  }
}

/**
 * Consumes what has come and gives its payload as an array of its own: a copy, or the connection's whole buffer
 * when the payload fills most of it.
 * @throws BadAnswer
 */
export function takeOwned(connection: Connection, decoder: BodyDecoder): Bytes {
  const { buffer } = connection;
  const payload = decoder.take(buffer, connection.start, connection.end);
  connection.start = decoder.position;
  if (payload.buffer !== buffer.buffer || payload.length === 0) return payload;
  const isWorthGiving = buffer.length >= MIN_GIVEN_BYTES && payload.length >= buffer.length / 2;
  if (!isWorthGiving || connection.start !== connection.end) return payload.slice();
  connection.giveBuffer();
  return payload;
}
