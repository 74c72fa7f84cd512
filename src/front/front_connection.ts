import { type BodySource, type Bytes, EMPTY_BODY } from "../core/http.ts";
import type { Watched } from "../core/watch.ts";
import type { Answer } from "../proxy/answer.ts";
import { BadAnswer } from "../transport/bad_answer.ts";
import { Connection, type ConnectionListener } from "../transport/connection.ts";
import { type AnswerPlan, giveUp, planAnswer } from "./answer_plan.ts";
import { AnswerWriter, type WriteEnd } from "./answer_writer.ts";
import { BadRequest } from "./bad_request.ts";
import { BodyPace } from "./body_pace.ts";
import type { ConnectionHost } from "./connection_host.ts";
import type { Placed } from "./crowd.ts";
import { FrontRequest } from "./front_request.ts";
import { scanHead, skipEmptyLines } from "./head_scan.ts";
import { refusalOf } from "./refusal.ts";
import { type BodyWire, RequestBody } from "./request_body.ts";
import { parseRequestHead, type RequestHead } from "./request_head.ts";

/**
 * - `idle`, `head`: waiting for a request's first byte, for the rest of its head
 * - `busy`: a request is underway, its answer included
 * - `drain`: the answer is out, the rest of the body is passed over
 * - `linger`: everything is said, what still comes is passed over, so that the last words arrive
 */
type State = "idle" | "head" | "busy" | "drain" | "linger" | "closed";

/** A body of at most this length is given at once, if it came with its head. */
const MAX_WHOLE_BYTES = 65_536;
/** A larger buffer is not kept while its connection waits. */
const MAX_KEPT_BYTES = 16_384;
const LINGER_MS = 2_000;
const MAX_LINGER_BYTES = 1_048_576;

/** One connection of a caller: its requests one after the other. One state machine, and so in one file. */
export class FrontConnection implements ConnectionListener, Watched, BodyWire, WriteEnd, Placed {
  dueMs: number;
  watchSeat = -1;
  /** Its front's own: where it keeps the connections. */
  seat = -1;
  wire: Connection;
  isPulling = false;
  readonly #conn: Deno.TcpConn;
  readonly #host: ConnectionHost;
  readonly #writer: AnswerWriter;
  #state: State = "idle";
  #scannedBytes = 0;
  #request: FrontRequest | undefined;
  /** The body of the answer, while it is sent. */
  #source: BodySource | undefined;
  #isKept = false;
  #passedBytes = 0;
  #pace: BodyPace | undefined;

  constructor(conn: Deno.TcpConn, host: ConnectionHost) {
    this.#conn = conn;
    this.#host = host;
    this.#writer = new AnswerWriter(conn, this);
    const nowMs = host.ticker.now();
    this.wire = new Connection(conn, nowMs, this);
    this.dueMs = nowMs + host.limits.headTimeoutMs;
  }

  start(): void {
    this.#host.ticker.watch(this);
    this.pull();
  }

  /** Refuses the connection as a whole. */
  refuse(reason: BadRequest): void {
    this.#host.ticker.watch(this);
    this.#refuse(reason);
  }

  /** Whether it waits for a request of which not one byte has come. */
  get isIdle(): boolean {
    return this.#state === "idle";
  }

  /** Closes it now if it waits for a request, else after the answer under way. */
  retire(): void {
    if (this.isIdle) this.close();
  }

  close(): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#host.ticker.unwatch(this);
    this.wire.close();
    const request = this.#request;
    const source = this.#source;
    this.#request = undefined;
    this.#source = undefined;
    request?.leave();
    source?.cancel();
    this.#host.onConnectionEnd(this);
  }

  pull(): void {
    if (this.isPulling || this.#state === "closed") return;
    this.isPulling = true;
    this.wire.pull();
  }

  onBytes(): void {
    this.isPulling = false;
    switch (this.#state) {
      case "idle":
      case "head":
        return this.#readHead();
      case "busy":
        return this.#request?.pulled?.onBytes();
      case "drain":
        return this.#drain();
      case "linger":
        return this.#passOver();
    }
  }

  onEnd(): void {
    this.isPulling = false;
    this.close();
  }

  expire(): void {
    if (this.#state === "head") {
      this.#host.ticker.watch(this);
      return this.#refuse(new BadRequest(408, "its head did not come in time"));
    }
    const body = this.#request?.pulled;
    if (this.#state === "busy" && body !== undefined && body.isAwaited) {
      this.dueMs = Infinity;
      this.#host.ticker.watch(this);
      return body.fail("it did not come in time");
    }
    this.close();
  }

  onBodyWait(receivedBytes: number): void {
    const { ticker, limits } = this.#host;
    this.#pace ??= new BodyPace(limits);
    this.dueMs = this.#pace.begin(ticker.now(), receivedBytes);
  }

  onBodyCome(): void {
    this.#pace?.end(this.#host.ticker.now());
    this.dueMs = Infinity;
  }

  sendContinue(): void {
    this.#writer.sendContinue();
  }

  onWriteBegin(): void {
    this.dueMs = this.#host.ticker.now() + this.#host.limits.stallTimeoutMs;
  }

  onWriteWait(): void {
    this.dueMs = Infinity;
  }

  /** The answer is out. */
  onWritten(): void {
    if (this.#state !== "busy") return;
    const request = this.#request;
    request?.end();
    this.#source = undefined;
    if (!this.#isKept) return this.#sayGoodbye();
    if (request?.pulled === undefined || request.pulled.isDone) return this.#next();
    this.#state = "drain";
    this.#passedBytes = 0;
    request.pulled.cancel();
    this.dueMs = this.#host.ticker.now() + this.#host.limits.stallTimeoutMs;
    if (this.isPulling) return;
    this.#drain();
  }

  onWriteFault(): void {
    this.close();
  }

  #readHead(): void {
    const { wire } = this;
    try {
      if (this.#state === "idle") {
        wire.start = skipEmptyLines(wire.buffer, wire.start, wire.end);
        if (wire.start === wire.end) return this.pull();
        this.#state = "head";
        this.#scannedBytes = 0;
        this.dueMs = this.#host.ticker.now() + this.#host.limits.headTimeoutMs;
      }
      const { buffer, start, end } = wire;
      const headEnd = scanHead(buffer, start, start + this.#scannedBytes, end);
      if (headEnd === -1) {
        // The last byte may be a CR whose LF has not come.
        this.#scannedBytes = Math.max(0, end - start - 1);
        return this.pull();
      }
      const head = parseRequestHead(buffer, start, headEnd);
      if (head.hasUpgrade || !this.#host.isProxyPath(head.path)) return this.#handOver();
      wire.start = headEnd;
      this.#serve(head);
    } catch (error) {
      if (!(error instanceof BadRequest)) throw error;
      this.#refuse(error);
    }
  }

  #serve(head: RequestHead): void {
    this.#state = "busy";
    this.dueMs = Infinity;
    const { framing } = head;
    let bytes: Bytes | undefined;
    let pulled: RequestBody | undefined;
    if (framing !== 0) {
      bytes = this.#takeWhole(framing);
      if (bytes === undefined) pulled = new RequestBody(this, framing, head.expectsContinue);
    }
    const request = new FrontRequest(this.#conn, head, bytes, pulled);
    this.#request = request;
    this.#pace = undefined;
    if (this.wire.start === this.wire.end) {
      if (this.wire.buffer.length > MAX_KEPT_BYTES && pulled === undefined) {
        this.wire = new Connection(this.#conn, this.wire.openedMs, this);
      }
      // Read ahead, also to notice that the caller leaves. It is the read that the next request needs anyway.
      this.pull();
    }
    this.#host.relay(request).then(this.#onAnswer, this.#onRelayFault);
  }

  #takeWhole(framing: number | "chunked"): Bytes | undefined {
    const { wire } = this;
    const from = wire.start;
    if (framing === "chunked" || framing > MAX_WHOLE_BYTES || wire.end - from < framing) return undefined;
    wire.start = from + framing;
    return wire.buffer.slice(from, from + framing);
  }

  readonly #onAnswer = (answer: Answer): void => {
    const request = this.#request;
    if (request === undefined) return giveUp(answer);
    const { isStopping, ticker } = this.#host;
    let plan: AnswerPlan;
    try {
      plan = planAnswer(request, answer, isStopping, ticker.now());
    } catch (error) {
      return this.#onRelayFault(error);
    }
    const { head, source } = plan;
    this.#isKept = plan.isKept;
    this.#source = source;
    if (source === undefined) this.#writer.write(head, plan.bytes);
    else this.#writer.stream(head, source, plan.isChunked);
  };

  readonly #onRelayFault = (error: unknown): void => {
    this.#host.log.error("front.relay_failed", { error });
    if (this.#request === undefined) return;
    this.#isKept = false;
    const { head, body } = refusalOf(500, "internal", "Internal error", this.#host.ticker.now());
    this.#writer.write(head, this.#request.method === "HEAD" ? EMPTY_BODY : body);
  };

  #next(): void {
    this.#request = undefined;
    if (this.#host.isStopping) return this.#sayGoodbye();
    this.#state = "idle";
    this.dueMs = this.#host.ticker.now() + this.#host.limits.idleTimeoutMs;
    if (this.isPulling) return;
    if (this.wire.start < this.wire.end) this.#readHead();
    else this.pull();
  }

  #drain(): void {
    const body = this.#request?.pulled;
    if (body === undefined) return this.#next();
    const from = this.wire.start;
    try {
      body.discard();
    } catch (error) {
      if (!(error instanceof BadAnswer)) throw error;
      return this.#sayGoodbye();
    }
    this.#passedBytes += this.wire.start - from;
    if (body.isDone) this.#next();
    else if (this.#passedBytes > this.#host.limits.maxDrainBytes) this.#sayGoodbye();
    else this.pull();
  }

  /** An answer to what is no request, and the end of the connection. */
  #refuse(reason: BadRequest): void {
    this.#state = "busy";
    this.#isKept = false;
    const code = reason.status === 431 ? "header_too_large" : "invalid_request";
    const message = `Cannot read the request: ${reason.message}`;
    const { head, body } = refusalOf(reason.status, code, message, this.#host.ticker.now());
    this.#writer.write(head, body);
  }

  /**
   * Closes the sending side first: to close both with bytes unread would reset the connection, and the last
   * answer could be lost with it (RFC 9112, 9.6).
   */
  #sayGoodbye(): void {
    const isQuiet = this.#request !== undefined && this.#request.pulled?.isDone !== false &&
      this.wire.start === this.wire.end;
    this.#request = undefined;
    if (isQuiet) return this.close();
    this.#state = "linger";
    this.#passedBytes = 0;
    this.dueMs = this.#host.ticker.now() + LINGER_MS;
    this.#conn.closeWrite().catch(() => this.close());
    if (!this.isPulling) this.#passOver();
  }

  #passOver(): void {
    const { wire } = this;
    this.#passedBytes += wire.end - wire.start;
    wire.start = wire.end;
    if (this.#passedBytes > MAX_LINGER_BYTES) this.close();
    else this.pull();
  }

  /** @throws BadRequest when too many have gone that way. */
  #handOver(): void {
    const { wire } = this;
    const handOver = this.#host.prepareHandOver();
    this.#state = "closed";
    this.#host.ticker.unwatch(this);
    handOver(this.#conn, wire.buffer.slice(wire.start, wire.end));
    this.#host.onConnectionEnd(this);
  }
}
