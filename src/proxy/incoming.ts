import type { Bytes, Header } from "../core/http.ts";
import type { BodySource } from "../core/http.ts";
import { splitUrl } from "./path.ts";

/** A request as the proxy path sees it, whatever front it came through. */
export interface Incoming {
  readonly method: string;
  /** As it came, neither decoded nor normalised. */
  readonly path: string;
  /** Without "?". */
  readonly query: string;
  /** Names in lower case, in the order of the front. */
  readonly headers: readonly Header[];
  /** Who is at the other end of the connection: an IP address; `undefined` when it is not known. */
  remoteAddress(): string | undefined;
  /** `undefined` when the request has no body. One use only. */
  body(): BodySource | undefined;
  /** All of a body that is known to be small: cheaper than pulling it. One use only, instead of `body()`. */
  bytes(): Promise<Bytes>;
  /** Calls back once when the caller has gone away before its answer was complete. */
  onGone(callback: () => void): void;
}

/** What the front tells of a connection. */
export interface ConnectionInfo {
  readonly remoteAddr: Deno.Addr;
}

/** The thin adapter from `Deno.serve`. */
export function fromRequest(request: Request, info?: ConnectionInfo): Incoming {
  return new ServedRequest(request, info);
}

/** A class, because four closures a request would keep its whole scope alive (docs/performance.md). */
class ServedRequest implements Incoming {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly headers: Header[] = [];
  readonly #request: Request;
  readonly #info: ConnectionInfo | undefined;

  constructor(request: Request, info: ConnectionInfo | undefined) {
    const { path, query } = splitUrl(request.url);
    this.method = request.method;
    this.path = path;
    this.query = query;
    const { headers } = this;
    request.headers.forEach((value, name) => headers.push([name, value]));
    this.#request = request;
    this.#info = info;
    // Deno 2.5 tells a signal that nobody has looked at yet nothing of a caller that left before.
    void request.signal;
  }

  remoteAddress(): string | undefined {
    const address = this.#info?.remoteAddr;
    return address !== undefined && "hostname" in address ? address.hostname : undefined;
  }

  body(): BodySource | undefined {
    const { body } = this.#request;
    return body === null ? undefined : fromStream(body);
  }

  bytes(): Promise<Bytes> {
    return this.#request.bytes();
  }

  onGone(callback: () => void): void {
    const { signal } = this.#request;
    if (signal.aborted) callback();
    else signal.addEventListener("abort", callback, { once: true });
  }
}

/** A web stream as a source to pull from. */
export function fromStream(stream: ReadableStream<Bytes>): BodySource {
  const reader = stream.getReader();
  return {
    async read() {
      while (true) {
        const { done, value } = await reader.read();
        if (done) return undefined;
        if (value.byteLength > 0) return value;
      }
    },
    cancel() {
      // Whoever sent the body may be gone already: that is no news here.
      reader.cancel().catch(() => {});
    },
  };
}
