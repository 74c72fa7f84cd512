import type { Body, Header } from "../core/http.ts";

/** Where a provider listens. `hostname` is a name or an address, IPv6 without brackets. */
export interface Origin {
  readonly isTls: boolean;
  readonly hostname: string;
  readonly port: number;
  /** Whether it may be in a private network; see `NetworkGuard`. */
  readonly allowsPrivate?: boolean;
  /** Whether keys may go to it in the clear, beyond a private network. */
  readonly allowsPlain?: boolean;
}

export interface UpstreamRequest {
  readonly origin: Origin;
  readonly method: string;
  /** Path and query as they go on the request line: `/v1/models?limit=2`. */
  readonly path: string;
  /** All headers but `host`, `content-length` and `transfer-encoding`, which the transport writes. */
  readonly headers: readonly Header[];
  readonly body?: Body;
  /**
   * Whether it may be served twice. `false` keeps it off connections that may have gone stale, since only a
   * second sending could mend that; a source as body is never sent twice either.
   */
  readonly mayRepeat?: boolean;
}

export interface UpstreamAnswer {
  readonly status: number;
  /** As received, in order, names in lower case; the transport adds none and inflates nothing. */
  readonly headers: readonly Header[];
  readonly body: Body;
}

/** All in milliseconds. */
export interface SendLimits {
  readonly connectTimeoutMs: number;
  readonly firstByteTimeoutMs: number;
  readonly idleTimeoutMs: number;
  /** Moment (ticker's clock) at which the answer's head must have arrived, whatever happens; `Infinity` for none. */
  readonly deadlineMs: number;
}

/** One call under way. */
export interface UpstreamCall {
  /** Settles with the answer's head; rejects with a `TransportError`, always. */
  readonly answer: Promise<UpstreamAnswer>;
  /** Ends the call: the connection is closed, `answer` or the body's pending read rejects with `cancelled`. */
  abort(): void;
}

/** The way out. Neither implementation follows redirects, inflates, nor adds a header of its own. */
export interface Transport {
  send(request: UpstreamRequest, limits: SendLimits): UpstreamCall;
  /**
   * Whether the origin may be reached: what `send` asks by itself, for those who connect in another way.
   * @throws TransportError "connect_failed"
   */
  admit(origin: Origin): Promise<void>;
  /** Closes idle connections and aborts what is under way. */
  close(): void;
}

export type TransportFault =
  /** Name not found, refused, unreachable, certificate not accepted. */
  | "connect_failed"
  | "connect_timeout"
  | "first_byte_timeout"
  | "idle_timeout"
  /** The total deadline of the request. */
  | "deadline"
  /** The connection broke off. */
  | "reset"
  /** The upstream's bytes are not acceptable HTTP/1.1. */
  | "protocol"
  | "cancelled"
  /** The caller's own body broke off while it was being sent. */
  | "request_body";

/** A call that got no (whole) answer. Its message names origin and state, never a header or a body. */
export class TransportError extends Error {
  readonly fault: TransportFault;
  /** Whether any byte of the request may have reached the upstream: if so it may have been served. */
  readonly wasSent: boolean;

  constructor(fault: TransportFault, message: string, wasSent: boolean, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "TransportError";
    this.fault = fault;
    this.wasSent = wasSent;
  }
}
