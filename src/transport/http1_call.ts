import { type Bytes, EMPTY_BODY, isBytes } from "../core/http.ts";
import type { Ticker, Watched } from "../core/watch.ts";
import { AnswerBody, type BodyOwner, takeOwned } from "./answer_body.ts";
import { type AnswerHead, framingFor } from "./answer_head.ts";
import { BadAnswer } from "./bad_answer.ts";
import { type Phase, timeoutOf } from "./call_phase.ts";
import { type BodyDecoder, createDecoder } from "./body_decoder.ts";
import { Connection, type ConnectionListener } from "./connection.ts";
import type { ConnectionPool } from "./connection_pool.ts";
import type { Dial } from "./dial.ts";
import { HeadReader } from "./head_reader.ts";
import { stateOf } from "./network_guard.ts";
import { originKey } from "./origin.ts";
import { renderHead } from "./request_head.ts";
import type { RequestWriter, WriteWatch } from "./request_writer.ts";
import {
  type SendLimits,
  TransportError,
  type TransportFault,
  type UpstreamAnswer,
  type UpstreamCall,
  type UpstreamRequest,
} from "./transport.ts";

/** What a call needs of its transport. */
export interface CallHost {
  readonly ticker: Ticker;
  readonly dial: Dial;
  readonly writer: RequestWriter;
  /** The call is over, its body included. */
  onCallEnd(call: Http1Call): void;
}

/** An answer of at most this length is read whole before it is given. */
export const MAX_WHOLE_BYTES = 65_536;

/**
 * One request on its way: from a connection, idle or new, to the head of its answer; then its body takes over.
 * A single state machine, and so in one file though it is long.
 */
export class Http1Call implements UpstreamCall, Watched, ConnectionListener, BodyOwner, WriteWatch {
  readonly answer: Promise<UpstreamAnswer>;
  dueMs = Infinity;
  watchSeat = -1;
  /** Its transport's own: where it keeps the calls under way. */
  seat = -1;
  readonly #request: UpstreamRequest;
  readonly #limits: SendLimits;
  readonly #pool: ConnectionPool;
  readonly #host: CallHost;
  #head = "";
  #phase: Phase = "connect";
  #connection: Connection | undefined;
  #connecting: AbortController | undefined;
  #isWritten = false;
  #wasSent = false;
  #isKeepAlive = false;
  #hasPulledBody = false;
  readonly #headReader = new HeadReader();
  #answerHead: AnswerHead | undefined;
  #body: AnswerBody | undefined;
  readonly #resolve: (answer: UpstreamAnswer) => void;
  readonly #reject: (error: TransportError) => void;

  constructor(request: UpstreamRequest, limits: SendLimits, pool: ConnectionPool, host: CallHost) {
    this.#request = request;
    this.#limits = limits;
    this.#pool = pool;
    this.#host = host;
    const { promise, resolve, reject } = Promise.withResolvers<UpstreamAnswer>();
    this.answer = promise;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  start(): void {
    try {
      this.#head = renderHead(this.#request);
    } catch (error) {
      if (!(error instanceof TransportError)) throw error;
      return this.#end(error);
    }
    if (this.#limits.deadlineMs <= this.#host.ticker.now()) return this.#fail("deadline", "no time left");
    this.#host.ticker.watch(this);
    // What cannot be sent twice never rides on a connection that may be stale.
    const { body, mayRepeat = true } = this.#request;
    const idle = mayRepeat && (body === undefined || isBytes(body)) ? this.#pool.take() : undefined;
    if (idle === undefined) this.#connect();
    else this.#run(idle);
  }

  abort(): void {
    if (this.#phase === "settled") {
      this.#body?.cancel();
      return;
    }
    // Who aborts need not wait for the answer any more.
    this.answer.catch(() => {});
    this.#fail("cancelled", "given up");
  }

  expire(): void {
    if (this.dueMs >= this.#limits.deadlineMs) return this.#fail("deadline", "out of time");
    const { fault, state } = timeoutOf(this.#phase);
    this.#fail(fault, state);
  }

  onBytes(connection: Connection): void {
    try {
      if (this.#answerHead === undefined) this.#readHead(connection);
      else this.#readWholeBody(connection, this.#answerHead);
    } catch (error) {
      if (!(error instanceof BadAnswer)) throw error;
      this.#fail("protocol", error.message);
    }
  }

  onEnd(connection: Connection, cause: unknown): void {
    if (connection.isReused && this.#headReader.isUntouched) {
      connection.close();
      this.#connection = undefined;
      return this.#connect();
    }
    this.#fail("reset", "connection closed", cause);
  }

  onWrite(): void {
    if (this.#phase === "write") this.#enter("write", this.#limits.idleTimeoutMs);
  }

  onPull(): void {
    this.#hasPulledBody = true;
    // The caller is slow, not the upstream: only the deadline counts.
    if (this.#phase === "write") this.dueMs = this.#limits.deadlineMs;
  }

  onBodyEnd(connection: Connection): void {
    if (this.#isKeepAlive && this.#isWritten && connection.start === connection.end) {
      this.#pool.release(connection);
    } else connection.close();
    this.#leave();
  }

  onBodyFault(fault: TransportFault, state: string, cause?: unknown): TransportError {
    this.#connection?.close();
    this.#leave();
    return this.#error(fault, state, cause);
  }

  #connect(): void {
    this.#enter("connect", this.#limits.connectTimeoutMs);
    const connecting = new AbortController();
    this.#connecting = connecting;
    const { dial, ticker } = this.#host;
    dial(this.#request.origin, connecting.signal).then(
      (conn) => {
        const connection = new Connection(conn, ticker.now(), this);
        if (this.#connecting !== connecting) return connection.close();
        this.#connecting = undefined;
        this.#run(connection);
      },
      (error) => {
        if (this.#connecting === connecting) this.#fail("connect_failed", stateOf(error), error);
      },
    );
  }

  #run(connection: Connection): void {
    this.#connection = connection;
    this.#wasSent = true;
    this.#phase = "write";
    connection.listener = this;
    connection.pull();
    this.#write(connection);
  }

  async #write(connection: Connection): Promise<void> {
    const { body } = this.#request;
    try {
      await this.#host.writer.write(connection, this.#head, body, this);
    } catch (error) {
      if (this.#connection !== connection || connection.isClosed) return;
      if (error instanceof TransportError) return this.#failWhile(error);
      // The upstream may have answered before it closed: what became of the request, the pending read tells.
      if (this.#phase === "write") this.#enter("first_byte", this.#limits.firstByteTimeoutMs);
      return;
    }
    if (this.#connection !== connection) return;
    this.#isWritten = true;
    if (this.#phase === "write") this.#enter("first_byte", this.#limits.firstByteTimeoutMs);
  }

  #readHead(connection: Connection): void {
    const head = this.#headReader.read(connection);
    if (head !== undefined) return this.#beginBody(connection, head);
    if (this.#headReader.isWaiting) this.#enter("first_byte", this.#limits.firstByteTimeoutMs);
    else this.#enter("head", this.#limits.idleTimeoutMs);
    connection.pull();
  }

  #beginBody(connection: Connection, head: AnswerHead): void {
    const framing = framingFor(this.#request.method, head);
    this.#answerHead = head;
    // A 204 that announces a body is understood by everyone in their own way.
    const isDoubtful = head.status === 204 && head.framing !== "close" && head.framing !== 0;
    this.#isKeepAlive = head.isKeepAlive && framing !== "close" && !isDoubtful;
    if (framing === 0) return this.#finish(connection, head, EMPTY_BODY);
    if (typeof framing === "number" && framing <= MAX_WHOLE_BYTES && !head.isEventStream) {
      return this.#readWholeBody(connection, head);
    }
    const decoder = createDecoder(framing);
    const chunk = takeOwned(connection, decoder);
    if (decoder.isDone) return this.#finish(connection, head, chunk);
    this.#stream(connection, head, decoder, chunk);
  }

  #readWholeBody(connection: Connection, head: AnswerHead): void {
    const length = typeof head.framing === "number" ? head.framing : 0;
    const from = connection.start;
    if (connection.end - from < length) {
      this.#enter("whole_body", this.#limits.idleTimeoutMs);
      return connection.pull();
    }
    connection.start = from + length;
    this.#finish(connection, head, connection.buffer.slice(from, from + length));
  }

  #finish(connection: Connection, head: AnswerHead, body: Bytes): void {
    this.#settle();
    this.onBodyEnd(connection);
    this.#resolve({ status: head.status, headers: head.headers, body });
  }

  #stream(connection: Connection, head: AnswerHead, decoder: BodyDecoder, chunk: Bytes): void {
    this.#settle();
    const { ticker } = this.#host;
    this.#body = new AnswerBody(connection, decoder, chunk, this, ticker, this.#limits.idleTimeoutMs);
    this.#resolve({ status: head.status, headers: head.headers, body: this.#body });
  }

  #enter(phase: Phase, timeoutMs: number): void {
    this.#phase = phase;
    this.dueMs = Math.min(this.#host.ticker.now() + timeoutMs, this.#limits.deadlineMs);
  }

  #settle(): void {
    this.#phase = "settled";
    this.#host.ticker.unwatch(this);
  }

  #fail(fault: TransportFault, state: string, cause?: unknown): void {
    this.#end(this.#error(fault, state, cause));
  }

  /** A failure while the answer may have begun already: then its body ends with it. */
  #failWhile(error: TransportError): void {
    if (this.#phase !== "settled") this.#end(error);
    else this.#body?.fail(error.fault, "its body broke off", error.cause);
  }

  #end(error: TransportError): void {
    if (this.#phase === "settled") return;
    this.#settle();
    this.#connecting?.abort();
    this.#connecting = undefined;
    this.#connection?.close();
    this.#leave();
    this.#reject(error);
  }

  #leave(): void {
    const { body } = this.#request;
    // Harmless when it was sent to its end. One that nothing was pulled from may still be sent elsewhere.
    if (this.#hasPulledBody && body !== undefined && !isBytes(body)) body.cancel();
    this.#host.onCallEnd(this);
  }

  #error(fault: TransportFault, state: string, cause?: unknown): TransportError {
    const action = this.#connection === undefined ? "reach" : "get an answer from";
    const message = `Cannot ${action} ${originKey(this.#request.origin)}: ${state}`;
    return new TransportError(fault, message, this.#wasSent, cause);
  }
}
