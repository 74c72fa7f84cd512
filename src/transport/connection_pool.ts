import type { Ticker, Watched } from "../core/watch.ts";
import { Connection, type ConnectionListener } from "./connection.ts";

export interface PoolLimits {
  readonly maxIdlePerOrigin: number;
  /** An idle connection older than this is not used again: upstreams close theirs after 60 s and more. */
  readonly maxIdleMs: number;
  /** A connection older than this is not used again, so that a change of address is followed. */
  readonly maxAgeMs: number;
}

/**
 * The idle connections of one origin; the last one in is the first out, so that the surplus grows old. Each has
 * a read pending: one that ends, or brings bytes that nobody asked for, is dropped at once.
 */
export class ConnectionPool implements Watched, ConnectionListener {
  dueMs = Infinity;
  readonly #idle: Connection[] = [];
  readonly #limits: PoolLimits;
  readonly #ticker: Ticker;
  #isWatched = false;
  #isClosed = false;

  constructor(limits: PoolLimits, ticker: Ticker) {
    this.#limits = limits;
    this.#ticker = ticker;
  }

  get idleCount(): number {
    return this.#idle.length;
  }

  /** The connection that was used last, or `undefined` when a new one is needed. */
  take(): Connection | undefined {
    for (let connection = this.#idle.pop(); connection !== undefined; connection = this.#idle.pop()) {
      if (!this.#isStale(connection, this.#ticker.now())) return connection;
      connection.close();
    }
    return undefined;
  }

  /** Keeps a connection whose answer was read to its exact end, or closes it when there are enough. */
  release(connection: Connection): void {
    const nowMs = this.#ticker.now();
    connection.idleSinceMs = nowMs;
    const isFull = this.#idle.length >= this.#limits.maxIdlePerOrigin;
    if (this.#isClosed || isFull || connection.isClosed || this.#isStale(connection, nowMs)) {
      return connection.close();
    }
    connection.listener = this;
    connection.rest();
    this.#idle.push(connection);
    if (!this.#isWatched) this.#watchUntil(nowMs + this.#limits.maxIdleMs);
  }

  onBytes(connection: Connection): void {
    this.#drop(connection);
  }

  onEnd(connection: Connection): void {
    this.#drop(connection);
  }

  expire(): void {
    this.#isWatched = false;
    const nowMs = this.#ticker.now();
    for (let oldest = this.#idle[0]; oldest !== undefined; oldest = this.#idle[0]) {
      if (!this.#isStale(oldest, nowMs)) break;
      this.#idle.shift();
      oldest.close();
    }
    const oldest = this.#idle[0];
    if (oldest !== undefined) this.#watchUntil(oldest.idleSinceMs + this.#limits.maxIdleMs);
  }

  /** Closes what is idle, and from now on what comes back. */
  close(): void {
    this.#isClosed = true;
    this.#ticker.unwatch(this);
    for (const connection of this.#idle.splice(0)) connection.close();
  }

  #isStale(connection: Connection, nowMs: number): boolean {
    return nowMs - connection.idleSinceMs >= this.#limits.maxIdleMs ||
      nowMs - connection.openedMs >= this.#limits.maxAgeMs;
  }

  #drop(connection: Connection): void {
    const at = this.#idle.indexOf(connection);
    if (at !== -1) this.#idle.splice(at, 1);
    connection.close();
  }

  #watchUntil(dueMs: number): void {
    this.dueMs = dueMs;
    this.#isWatched = true;
    this.#ticker.watch(this);
  }
}
