import { Buffer } from "node:buffer";
import { type Bytes, EMPTY_BODY } from "../core/http.ts";
import { parseHeaderLine } from "./answer_head.ts";
import { BadAnswer } from "./bad_answer.ts";
import type { BodyDecoder } from "./body_decoder.ts";

const MAX_SIZE_LINE_BYTES = 256;
const MAX_TRAILER_LINE_BYTES = 4_096;
const MAX_TRAILERS = 64;

/**
 * Chunked coding (RFC 9112, 7.1). Extensions and trailers are checked and dropped. Lines are consumed whole: one
 * that has not fully come stays in the buffer.
 */
export class ChunkedDecoder implements BodyDecoder {
  isDone = false;
  position = 0;
  #part: "size" | "data" | "data_end" | "trailer" = "size";
  /** Payload bytes of the current chunk still to come. */
  #remaining = 0;
  #trailers = 0;

  take(buffer: Bytes, start: number, end: number): Bytes {
    let at = start;
    let piece = EMPTY_BODY;
    let joined: Bytes | undefined;
    let joinedBytes = 0;
    while (!this.isDone) {
      if (this.#part === "data") {
        const taken = Math.min(this.#remaining, end - at);
        if (taken === 0) break;
        const next = buffer.subarray(at, at + taken);
        if (piece.length === 0) {
          piece = next;
        } else {
          if (joined === undefined) {
            joined = new Uint8Array(piece.length + end - at);
            joined.set(piece);
            joinedBytes = piece.length;
          }
          joined.set(next, joinedBytes);
          joinedBytes += taken;
        }
        at += taken;
        this.#remaining -= taken;
        if (this.#remaining === 0) this.#part = "data_end";
        continue;
      }
      const after = this.#readLine(buffer, at, end);
      if (after === -1) break;
      at = after;
    }
    this.position = at;
    return joined === undefined ? piece : joined.subarray(0, joinedBytes);
  }

  end(): boolean {
    return this.isDone;
  }

  /** Consumes one line and gives the index after it, or -1 when it has not fully come. */
  #readLine(buffer: Bytes, start: number, end: number): number {
    switch (this.#part) {
      case "data_end":
        if (start < end && buffer[start] !== 13) throw new BadAnswer("chunk longer than its size");
        if (end - start < 2) return -1;
        if (buffer[start + 1] !== 10) throw new BadAnswer("chunk longer than its size");
        this.#part = "size";
        return start + 2;
      case "trailer":
        return this.#readTrailer(buffer, start, end);
      default:
        return this.#readSize(buffer, start, end);
    }
  }

  #readSize(buffer: Bytes, start: number, end: number): number {
    let size = 0;
    let at = start;
    for (; at < end; at++) {
      const digit = hexDigit(buffer[at] ?? 0);
      if (digit === -1) break;
      size = size * 16 + digit;
      // 12 digits are exact in a double and more than any body has.
      if (at - start >= 12) throw new BadAnswer("chunk size too large");
    }
    if (at === end) return -1;
    if (at === start) throw new BadAnswer("chunk size is not hexadecimal");
    if (buffer[at] !== 13) {
      const lineEnd = findLineEnd(buffer, start, end, MAX_SIZE_LINE_BYTES);
      if (buffer[at] !== 59) throw new BadAnswer("chunk size is not hexadecimal");
      if (lineEnd === -1) return -1;
      if (!EXTENSIONS.test(latin1(buffer, at, lineEnd))) throw new BadAnswer("bad chunk extension");
      at = lineEnd;
    }
    if (at + 1 === end) return -1;
    if (buffer[at + 1] !== 10) throw new BadAnswer("bare CR");
    this.#remaining = size;
    this.#part = size === 0 ? "trailer" : "data";
    return at + 2;
  }

  #readTrailer(buffer: Bytes, start: number, end: number): number {
    const lineEnd = findLineEnd(buffer, start, end, MAX_TRAILER_LINE_BYTES);
    if (lineEnd === -1) return -1;
    if (lineEnd === start) {
      this.isDone = true;
      return start + 2;
    }
    if (++this.#trailers > MAX_TRAILERS) throw new BadAnswer("too many trailers");
    const line = latin1(buffer, start, lineEnd);
    if (!VALUE.test(line)) throw new BadAnswer("control character in a trailer");
    const [name] = parseHeaderLine(line, 0, line.length);
    if (name === "content-length" || name === "transfer-encoding") {
      throw new BadAnswer("framing header in a trailer");
    }
    return lineEnd + 2;
  }
}

const EXTENSIONS =
  /^(?:;[!#$%&'*+\-.^_`|~0-9A-Za-z]+(?:=(?:[!#$%&'*+\-.^_`|~0-9A-Za-z]+|"[\t\x20!\x23-\x5b\x5d-\x7e]*"))?)+$/;
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** Index of the CR that ends the line, or -1 when its CRLF has not come. */
function findLineEnd(buffer: Bytes, start: number, end: number, maxBytes: number): number {
  const lf = buffer.indexOf(10, start);
  const isWhole = lf !== -1 && lf < end;
  if ((isWhole ? lf : end) - start > maxBytes) throw new BadAnswer("line too long");
  if (!isWhole) return -1;
  if (lf === start || buffer[lf - 1] !== 13) throw new BadAnswer("bare LF");
  return lf - 1;
}

function latin1(buffer: Bytes, start: number, end: number): string {
  return Buffer.prototype.latin1Slice.call(buffer, start, end);
}

function hexDigit(byte: number): number {
  if (byte >= 48 && byte <= 57) return byte - 48;
  const lower = byte | 32;
  return lower >= 97 && lower <= 102 ? lower - 87 : -1;
}
