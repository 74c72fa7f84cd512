import type { Bytes } from "../core/http.ts";
import type { Ticker } from "../core/watch.ts";
import type { Log } from "../log.ts";
import type { Answer } from "../proxy/answer.ts";
import type { Incoming } from "../proxy/incoming.ts";

/** All times in milliseconds. */
export interface FrontLimits {
  /** From a request's first byte to the end of its head; also for the first byte of a connection. */
  readonly headTimeoutMs: number;
  /** Between two requests. */
  readonly idleTimeoutMs: number;
  /** For the next bytes of a body that is read, and for each write. */
  readonly stallTimeoutMs: number;
  /** Of a body that nobody read, so that the connection can be used again. */
  readonly maxDrainBytes: number;
  readonly maxConnections: number;
}

/** What a connection needs of its front. */
export interface ConnectionHost {
  readonly ticker: Ticker;
  readonly limits: FrontLimits;
  readonly log: Log;
  readonly relay: (incoming: Incoming) => Promise<Answer>;
  readonly isProxyPath: (path: string) => boolean;
  /** No further request is wanted after the one under way. */
  readonly isStopping: boolean;
  /** The connection goes on elsewhere; `replay` is what was read of it and not answered. */
  handOver(conn: Deno.TcpConn, replay: Bytes, hasUpgrade: boolean): void;
  /** The front has no more to do with it. */
  onConnectionEnd(connection: Seated): void;
}

/** What has a seat among the connections. */
export interface Seated {
  readonly seat: number;
}
