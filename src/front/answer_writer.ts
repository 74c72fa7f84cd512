import type { BodySource, Bytes } from "../core/http.ts";

/** Is told how the writing of an answer goes. */
export interface WriteEnd {
  /** Bytes are about to be given to the caller, who has limited time to take them. */
  onWriteBegin(): void;
  /** The answer's own source is waited for. */
  onWriteWait(): void;
  /** The whole answer is out. */
  onWritten(): void;
  /** It is not and never will be. */
  onWriteFault(): void;
}

const SCRATCH_BYTES = 16_384;
const MAX_JOINED_BYTES = 65_536 + 8_192;
const MAX_PIECE_BYTES = 65_536;
const MIN_FRAME_BYTES = 512;
const MAX_SPARE = 64;

/** Lent for as long as a write takes. */
const spare: Bytes[] = [];
const encoder = new TextEncoder();

/** Writes answers to one connection: head and small body with one write, a stream with one write a chunk. */
export class AnswerWriter {
  readonly #conn: Deno.TcpConn;
  readonly #end: WriteEnd;
  #sending: Bytes | undefined;
  #sentBytes = 0;
  #continuing: Promise<unknown> | undefined;

  constructor(conn: Deno.TcpConn, end: WriteEnd) {
    this.#conn = conn;
    this.#end = end;
  }

  /** `100 Continue`; an answer waits until it is out. */
  sendContinue(): void {
    // A connection that breaks is noticed by its read.
    this.#continuing = writeAll(this.#conn, CONTINUE).catch(() => {}).then(() =>
      this.#continuing = undefined
    );
  }

  write(head: string, body: Bytes): void {
    if (this.#continuing !== undefined) return void this.#continuing.then(() => this.write(head, body));
    const size = head.length + body.length;
    this.#end.onWriteBegin();
    if (size > MAX_JOINED_BYTES) return void this.#writePieces(head, body);
    const scratch = size <= SCRATCH_BYTES
      ? spare.pop() ?? new Uint8Array(SCRATCH_BYTES)
      : new Uint8Array(size);
    encode(head, scratch);
    if (body.length > 0) scratch.set(body, head.length);
    this.#sending = scratch.subarray(0, size);
    this.#sentBytes = 0;
    this.#conn.write(this.#sending).then(this.#onWrite, this.#onFault);
  }

  /** The head goes out at once; with the first chunk, if that is there already. */
  async stream(head: string, source: BodySource, isChunked: boolean): Promise<void> {
    if (this.#continuing !== undefined) await this.#continuing;
    try {
      this.#end.onWriteWait();
      const first = source.read();
      let early: Bytes | undefined;
      first.then((chunk) => early = chunk, () => {});
      await undefined;
      const frame = new ChunkFrame(isChunked);
      // It may come while the head is on its way: then it has not gone out with it.
      const sent = early;
      await this.#send(frame.of(head, sent));
      for (let chunk = sent === undefined ? await first : await this.#pull(source); chunk !== undefined;) {
        await this.#send(frame.of("", chunk));
        chunk = await this.#pull(source);
      }
      if (isChunked) await this.#send(LAST_CHUNK);
    } catch {
      // Whether the source broke or the connection: the caller must not take this for a whole answer.
      return this.#end.onWriteFault();
    }
    this.#end.onWritten();
  }

  async #writePieces(head: string, body: Bytes): Promise<void> {
    try {
      await this.#send(encode(head, new Uint8Array(head.length)));
      for (let at = 0; at < body.length; at += MAX_PIECE_BYTES) {
        await this.#send(body.subarray(at, at + MAX_PIECE_BYTES));
      }
    } catch {
      return this.#end.onWriteFault();
    }
    this.#end.onWritten();
  }

  #pull(source: BodySource): Promise<Bytes | undefined> {
    this.#end.onWriteWait();
    return source.read();
  }

  #send(bytes: Bytes): Promise<void> {
    this.#end.onWriteBegin();
    return writeAll(this.#conn, bytes);
  }

  readonly #onWrite = (written: number): void => {
    const sending = this.#sending;
    if (sending === undefined) return;
    this.#sentBytes += written;
    if (this.#sentBytes < sending.length) {
      // No new time: a caller that takes a byte now and then holds its connection no longer than one that takes none.
      this.#conn.write(sending.subarray(this.#sentBytes)).then(this.#onWrite, this.#onFault);
      return;
    }
    this.#release(sending);
    this.#end.onWritten();
  };

  readonly #onFault = (): void => {
    if (this.#sending !== undefined) this.#release(this.#sending);
    this.#end.onWriteFault();
  };

  #release(sending: Bytes): void {
    this.#sending = undefined;
    const { buffer } = sending;
    if (buffer.byteLength === SCRATCH_BYTES && spare.length < MAX_SPARE) spare.push(new Uint8Array(buffer));
  }
}

const CONTINUE: Bytes = encoder.encode("HTTP/1.1 100 Continue\r\n\r\n");
/** `0`, CRLF, CRLF. */
const LAST_CHUNK: Bytes = encoder.encode("0\r\n\r\n");

async function writeAll(conn: Deno.TcpConn, bytes: Bytes): Promise<void> {
  let written = await conn.write(bytes);
  while (written < bytes.length) written += await conn.write(bytes.subarray(written));
}

/** One byte a char; nearly every head is ASCII, for which UTF-8 is the same and five times as fast. */
function encode(head: string, into: Bytes): Bytes {
  const { read, written } = encoder.encodeInto(head, into);
  if (read === head.length && written === head.length) return into;
  for (let i = 0; i < head.length; i++) into[i] = head.charCodeAt(i);
  return into;
}

/** Chunks of one answer as they go out (RFC 9112, 7.1), in a buffer that is used again. */
class ChunkFrame {
  readonly #isChunked: boolean;
  #frame: Bytes = new Uint8Array(0);

  constructor(isChunked: boolean) {
    this.#isChunked = isChunked;
  }

  /** Valid until the next call. */
  of(head: string, chunk: Bytes | undefined): Bytes {
    if (chunk === undefined) return encode(head, new Uint8Array(head.length));
    if (head === "" && !this.#isChunked) return chunk;
    const prefix = this.#isChunked ? `${head}${chunk.length.toString(16)}\r\n` : head;
    const end = prefix.length + chunk.length;
    if (this.#frame.length < end + 2) this.#frame = new Uint8Array(Math.max(end + 2, MIN_FRAME_BYTES));
    const frame = this.#frame;
    encode(prefix, frame);
    frame.set(chunk, prefix.length);
    if (!this.#isChunked) return frame.subarray(0, end);
    frame[end] = 13;
    frame[end + 1] = 10;
    return frame.subarray(0, end + 2);
  }
}
