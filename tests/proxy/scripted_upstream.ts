/** What an upstream received, read to its end. */
export interface Received {
  readonly method: string;
  /** Path and query as they came. */
  readonly target: string;
  readonly headers: Headers;
  readonly body: Uint8Array;
}

/** An HTTP upstream on a loopback port whose answers a test writes itself. `await using` ends it. */
export class ScriptedUpstream {
  readonly requests: Received[] = [];
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  constructor(answer: (request: Received, index: number) => Response | Promise<Response>) {
    this.#server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
      const received = {
        method: request.method,
        target: request.url.slice(request.url.indexOf("/", "http://".length)),
        headers: request.headers,
        body: await request.bytes(),
      };
      this.requests.push(received);
      return await answer(received, this.requests.length - 1);
    });
  }

  get url(): string {
    return `http://127.0.0.1:${this.#server.addr.port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}
