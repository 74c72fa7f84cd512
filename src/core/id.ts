/**
 * A source of time-ordered ids: UUID version 7 (RFC 9562 §5.7), strictly increasing within the process, so
 * that rows made together keep their order and sort as they were made.
 * `nowMs` gives milliseconds since the epoch, `fillRandom` fills the bytes it is given.
 */
export function createIdSource(nowMs: () => number, fillRandom: (bytes: Uint8Array) => void): () => string {
  const random = new Uint8Array(8);
  let lastMs = 0;
  let sequence = 0;
  return () => {
    const clockMs = nowMs();
    if (clockMs > lastMs) {
      lastMs = clockMs;
      sequence = 0;
    } else if (++sequence > MAX_SEQUENCE) {
      // More than 4096 ids in one millisecond, or a clock set back: run ahead of it.
      lastMs += 1;
      sequence = 0;
    }
    fillRandom(random);
    random[0] = 0x80 | ((random[0] ?? 0) & 0x3f);
    const time = lastMs.toString(16).padStart(12, "0");
    const tail = Array.from(random, (byte) => byte.toString(16).padStart(2, "0")).join("");
    return `${time.slice(0, 8)}-${time.slice(8)}-7${sequence.toString(16).padStart(3, "0")}-` +
      `${tail.slice(0, 4)}-${tail.slice(4)}`;
  };
}

const MAX_SEQUENCE = 0xfff;
