import type { Ticker } from "../core/watch.ts";
import { FetchCall } from "./fetch_call.ts";
import { admitOrigin, type NetworkGuard } from "./network_guard.ts";
import type { Origin, SendLimits, Transport, UpstreamCall, UpstreamRequest } from "./transport.ts";

export interface FetchOptions {
  readonly ticker: Ticker;
  /** Proxy, certificates, HTTP/2: whatever `Deno.createHttpClient` can. Its owner closes it. */
  readonly client?: Deno.HttpClient;
  /** Where providers may be; without it, anywhere. */
  readonly guard?: NetworkGuard;
}

/**
 * The way out by `fetch`: for HTTP proxies, HTTP/2 and platforms without sockets. What differs from
 * `Http1Transport`, because fetch leaves no choice:
 *
 * - Fetch adds `accept`, `accept-language` and `user-agent` where the request has none, and sends
 *   `accept-encoding: identity` unless the request has its own. With any other value it inflates gzip and brotli
 *   (measured, Deno 2.9.6): then `content-encoding` and `content-length` are dropped from the answer's headers.
 * - Answer headers come sorted by name, repeated ones joined by ", ", all but `set-cookie`.
 * - Connecting is not told from waiting: the two time limits are added up, and a call that ends then was
 *   perhaps sent.
 * - Malformed answers are refused by fetch's own rules; it accepts some that we refuse.
 * - The guard asks for a name's addresses, and then fetch asks again: a name that changes its mind in between gets
 *   through, and behind an HTTP proxy it is the proxy that asks. Who must rule that out keeps `http1`, or runs with
 *   `--deny-net` for what must not be reached.
 */
export class FetchTransport implements Transport {
  readonly #ticker: Ticker;
  readonly #client: Deno.HttpClient | undefined;
  readonly #guard: NetworkGuard | undefined;
  readonly #calls = new Set<FetchCall>();
  #isClosed = false;

  constructor(options: FetchOptions) {
    this.#ticker = options.ticker;
    this.#client = options.client;
    this.#guard = options.guard;
  }

  send(request: UpstreamRequest, limits: SendLimits): UpstreamCall {
    const call = new FetchCall(request, limits, this.#ticker, (ended) => this.#calls.delete(ended));
    this.#calls.add(call);
    if (this.#isClosed) call.abort();
    else call.start(this.#client, this.#guard);
    return call;
  }

  async admit(origin: Origin): Promise<void> {
    await admitOrigin(this.#guard, origin);
  }

  close(): void {
    this.#isClosed = true;
    for (const call of this.#calls) call.abort();
  }
}
