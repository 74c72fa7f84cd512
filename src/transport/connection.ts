import type { Bytes } from "../core/http.ts";
/** Who is told what a connection brings: the idle pool, the call, or the body, one after the other. */
export interface ConnectionListener {
  /** New bytes stand before `end`. Comes only after `pull()`. */
  onBytes(connection: Connection): void;
  /** The other side has closed, properly (`cause` is undefined) or not. Comes only after `pull()`. */
  onEnd(connection: Connection, cause: unknown): void;
}

/** Small, because every open stream and every idle connection holds one. */
const MIN_BUFFER_BYTES = 4_096;
const MAX_BUFFER_BYTES = 65_536;
/** A head may fill this much before its reader has to refuse it. */
const MAX_HELD_BYTES = 2 * MAX_BUFFER_BYTES;

/**
 * One open connection with its read buffer. Reads only when asked to (backpressure); the bytes not yet consumed
 * are `buffer[start, end)`.
 */
export class Connection {
  buffer: Bytes = new Uint8Array(MIN_BUFFER_BYTES);
  start = 0;
  end = 0;
  listener: ConnectionListener;
  isClosed = false;
  /** Whether it has served a request before, and so may have been given up by the other side meanwhile. */
  isReused = false;
  /** When it became idle, milliseconds of the ticker's clock. */
  idleSinceMs = 0;
  readonly openedMs: number;
  readonly #conn: Deno.Conn;
  #isReading = false;
  /** Size of the next buffer: doubled when a read fills the present one. */
  #wantedBytes = MIN_BUFFER_BYTES;

  constructor(conn: Deno.Conn, openedMs: number, listener: ConnectionListener) {
    this.#conn = conn;
    this.openedMs = openedMs;
    this.listener = listener;
  }

  /** Reads once, unless a read is pending already; the listener is told the result. */
  pull(): void {
    if (this.#isReading || this.isClosed) return;
    this.#isReading = true;
    this.#makeRoom();
    const room = this.end === 0 ? this.buffer : this.buffer.subarray(this.end);
    this.#conn.read(room).then(this.#onRead, this.#onReadFailure);
  }

  /** Writes all of it. Rejects when the connection breaks; what came of it a read tells better. */
  async write(bytes: Bytes): Promise<void> {
    let written = await this.#conn.write(bytes);
    while (written < bytes.length) written += await this.#conn.write(bytes.subarray(written));
  }

  /** Gives the whole buffer away: the caller owns it from now on. All bytes in it must have been consumed. */
  giveBuffer(): void {
    this.buffer = new Uint8Array(this.#wantedBytes);
    this.start = 0;
    this.end = 0;
  }

  /** Makes it ready to wait: buffer small and empty, and one read pending that notices the other side's end. */
  rest(): void {
    this.start = 0;
    this.end = 0;
    this.isReused = true;
    this.#wantedBytes = MIN_BUFFER_BYTES;
    if (this.buffer.length !== MIN_BUFFER_BYTES) this.buffer = new Uint8Array(MIN_BUFFER_BYTES);
    this.pull();
  }

  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    try {
      this.#conn.close();
    } catch {
      // Broken connections are closed by the platform.
    }
  }

  #makeRoom(): void {
    if (this.start === this.end) {
      this.start = 0;
      this.end = 0;
      if (this.buffer.length < this.#wantedBytes) this.buffer = new Uint8Array(this.#wantedBytes);
      return;
    }
    if (this.end < this.buffer.length) return;
    if (this.start > 0 && this.start >= this.buffer.length / 2) {
      this.buffer.copyWithin(0, this.start, this.end);
    } else {
      const larger = new Uint8Array(Math.min(2 * this.buffer.length, MAX_HELD_BYTES));
      larger.set(this.buffer.subarray(this.start, this.end));
      this.buffer = larger;
    }
    this.end -= this.start;
    this.start = 0;
  }

  readonly #onRead = (count: number | null): void => {
    this.#isReading = false;
    if (this.isClosed) return;
    if (count === null) return this.listener.onEnd(this, undefined);
    this.end += count;
    if (this.end === this.buffer.length) this.#wantedBytes = Math.min(2 * this.end, MAX_BUFFER_BYTES);
    this.listener.onBytes(this);
  };

  readonly #onReadFailure = (error: unknown): void => {
    this.#isReading = false;
    if (!this.isClosed) this.listener.onEnd(this, error);
  };
}
