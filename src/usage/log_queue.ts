import type { RequestRecord } from "../core/request_record.ts";

/** How many rows of the request log may wait to be written. */
export interface LogQueueBounds {
  /** Of one flush: what comes faster is not logged, so that logging stays a small part of the work. */
  readonly perFlush: number;
  /** Of requests that did not go smoothly, which are wanted most, this many more. */
  readonly perFlushNotable: number;
  /** In all, while the database is away. */
  readonly inAll: number;
}

export const LOG_QUEUE_BOUNDS: LogQueueBounds = { perFlush: 250, perFlushNotable: 250, inAll: 10_000 };

/** For a log that is turned off. */
export const NOTHING_LOGGED: LogQueueBounds = { perFlush: 0, perFlushNotable: 0, inAll: 0 };

/** Requests that wait to be written to the log. It drops rows when there are too many, and counts them. */
export class LogQueue {
  readonly #bounds: LogQueueBounds;
  #waiting: RequestRecord[] = [];
  #sinceTaken = 0;
  /** How many requests were not logged. */
  dropped = 0;

  constructor(bounds: LogQueueBounds) {
    this.#bounds = bounds;
  }

  get size(): number {
    return this.#waiting.length;
  }

  add(request: RequestRecord): void {
    const { perFlush, perFlushNotable, inAll } = this.#bounds;
    if (inAll === 0) return;
    const isNotable = request.outcome !== "succeeded" || request.attempts.length > 1;
    const most = isNotable ? perFlush + perFlushNotable : perFlush;
    if (this.#sinceTaken >= most || this.#waiting.length >= inAll) {
      this.dropped++;
      return;
    }
    this.#sinceTaken++;
    this.#waiting.push(request);
  }

  /** Takes all that waits. */
  take(): readonly RequestRecord[] {
    const taken = this.#waiting;
    this.#waiting = [];
    this.#sinceTaken = 0;
    return taken;
  }

  /** Gives back what could not be written; it comes first again. */
  giveBack(requests: readonly RequestRecord[]): void {
    const room = Math.max(0, this.#bounds.inAll - this.#waiting.length);
    this.dropped += Math.max(0, requests.length - room);
    this.#waiting = [...requests.slice(0, room), ...this.#waiting];
  }
}
