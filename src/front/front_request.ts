import { type BodySource, type Bytes, EMPTY_BODY, type Header } from "../core/http.ts";
import type { Incoming } from "../proxy/incoming.ts";
import type { RequestBody } from "./request_body.ts";
import type { RequestHead } from "./request_head.ts";

/** One request as the proxy path sees it. A class without closures, as `ServedRequest` of proxy/incoming.ts. */
export class FrontRequest implements Incoming {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly headers: readonly Header[];
  readonly isOld: boolean;
  readonly isKeepAlive: boolean;
  /** A body that had not come whole with the head. */
  readonly pulled: RequestBody | undefined;
  readonly #conn: Deno.Conn;
  readonly #bytes: Bytes | undefined;
  #onGone: (() => void) | undefined;
  #state: "underway" | "answered" | "gone" = "underway";

  constructor(conn: Deno.Conn, head: RequestHead, bytes: Bytes | undefined, pulled: RequestBody | undefined) {
    this.method = head.method;
    this.path = head.path;
    this.query = head.query;
    this.headers = head.headers;
    this.isOld = head.isOld;
    this.isKeepAlive = head.isKeepAlive;
    this.#conn = conn;
    this.#bytes = bytes;
    this.pulled = pulled;
  }

  remoteAddress(): string | undefined {
    const { remoteAddr } = this.#conn;
    return "hostname" in remoteAddr ? remoteAddr.hostname : undefined;
  }

  body(): BodySource | undefined {
    return this.#bytes === undefined ? this.pulled : sourceOf(this.#bytes);
  }

  bytes(): Promise<Bytes> {
    return this.pulled?.readAll() ?? Promise.resolve(this.#bytes ?? EMPTY_BODY);
  }

  onGone(callback: () => void): void {
    if (this.#state === "underway") this.#onGone = callback;
    else if (this.#state === "gone") callback();
  }

  /** Its answer is complete. */
  end(): void {
    if (this.#state === "underway") this.#state = "answered";
    this.#onGone = undefined;
  }

  /** The caller has left. */
  leave(): void {
    if (this.#state !== "underway") return;
    this.#state = "gone";
    this.pulled?.fail("its sender has left");
    const callback = this.#onGone;
    this.#onGone = undefined;
    callback?.();
  }
}

function sourceOf(bytes: Bytes): BodySource {
  let rest: Bytes | undefined = bytes;
  return {
    read() {
      const chunk = rest;
      rest = undefined;
      return Promise.resolve(chunk);
    },
    cancel() {
      rest = undefined;
    },
  };
}
