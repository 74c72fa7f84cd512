import type { Strategy } from "../core/provider.ts";
import type { Ticker } from "../core/watch.ts";
import type { Dialect } from "../dialect/dialect.ts";
import type { Log } from "../log.ts";
import type { OpenSecret } from "../pool/credential.ts";
import type { LiveProvider } from "../pool/live_providers.ts";
import type { Transport } from "../transport/transport.ts";
import type { OutgoingRequest } from "./upstream_request.ts";

/** All that is decided of a request before its first attempt. */
export interface Plan {
  readonly outgoing: OutgoingRequest;
  /** In the order in which they are asked; never empty. */
  readonly providers: readonly LiveProvider[];
  /** How the upstream answers. */
  readonly dialect: Dialect;
  readonly model: string | undefined;
  readonly strategy: Strategy | undefined;
  /** Moment by which the answer must have begun. */
  readonly deadlineMs: number;
  readonly maxAttempts: number;
  /** How long it may wait for a key. */
  readonly maxWaitMs: number;
}

/** What the attempts need from outside. */
export interface AttemptDeps {
  readonly transport: Transport;
  readonly ticker: Ticker;
  readonly random: () => number;
  readonly log: Log;
  readonly openSecret: OpenSecret;
}
