import type { BodySource, Bytes } from "../core/http.ts";
import type { Ticker, Watched } from "../core/watch.ts";
import { TransportError, type TransportFault } from "./transport.ts";

/** What the body needs of its call. */
export interface FetchBodyOwner {
  /** Origin, for messages. */
  readonly where: string;
  /** Closes the connection. */
  abort(): void;
  /** The body is over, one way or the other. */
  onEnd(): void;
}

/** The body of a fetched answer, pulled, with the idle time limit while a read is pending. */
export class FetchBody implements BodySource, Watched {
  dueMs = Infinity;
  readonly #reader: ReadableStreamDefaultReader<Bytes>;
  readonly #ticker: Ticker;
  readonly #idleTimeoutMs: number;
  readonly #owner: FetchBodyOwner;
  #isDone = false;
  #error: TransportError | undefined;

  constructor(
    reader: ReadableStreamDefaultReader<Bytes>,
    ticker: Ticker,
    idleTimeoutMs: number,
    owner: FetchBodyOwner,
  ) {
    this.#reader = reader;
    this.#ticker = ticker;
    this.#idleTimeoutMs = idleTimeoutMs;
    this.#owner = owner;
    ticker.watch(this);
  }

  async read(): Promise<Bytes | undefined> {
    try {
      while (!this.#isDone && this.#error === undefined) {
        this.dueMs = this.#ticker.now() + this.#idleTimeoutMs;
        const { value } = await this.#reader.read();
        if (this.#error !== undefined) break;
        if (value !== undefined && value.length > 0) return value;
        if (value === undefined) this.#finish();
      }
    } catch (error) {
      this.#fail("reset", "connection closed", error);
    } finally {
      this.dueMs = Infinity;
    }
    if (this.#error !== undefined) throw this.#error;
    return undefined;
  }

  cancel(): void {
    this.#fail("cancelled", "given up");
  }

  expire(): void {
    this.#fail("idle_timeout", "no bytes for too long");
  }

  #finish(): void {
    this.#isDone = true;
    this.#ticker.unwatch(this);
    this.#owner.onEnd();
  }

  #fail(fault: TransportFault, state: string, cause?: unknown): void {
    if (this.#isDone || this.#error !== undefined) return;
    this.#error = new TransportError(
      fault,
      `Cannot read the answer of ${this.#owner.where}: ${state}`,
      true,
      cause,
    );
    this.#ticker.unwatch(this);
    // Fails when the stream has broken already, and then there is nothing left to give up.
    this.#reader.cancel().catch(() => {});
    this.#owner.abort();
    this.#owner.onEnd();
  }
}
