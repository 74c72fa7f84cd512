import type { Bytes } from "../core/http.ts";
import type { Ticker, Watched } from "../core/watch.ts";
import type { Log } from "../log.ts";
import type { Answer } from "../proxy/answer.ts";
import type { Incoming } from "../proxy/incoming.ts";
import { BadRequest } from "./bad_request.ts";
import type { ConnectionHost, FrontLimits } from "./connection_host.ts";
import { Crowd, type Placed } from "./crowd.ts";
import { FrontConnection } from "./front_connection.ts";
import { Handover, type HandoverHost } from "./handover.ts";
import { type Fallback, InnerServer } from "./inner_server.ts";

export interface FrontOptions {
  readonly hostname: string;
  /** 0 for one that is free. */
  readonly port: number;
  readonly relay: (incoming: Incoming) => Promise<Answer>;
  /** Whether requests of this path are relayed; all others, and every `Upgrade`, go to `fallback`. */
  readonly isProxyPath: (path: string) => boolean;
  readonly fallback: Fallback;
  readonly ticker: Ticker;
  readonly log: Log;
  readonly limits?: Partial<FrontLimits>;
}

/** A front that listens; the same shape as `Listening` of cli/serve.ts. */
export interface Front {
  readonly port: number;
  /** Takes no new connections and resolves when every answer under way is complete. */
  shutdown(): Promise<void>;
  /** Breaks off what is still under way. */
  abort(): void;
}

const LIMITS: FrontLimits = {
  headTimeoutMs: 10_000,
  idleTimeoutMs: 75_000,
  stallTimeoutMs: 60_000,
  maxDrainBytes: 262_144,
  maxConnections: 16_384,
  bodyGraceMs: 20_000,
  // What Kestrel asks for, as well (MinRequestBodyDataRate, learn.microsoft.com); a GSM modem makes more.
  minBodyBytesPerSecond: 240,
  maxHandovers: 4_096,
  handoverIdleMs: 300_000,
  upgradedIdleMs: 900_000,
};

/** Callers over the limit that are told so at one time; more are closed without a word. */
const MAX_REFUSED = 1_024;

/**
 * An HTTP/1.1 server of our own for the proxy path, at about half the cost of `Deno.serve`; everything else is
 * handed to an inner `Deno.serve`, connection by connection. Reads strictly: what two readers could understand
 * differently is answered 400, and the connection ends.
 * @throws whatever `Deno.listen` throws for a port that cannot be had.
 */
export function startFront(options: FrontOptions): Front {
  return new TcpFront(options);
}

class TcpFront implements Front, ConnectionHost, HandoverHost {
  readonly port: number;
  readonly relay: FrontOptions["relay"];
  readonly isProxyPath: FrontOptions["isProxyPath"];
  readonly ticker: Ticker;
  readonly log: Log;
  readonly limits: FrontLimits;
  isStopping = false;
  readonly #listener: Deno.TcpListener;
  readonly server: InnerServer;
  readonly #connections = new Crowd<FrontConnection>();
  readonly #handovers = new Crowd<Handover>();
  readonly #accepting: Promise<void>;
  #pausing: Watched | undefined;
  #onEmpty: (() => void) | undefined;
  #stopping: Promise<void> | undefined;

  constructor(options: FrontOptions) {
    const { hostname, port } = options;
    this.relay = options.relay;
    this.isProxyPath = options.isProxyPath;
    this.ticker = options.ticker;
    this.log = options.log;
    this.limits = { ...LIMITS, ...options.limits };
    this.#listener = Deno.listen({ hostname, port });
    this.port = this.#listener.addr.port;
    this.server = new InnerServer(options.fallback);
    this.#accepting = this.#accept();
  }

  shutdown(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  abort(): void {
    this.#stopListening();
    this.#connections.forEach((connection) => connection.close());
    this.#handovers.forEach((handover) => handover.close());
    // What is handed over has ended with its connection: an abort during a shutdown makes Deno.serve throw.
    if (this.#stopping === undefined) this.server.abort();
  }

  prepareHandOver(): (conn: Deno.TcpConn, replay: Bytes) => void {
    const isFull = this.#handovers.size >= this.limits.maxHandovers;
    if (isFull && !this.#handovers.makeRoom()) throw new BadRequest(503, "too many connections");
    return this.#handOver;
  }

  onConnectionEnd(connection: Placed): void {
    this.#connections.remove(connection);
    this.#checkEmpty();
  }

  readonly #handOver = (conn: Deno.TcpConn, replay: Bytes): void => {
    const handover = new Handover(conn, this);
    this.#handovers.add(handover);
    handover.run(replay).then(() => {
      this.#handovers.remove(handover);
      this.#checkEmpty();
    });
  };

  async #accept(): Promise<void> {
    while (!this.isStopping) {
      let conn: Deno.TcpConn;
      try {
        conn = await this.#listener.accept();
      } catch (error) {
        if (this.isStopping) return;
        // Out of file descriptors, or a caller that left before it was accepted.
        this.log.warn("front.accept_failed", { error });
        await this.#pause();
        continue;
      }
      this.#take(conn);
    }
  }

  #take(conn: Deno.TcpConn): void {
    const excess = this.#connections.size + this.#handovers.size - this.limits.maxConnections;
    if (excess >= MAX_REFUSED) return conn.close();
    const hasRoom = excess < 0 || this.#connections.makeRoom();
    const connection = new FrontConnection(conn, this);
    this.#connections.add(connection);
    try {
      conn.setNoDelay(true);
    } catch {
      // It has left already, which the first read tells.
    }
    if (hasRoom) connection.start();
    else connection.refuse(new BadRequest(503, "too many connections"));
  }

  /** One tick of the clock. */
  #pause(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#pausing = { dueMs: this.ticker.now() + 1, expire: resolve };
    this.ticker.watch(this.#pausing);
    return promise;
  }

  async #stop(): Promise<void> {
    this.#stopListening();
    this.#connections.forEach((connection) => connection.retire());
    await this.#accepting;
    await this.#untilEmpty(() => this.#connections.size === 0);
    await this.server.shutdown();
    this.#handovers.forEach((handover) => {
      if (handover.isUpgraded) handover.close();
    });
    await this.#untilEmpty(() => this.#handovers.size === 0);
  }

  #stopListening(): void {
    if (this.isStopping) return;
    this.isStopping = true;
    this.#listener.close();
    if (this.#pausing !== undefined) {
      this.ticker.unwatch(this.#pausing);
      this.#pausing.expire();
    }
  }

  #isEmpty: () => boolean = () => false;

  async #untilEmpty(isEmpty: () => boolean): Promise<void> {
    if (isEmpty()) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#isEmpty = isEmpty;
    this.#onEmpty = resolve;
    await promise;
  }

  #checkEmpty(): void {
    if (this.#onEmpty === undefined || !this.#isEmpty()) return;
    const resolve = this.#onEmpty;
    this.#onEmpty = undefined;
    resolve();
  }
}
