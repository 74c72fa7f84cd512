import { type BodySource, type Bytes } from "../core/http.ts";
import { AppError } from "../errors.ts";
import { takeOwned } from "../transport/answer_body.ts";
import { BadAnswer } from "../transport/bad_answer.ts";
import { type BodyDecoder, createDecoder } from "../transport/body_decoder.ts";
import type { Connection } from "../transport/connection.ts";

/** The connection that a body comes on. */
export interface BodyWire {
  readonly wire: Connection;
  /** Whether a read is pending, so that the bytes in the buffer must not be moved. */
  readonly isPulling: boolean;
  pull(): void;
  /** The body is waited for: from now on its sender has limited time. */
  onBodyWait(receivedBytes: number): void;
  onBodyCome(): void;
  /** The caller waits for `100 Continue`. */
  sendContinue(): void;
}

/** A request's body on its connection, pulled: at most one buffer is read ahead. */
export class RequestBody implements BodySource {
  readonly #owner: BodyWire;
  readonly #decoder: BodyDecoder;
  #mustSendContinue: boolean;
  #isGivenUp = false;
  #receivedBytes = 0;
  #error: AppError | undefined;
  #resolve: ((chunk: Bytes | undefined) => void) | undefined;
  #reject: ((error: AppError) => void) | undefined;

  constructor(owner: BodyWire, framing: number | "chunked", expectsContinue: boolean) {
    this.#owner = owner;
    this.#decoder = createDecoder(framing);
    this.#mustSendContinue = expectsContinue;
  }

  /** Whether its last byte was consumed. */
  get isDone(): boolean {
    return this.#decoder.isDone;
  }

  /** Whether its sender may be waiting for a word that it never got. */
  get isHeldBack(): boolean {
    return this.#mustSendContinue;
  }

  read(): Promise<Bytes | undefined> {
    if (this.#error !== undefined) return Promise.reject(this.#error);
    if (this.#isGivenUp) return Promise.resolve(undefined);
    const { wire, isPulling } = this.#owner;
    if (!isPulling && wire.start < wire.end) {
      this.#mustSendContinue = false;
      const chunk = this.#take();
      if (this.#error !== undefined) return Promise.reject(this.#error);
      if (chunk.length > 0) return Promise.resolve(chunk);
    }
    if (this.#decoder.isDone) return Promise.resolve(undefined);
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
      this.#owner.onBodyWait(this.#receivedBytes);
      if (this.#mustSendContinue) {
        this.#mustSendContinue = false;
        this.#owner.sendContinue();
      }
      this.#owner.pull();
    });
  }

  /** All of it in one array. */
  async readAll(): Promise<Bytes> {
    const first = await this.read();
    if (first === undefined) return new Uint8Array(0);
    const chunks = [first];
    let size = first.length;
    for (let chunk = await this.read(); chunk !== undefined; chunk = await this.read()) {
      chunks.push(chunk);
      size += chunk.length;
    }
    if (chunks.length === 1) return first;
    const whole = new Uint8Array(size);
    let at = 0;
    for (const chunk of chunks) {
      whole.set(chunk, at);
      at += chunk.length;
    }
    return whole;
  }

  cancel(): void {
    this.#isGivenUp = true;
    this.#settle(undefined);
  }

  /** Bytes stand in the buffer. */
  onBytes(): void {
    if (this.#resolve === undefined) return;
    const chunk = this.#take();
    if (this.#error !== undefined) return;
    if (chunk.length > 0) this.#settle(chunk);
    else if (this.#decoder.isDone) this.#settle(undefined);
    else this.#owner.pull();
  }

  /** Consumes and forgets what has come. Gives how many payload bytes it was. @throws BadAnswer */
  discard(): number {
    const { wire } = this.#owner;
    const { length } = this.#decoder.take(wire.buffer, wire.start, wire.end);
    wire.start = this.#decoder.position;
    return length;
  }

  /** Ends it early: a pending read and all later ones reject. */
  fail(state: string): void {
    if (this.#decoder.isDone || this.#error !== undefined) return;
    this.#error = new AppError("invalid_request", `Cannot read the body: ${state}`);
    const reject = this.#reject;
    this.#resolve = undefined;
    this.#reject = undefined;
    reject?.(this.#error);
  }

  get hasFailed(): boolean {
    return this.#error !== undefined;
  }

  /** Whether a read is pending. */
  get isAwaited(): boolean {
    return this.#resolve !== undefined;
  }

  #take(): Bytes {
    try {
      const chunk = takeOwned(this.#owner.wire, this.#decoder);
      this.#receivedBytes += chunk.length;
      // From here on a read notices that the caller leaves.
      if (this.#decoder.isDone && this.#owner.wire.start === this.#owner.wire.end) this.#owner.pull();
      return chunk;
    } catch (error) {
      if (!(error instanceof BadAnswer)) throw error;
      this.fail(error.message);
      return new Uint8Array(0);
    }
  }

  #settle(chunk: Bytes | undefined): void {
    const resolve = this.#resolve;
    if (resolve === undefined) return;
    this.#owner.onBodyCome();
    this.#resolve = undefined;
    this.#reject = undefined;
    resolve(chunk);
  }
}
