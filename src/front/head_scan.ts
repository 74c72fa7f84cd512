import { BadRequest } from "./bad_request.ts";

/** Four times what clients of LLM providers send; each connection may hold so much before it is known. */
export const MAX_HEAD_BYTES = 32_768;

const CR = 13;
const LF = 10;

const FORBIDDEN = new Uint8Array(256);
FORBIDDEN.fill(1, 0, 32);
FORBIDDEN[127] = 1;
FORBIDDEN[9] = 0;
FORBIDDEN[LF] = 0;
FORBIDDEN[CR] = 0;

/**
 * Index after the empty line that ends the head which begins at `start`, or -1 while it has not come; goes on
 * at `from`. One pass over the bytes finds the end and refuses what no head may hold, before it is whole.
 * @throws BadRequest 400 for control characters, a bare CR and a bare LF; 431 for a head over 32 KiB.
 */
export function scanHead(buffer: Uint8Array, start: number, from: number, end: number): number {
  const last = Math.min(end, start + MAX_HEAD_BYTES);
  for (let at = from; at < last; at++) {
    const byte = buffer[at] ?? 0;
    if (byte > 31 && byte !== 127) continue;
    if (FORBIDDEN[byte] === 1) throw new BadRequest(400, "control character in the head");
    if (byte === LF) {
      if (at === start || buffer[at - 1] !== CR) throw new BadRequest(400, "bare LF");
      if (at - 2 > start && buffer[at - 2] === LF) return at + 1;
    } else if (byte === CR && at + 1 < end && buffer[at + 1] !== LF) {
      throw new BadRequest(400, "bare CR");
    }
  }
  if (end - start >= MAX_HEAD_BYTES) throw new BadRequest(431, "head too large");
  return -1;
}

/** Index of the first byte that is no empty line: some callers send one after a body (RFC 9112, 2.2). */
export function skipEmptyLines(buffer: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at + 1 < end && buffer[at] === CR && buffer[at + 1] === LF) at += 2;
  return at;
}
