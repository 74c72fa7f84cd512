/**
 * The plain shapes that a request and an answer have on the proxy path. No `Request`, `Headers` or `URL`
 * object is made per request: each costs a tenth to a third of the throughput.
 */

/** One header line. Names are lower-case; values are ByteStrings (one char a byte, as Latin-1). */
export type Header = readonly [name: string, value: string];

/** A body that is pulled chunk by chunk; what is not pulled stays with the sender (backpressure). */
export interface BodySource {
  /**
   * The next chunk, never empty, or `undefined` at the end. The receiver owns the chunk. At most one read
   * at a time. Rejects when the body breaks off.
   */
  read(): Promise<Bytes | undefined>;
  /** Gives the body up: whatever feeds it is closed. Safe to call twice and after the end. */
  cancel(): void;
}

/** Bytes of our own, never of a buffer that is shared between threads: what `Response` takes without a copy. */
export type Bytes = Uint8Array<ArrayBuffer>;

/** A body: bytes when it is small and complete, else a source to pull from. */
export type Body = Bytes | BodySource;

/** Whether the body is complete in memory, so that it can be sent again. */
export function isBytes(body: Body): body is Bytes {
  return body instanceof Uint8Array;
}

/** The first value of a header, or `undefined`. `name` is lower-case. */
export function headerValue(headers: readonly Header[], name: string): string | undefined {
  for (const header of headers) if (header[0] === name) return header[1];
  return undefined;
}

export const EMPTY_BODY: Bytes = new Uint8Array(0);
