/** How slow the sender of a body may be. */
export interface PaceLimits {
  /** For the next bytes of a body that is read, milliseconds. */
  readonly stallTimeoutMs: number;
  /** That every sender has before its rate counts, milliseconds. */
  readonly bodyGraceMs: number;
  readonly minBodyBytesPerSecond: number;
}

/**
 * How long the sender of one body may still take. Only the time in which its bytes were waited for counts: a relay
 * that reads slowly is not the sender's fault. A byte now and then keeps a connection, but not for long
 * (slow POST; threat E7).
 */
export class BodyPace {
  readonly #limits: PaceLimits;
  #waitedMs = 0;
  #sinceMs = 0;

  constructor(limits: PaceLimits) {
    this.#limits = limits;
  }

  /** The next bytes are waited for: gives the moment at which to give up. */
  begin(nowMs: number, receivedBytes: number): number {
    this.#sinceMs = nowMs;
    const { stallTimeoutMs, bodyGraceMs, minBodyBytesPerSecond } = this.#limits;
    const earnedMs = bodyGraceMs + receivedBytes * 1000 / minBodyBytesPerSecond;
    return nowMs + Math.min(stallTimeoutMs, Math.max(0, earnedMs - this.#waitedMs));
  }

  /** Some have come. */
  end(nowMs: number): void {
    this.#waitedMs += nowMs - this.#sinceMs;
  }
}
