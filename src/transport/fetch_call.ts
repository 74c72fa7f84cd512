import { type Body, type BodySource, EMPTY_BODY, type Header, headerValue, isBytes } from "../core/http.ts";
import type { Ticker, Watched } from "../core/watch.ts";
import { FetchBody } from "./fetch_body.ts";
import { type NetworkGuard, stateOf } from "./network_guard.ts";
import { originAuthority, originKey } from "./origin.ts";
import { checkHeader, checkTarget } from "./request_head.ts";
import {
  type SendLimits,
  TransportError,
  type TransportFault,
  type UpstreamAnswer,
  type UpstreamCall,
  type UpstreamRequest,
} from "./transport.ts";

/** An answer of at most this length is read whole before it is given. */
const MAX_WHOLE_BYTES = 65_536;

/** One request by `fetch`: until its answer has begun, then its body takes over. */
export class FetchCall implements UpstreamCall, Watched {
  readonly answer: Promise<UpstreamAnswer>;
  dueMs = Infinity;
  readonly #request: UpstreamRequest;
  readonly #limits: SendLimits;
  readonly #ticker: Ticker;
  readonly #onEnd: (call: FetchCall) => void;
  readonly #controller = new AbortController();
  readonly #resolve: (answer: UpstreamAnswer) => void;
  readonly #reject: (error: TransportError) => void;
  #isSettled = false;
  #hasStarted = false;
  #bodyFailure: unknown;
  #body: FetchBody | undefined;

  constructor(
    request: UpstreamRequest,
    limits: SendLimits,
    ticker: Ticker,
    onEnd: (call: FetchCall) => void,
  ) {
    this.#request = request;
    this.#limits = limits;
    this.#ticker = ticker;
    this.#onEnd = onEnd;
    const { promise, resolve, reject } = Promise.withResolvers<UpstreamAnswer>();
    this.answer = promise;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  start(client: Deno.HttpClient | undefined, guard: NetworkGuard | undefined): void {
    const nowMs = this.#ticker.now();
    if (this.#limits.deadlineMs <= nowMs) return this.#fail("deadline", "no time left", false);
    let init: RequestInit & { client?: Deno.HttpClient };
    try {
      init = this.#render();
    } catch (error) {
      if (!(error instanceof TransportError)) throw error;
      return this.#end(error);
    }
    if (client !== undefined) init.client = client;
    const waitMs = this.#limits.connectTimeoutMs + this.#limits.firstByteTimeoutMs;
    this.dueMs = Math.min(nowMs + waitMs, this.#limits.deadlineMs);
    this.#ticker.watch(this);
    if (guard === undefined) this.#fetch(init);
    else {
      guard.resolve(this.#request.origin).then(
        () => this.#isSettled || this.#fetch(init),
        (error) => this.#fail("connect_failed", stateOf(error), false, error),
      );
    }
  }

  #fetch(init: RequestInit & { client?: Deno.HttpClient }): void {
    this.#hasStarted = true;
    const { origin, path } = this.#request;
    const url = `${origin.isTls ? "https" : "http"}://${originAuthority(origin)}${path}`;
    fetch(url, init).then((response) => this.#receive(response)).catch((error) => this.#failFetch(error));
  }

  abort(): void {
    if (this.#isSettled) {
      this.#body?.cancel();
      return;
    }
    // Who aborts need not wait for the answer any more.
    this.answer.catch(() => {});
    this.#fail("cancelled", "given up", this.#hasStarted);
  }

  expire(): void {
    const isDeadline = this.dueMs >= this.#limits.deadlineMs;
    if (isDeadline) this.#fail("deadline", "out of time", true);
    else this.#fail("first_byte_timeout", "no answer in time", true);
  }

  #render(): RequestInit {
    const { method, path, headers, body } = this.#request;
    checkTarget(this.#request);
    // Fetch would resolve these and so ask for something else.
    if (DOT_SEGMENT.test(path) || path.includes("\\")) {
      throw new TransportError("protocol", "Cannot send the request: path would be changed by fetch", false);
    }
    const sent: [string, string][] = [];
    for (const [name, value] of headers) {
      checkHeader(name, value);
      sent.push([name, value]);
    }
    if (headerValue(headers, "accept-encoding") === undefined) sent.push(["accept-encoding", "identity"]);
    const init: RequestInit = { method, headers: sent, redirect: "manual", signal: this.#controller.signal };
    if (body === undefined || (isBytes(body) && body.length === 0)) return init;
    if (method === "GET" || method === "HEAD") {
      throw new TransportError(
        "protocol",
        `Cannot send the request: fetch sends no body with ${method}`,
        false,
      );
    }
    return { ...init, body: isBytes(body) ? new Uint8Array(body) : this.#stream(body) };
  }

  #stream(body: BodySource): ReadableStream<Uint8Array<ArrayBuffer>> {
    return new ReadableStream({
      pull: async (controller) => {
        try {
          const chunk = await body.read();
          if (chunk === undefined) controller.close();
          else controller.enqueue(new Uint8Array(chunk));
        } catch (error) {
          this.#bodyFailure = error;
          controller.error(error);
        }
      },
      cancel: () => body.cancel(),
    }, { highWaterMark: 0 });
  }

  async #receive(response: Response): Promise<void> {
    if (this.#isSettled) {
      await response.body?.cancel();
      return;
    }
    const headers: Header[] = [...response.headers];
    const asked = headerValue(this.#request.headers, "accept-encoding") ?? "identity";
    const isInflated = asked !== "identity" &&
      /^(?:gzip|br)$/i.test(headerValue(headers, "content-encoding") ?? "");
    const body = await this.#bodyOf(response, headers, isInflated);
    this.#settle();
    this.#resolve({
      status: response.status,
      headers: isInflated ? headers.filter(([name]) => !OF_CODED_BODY.has(name)) : headers,
      body,
    });
  }

  async #bodyOf(response: Response, headers: readonly Header[], isInflated: boolean): Promise<Body> {
    const stream = response.body;
    if (stream === null || this.#request.method === "HEAD") {
      await stream?.cancel();
      this.#onEnd(this);
      return EMPTY_BODY;
    }
    const length = Number(headerValue(headers, "content-length") ?? Infinity);
    const isEventStream = /^text\/event-stream\b/i.test(headerValue(headers, "content-type") ?? "");
    // What an inflated body comes to is not known before.
    if (length <= MAX_WHOLE_BYTES && !isEventStream && !isInflated) {
      this.dueMs = Math.min(this.#ticker.now() + this.#limits.idleTimeoutMs, this.#limits.deadlineMs);
      const bytes = await response.bytes();
      this.#onEnd(this);
      return bytes;
    }
    this.#body = new FetchBody(stream.getReader(), this.#ticker, this.#limits.idleTimeoutMs, {
      where: originKey(this.#request.origin),
      abort: () => this.#controller.abort(),
      onEnd: () => this.#onEnd(this),
    });
    return this.#body;
  }

  #failFetch(error: unknown): void {
    if (this.#bodyFailure !== undefined) {
      return this.#fail("request_body", "the request's body broke off", true, this.#bodyFailure);
    }
    const reason = reasonOf(error);
    if (BEFORE_SENDING.test(reason)) this.#fail("connect_failed", "no connection", false, error);
    else if (MALFORMED.test(reason)) this.#fail("protocol", "not acceptable HTTP/1.1", true, error);
    else this.#fail("reset", "connection closed", true, error);
  }

  #fail(fault: TransportFault, state: string, wasSent: boolean, cause?: unknown): void {
    const message = `Cannot get an answer from ${originKey(this.#request.origin)}: ${state}`;
    this.#end(new TransportError(fault, message, wasSent, cause));
  }

  #end(error: TransportError): void {
    if (this.#isSettled) return;
    this.#settle();
    this.#controller.abort();
    this.#onEnd(this);
    this.#reject(error);
  }

  #settle(): void {
    this.#isSettled = true;
    this.#ticker.unwatch(this);
  }
}

const DOT_SEGMENT = /\/(?:\.|%2e){1,2}(?:[/?]|$)/i;
const OF_CODED_BODY = new Set(["content-encoding", "content-length"]);

/** Names, refusals and certificates (hyper), and ports that fetch does not go to. */
const BEFORE_SENDING = /client error \(Connect\)|Requests to port \d+ are blocked/;
/** An answer that hyper's parser refuses. */
const MALFORMED =
  /invalid (?:HTTP|content-length|header|status)|head is too large|unexpected transfer-encoding/i;

/** Deno says "fetch failed" and tells the reason in the cause; before 2.9 in the message itself. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return "";
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}
