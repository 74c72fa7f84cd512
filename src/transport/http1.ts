import { Seats } from "../core/seats.ts";
import type { Ticker } from "../core/watch.ts";
import { ConnectionPool, type PoolLimits } from "./connection_pool.ts";
import { createDial, type Dial } from "./dial.ts";
import { type CallHost, Http1Call } from "./http1_call.ts";
import { admitOrigin, type NetworkGuard } from "./network_guard.ts";
import { originKey } from "./origin.ts";
import { RequestWriter } from "./request_writer.ts";
import type { Origin, SendLimits, Transport, UpstreamCall, UpstreamRequest } from "./transport.ts";

export interface Http1Options extends Partial<PoolLimits> {
  readonly ticker: Ticker;
  /** Where providers may be; without it, anywhere. */
  readonly guard?: NetworkGuard;
  /** How connections are opened; without it TCP and TLS by the platform's own resolver and certificates. */
  readonly dial?: Dial;
}

/**
 * Our own HTTP/1.1 client: a pool of idle connections an origin, a strict reader of answers, bodies that are
 * pulled. About three times as fast as `fetch` (tests/bench/transport_bench.ts).
 *
 * - An answer of known length up to 64 KiB, or one that has come whole, is given as bytes; `deadlineMs` and the
 *   timeouts hold until then. Everything else is a source.
 * - A reused connection that breaks before one byte of an answer is replaced by a new one, unseen. A request
 *   whose body is a source always gets a new connection.
 * - A source body is cancelled when the call ends early, unless nothing was pulled from it.
 */
export class Http1Transport implements Transport, CallHost {
  readonly ticker: Ticker;
  readonly dial: Dial;
  readonly writer = new RequestWriter();
  readonly #guard: NetworkGuard | undefined;
  readonly #limits: PoolLimits;
  readonly #pools = new Map<string, ConnectionPool>();
  /** Origins are made once a provider, so their object finds the pool without building its key. */
  readonly #poolOfOrigin = new WeakMap<Origin, ConnectionPool>();
  readonly #calls = new Seats<Http1Call>();
  #isClosed = false;

  constructor(options: Http1Options) {
    this.ticker = options.ticker;
    const { guard } = options;
    this.#guard = guard;
    this.dial = options.dial ??
      createDial(guard === undefined ? {} : { resolve: (origin) => guard.resolve(origin) });
    this.#limits = {
      maxIdlePerOrigin: options.maxIdlePerOrigin ?? 256,
      maxIdleMs: options.maxIdleMs ?? 55_000,
      maxAgeMs: options.maxAgeMs ?? 600_000,
    };
  }

  send(request: UpstreamRequest, limits: SendLimits): UpstreamCall {
    const call = new Http1Call(request, limits, this.#poolOf(request.origin), this);
    if (this.#isClosed) {
      call.abort();
      return call;
    }
    call.seat = this.#calls.take(call);
    call.start();
    return call;
  }

  async admit(origin: Origin): Promise<void> {
    await admitOrigin(this.#guard, origin);
  }

  /** How many connections to an origin wait for a request. */
  idleCount(origin: Origin): number {
    return this.#pools.get(poolKey(origin))?.idleCount ?? 0;
  }

  onCallEnd(call: Http1Call): void {
    if (call.seat >= 0) this.#calls.leave(call.seat);
    call.seat = -1;
  }

  close(): void {
    this.#isClosed = true;
    this.#calls.forEach((call) => call.abort());
    for (const pool of this.#pools.values()) pool.close();
  }

  #poolOf(origin: Origin): ConnectionPool {
    const known = this.#poolOfOrigin.get(origin);
    if (known !== undefined) return known;
    const key = poolKey(origin);
    const pool = this.#pools.get(key) ?? new ConnectionPool(this.#limits, this.ticker);
    this.#pools.set(key, pool);
    this.#poolOfOrigin.set(origin, pool);
    return pool;
  }
}

/** A connection that one provider may have must not serve another that may not. */
function poolKey(origin: Origin): string {
  return `${originKey(origin)} ${origin.allowsPrivate === true} ${origin.allowsPlain === true}`;
}
