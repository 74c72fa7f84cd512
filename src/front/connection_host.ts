import type { Bytes } from "../core/http.ts";
import type { Ticker } from "../core/watch.ts";
import type { Log } from "../log.ts";
import type { Answer } from "../proxy/answer.ts";
import type { Incoming } from "../proxy/incoming.ts";
import type { PaceLimits } from "./body_pace.ts";
import type { Placed } from "./crowd.ts";

/** All times in milliseconds. */
export interface FrontLimits extends PaceLimits {
  /** From a request's first byte to the end of its head; also for the first byte of a connection. */
  readonly headTimeoutMs: number;
  /** Between two requests. */
  readonly idleTimeoutMs: number;
  /** For the next bytes of a body that is read, and for each write of at most 72 KiB. */
  readonly stallTimeoutMs: number;
  /** Of a body that nobody read, so that the connection can be used again. */
  readonly maxDrainBytes: number;
  /** Of callers, those that were handed over included. */
  readonly maxConnections: number;
  /** Of these; the inner server has no time limits of its own. */
  readonly maxHandovers: number;
  /** A connection that was handed over, while no byte passes. */
  readonly handoverIdleMs: number;
  /** The same once it has switched protocols, which takes a client key. */
  readonly upgradedIdleMs: number;
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
  /**
   * Gives what makes a connection go on elsewhere; `replay` is what was read of it and not answered.
   * @throws BadRequest 503 when there is no room.
   */
  prepareHandOver(): (conn: Deno.TcpConn, replay: Bytes) => void;
  /** The front has no more to do with it. */
  onConnectionEnd(connection: Placed): void;
}
