import { type Body, type BodySource, type Bytes, isBytes } from "../core/http.ts";
import type { Connection } from "./connection.ts";
import { TransportError } from "./transport.ts";

/** Is told what a write waits for, so that the right time limit runs. */
export interface WriteWatch {
  /** Bytes are about to be given to the upstream. */
  onWrite(): void;
  /** The caller is about to be asked for more of its body. */
  onPull(): void;
}

const SCRATCH_BYTES = 16_384;
const MAX_SPARE = 64;
const MAX_PIECE_BYTES = 65_536;

/**
 * Writes requests. Head and small body go out with one write, from a buffer that is lent for as long as the
 * write takes.
 */
export class RequestWriter {
  readonly #encoder = new TextEncoder();
  readonly #spare: Bytes[] = [];

  /**
   * @throws TransportError "request_body" when a source breaks off; whatever the connection throws when it
   * breaks
   */
  async write(
    connection: Connection,
    head: string,
    body: Body | undefined,
    watch: WriteWatch,
  ): Promise<void> {
    const source = body === undefined || isBytes(body) ? undefined : body;
    const bytes = body !== undefined && isBytes(body) ? body : undefined;
    const isJoined = bytes !== undefined && head.length + bytes.length <= SCRATCH_BYTES;
    const size = head.length + (isJoined ? bytes.length : 0);
    const scratch = size <= SCRATCH_BYTES
      ? this.#spare.pop() ?? new Uint8Array(SCRATCH_BYTES)
      : new Uint8Array(size);
    this.#encode(head, scratch);
    if (isJoined) scratch.set(bytes, head.length);
    watch.onWrite();
    try {
      await connection.write(scratch.subarray(0, size));
    } finally {
      if (size <= SCRATCH_BYTES && this.#spare.length < MAX_SPARE) this.#spare.push(scratch);
    }
    if (source !== undefined) await writeChunked(connection, source, watch);
    else if (bytes !== undefined && !isJoined) await writePieces(connection, bytes, watch);
  }

  /** One byte a char; nearly every head is ASCII, for which UTF-8 is the same and five times as fast. */
  #encode(head: string, into: Bytes): void {
    const { read, written } = this.#encoder.encodeInto(head, into);
    if (read === head.length && written === head.length) return;
    for (let i = 0; i < head.length; i++) into[i] = head.charCodeAt(i);
  }
}

/** Piece by piece, so that progress is seen. */
async function writePieces(connection: Connection, bytes: Bytes, watch: WriteWatch): Promise<void> {
  for (let at = 0; at < bytes.length; at += MAX_PIECE_BYTES) {
    watch.onWrite();
    await connection.write(bytes.subarray(at, at + MAX_PIECE_BYTES));
  }
}

async function writeChunked(connection: Connection, body: BodySource, watch: WriteWatch): Promise<void> {
  let frame = new Uint8Array(0);
  for (;;) {
    watch.onPull();
    const chunk = await pull(body);
    if (chunk === undefined) break;
    for (let at = 0; at < chunk.length; at += MAX_PIECE_BYTES) {
      const piece = chunk.subarray(at, at + MAX_PIECE_BYTES);
      const size = `${piece.length.toString(16)}\r\n`;
      const needed = size.length + piece.length + 2;
      if (frame.length < needed) frame = new Uint8Array(needed);
      for (let i = 0; i < size.length; i++) frame[i] = size.charCodeAt(i);
      frame.set(piece, size.length);
      frame[needed - 2] = 13;
      frame[needed - 1] = 10;
      watch.onWrite();
      await connection.write(frame.subarray(0, needed));
    }
  }
  watch.onWrite();
  await connection.write(LAST_CHUNK);
}

async function pull(body: BodySource): Promise<Bytes | undefined> {
  try {
    return await body.read();
  } catch (error) {
    throw new TransportError("request_body", "Cannot send the request: its body broke off", true, error);
  }
}

/** `0`, CRLF, CRLF. */
const LAST_CHUNK: Bytes = new Uint8Array([48, 13, 10, 13, 10]);
