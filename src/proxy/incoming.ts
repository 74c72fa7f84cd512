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
  /** `undefined` when the request has no body. One use only. */
  body(): BodySource | undefined;
  /** All of a body that is known to be small: cheaper than pulling it. One use only, instead of `body()`. */
  bytes(): Promise<Bytes>;
  /** Calls back once when the caller has gone away before its answer was complete. */
  onGone(callback: () => void): void;
}

/** The thin adapter from `Deno.serve`. */
export function fromRequest(request: Request): Incoming {
  const { path, query } = splitUrl(request.url);
  const headers: Header[] = [];
  request.headers.forEach((value, name) => headers.push([name, value]));
  return {
    method: request.method,
    path,
    query,
    headers,
    body: () => request.body === null ? undefined : fromStream(request.body),
    bytes: () => request.bytes(),
    onGone: (callback) => {
      if (request.signal.aborted) callback();
      else request.signal.addEventListener("abort", callback, { once: true });
    },
  };
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
