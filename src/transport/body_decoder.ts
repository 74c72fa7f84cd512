import { type Bytes, EMPTY_BODY } from "../core/http.ts";
import type { Framing } from "./answer_head.ts";
import { ChunkedDecoder } from "./chunked_decoder.ts";

/** Takes the body out of the bytes of a connection, by one kind of framing. */
export interface BodyDecoder {
  /** Whether the last byte of the answer was consumed. */
  readonly isDone: boolean;
  /** Where the last `take` stopped: index of the first byte that it did not consume. */
  readonly position: number;
  /**
   * Gives all payload in `buffer[start, end)`: a view of `buffer` when it stands there in one piece, else a
   * new array, or nothing (length 0).
   * @throws BadAnswer
   */
  take(buffer: Bytes, start: number, end: number): Bytes;
  /** The connection has ended: gives whether that is a proper end of this body. */
  end(): boolean;
}

export function createDecoder(framing: Framing): BodyDecoder {
  if (framing === "chunked") return new ChunkedDecoder();
  return framing === "close" ? new CloseDecoder() : new LengthDecoder(framing);
}

class LengthDecoder implements BodyDecoder {
  position = 0;
  #remaining: number;

  constructor(length: number) {
    this.#remaining = length;
  }

  get isDone(): boolean {
    return this.#remaining === 0;
  }

  take(buffer: Bytes, start: number, end: number): Bytes {
    const taken = Math.min(this.#remaining, end - start);
    this.#remaining -= taken;
    this.position = start + taken;
    return taken === 0 ? EMPTY_BODY : buffer.subarray(start, start + taken);
  }

  end(): boolean {
    return this.#remaining === 0;
  }
}

class CloseDecoder implements BodyDecoder {
  position = 0;
  isDone = false;

  take(buffer: Bytes, start: number, end: number): Bytes {
    this.position = end;
    return start === end ? EMPTY_BODY : buffer.subarray(start, end);
  }

  end(): boolean {
    this.isDone = true;
    return true;
  }
}
