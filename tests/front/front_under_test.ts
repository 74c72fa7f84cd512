import type { Bytes } from "../../src/core/http.ts";
import type { FrontLimits } from "../../src/front/connection_host.ts";
import { type Front, startFront } from "../../src/front/front.ts";
import type { Fallback } from "../../src/front/inner_server.ts";
import { createLog } from "../../src/log.ts";
import type { Answer } from "../../src/proxy/answer.ts";
import type { Incoming } from "../../src/proxy/incoming.ts";
import { ManualTicker } from "../support/manual_ticker.ts";

export interface FrontSetup {
  readonly relay?: (incoming: Incoming) => Promise<Answer>;
  readonly fallback?: Fallback;
  readonly limits?: Partial<FrontLimits>;
}

/** A front on a loopback port, with a clock that stands; paths under /v1/ are relayed. */
export class FrontUnderTest {
  readonly ticker = new ManualTicker(1_700_000_000_000);
  readonly front: Front;
  readonly logged: string[] = [];
  readonly #clients: RawClient[] = [];

  constructor({ relay = echo, fallback = answerInner, limits = {} }: FrontSetup = {}) {
    this.front = startFront({
      hostname: "127.0.0.1",
      port: 0,
      relay,
      isProxyPath: (path) => path.startsWith("/v1/"),
      fallback,
      ticker: this.ticker,
      log: createLog("error", (line) => this.logged.push(line), (line) => line),
      limits,
    });
  }

  get url(): string {
    return `http://127.0.0.1:${this.front.port}`;
  }

  async connect(): Promise<RawClient> {
    const client = new RawClient(await Deno.connect({ hostname: "127.0.0.1", port: this.front.port }));
    this.#clients.push(client);
    return client;
  }

  /** All that is answered to these bytes until the front closes the connection. */
  async exchange(request: string): Promise<string> {
    const client = await this.connect();
    await client.send(request);
    const text = await client.readToEnd();
    client.close();
    return text;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients) client.close();
    this.front.abort();
    await this.front.shutdown();
  }
}

/** A caller that says exactly what it is told to. */
export class RawClient {
  readonly #conn: Deno.TcpConn;
  #text = "";
  #isClosed = false;

  constructor(conn: Deno.TcpConn) {
    conn.setNoDelay(true);
    this.#conn = conn;
  }

  get port(): number {
    return this.#conn.localAddr.port;
  }

  async send(text: string): Promise<void> {
    const bytes = Uint8Array.from(text, (char) => char.charCodeAt(0));
    for (let written = 0; written < bytes.length;) written += await this.#conn.write(bytes.subarray(written));
  }

  /** What has come up to and with `mark`; rejects when the connection ends before. */
  async readUntil(mark: string): Promise<string> {
    while (!this.#text.includes(mark)) {
      if (!await this.#read()) throw new Error(`ended before ${JSON.stringify(mark)}: ${this.#text}`);
    }
    const end = this.#text.indexOf(mark) + mark.length;
    const text = this.#text.slice(0, end);
    this.#text = this.#text.slice(end);
    return text;
  }

  async readToEnd(): Promise<string> {
    while (await this.#read());
    const text = this.#text;
    this.#text = "";
    return text;
  }

  close(): void {
    if (!this.#isClosed) this.#conn.close();
    this.#isClosed = true;
  }

  async #read(): Promise<boolean> {
    const buffer = new Uint8Array(65_536);
    const count = await this.#conn.read(buffer);
    if (count === null) return false;
    this.#text += String.fromCharCode(...buffer.subarray(0, count));
    return true;
  }
}

/** Answers what was asked, as JSON. */
export async function echo(incoming: Incoming): Promise<Answer> {
  const { method, path, query, headers } = incoming;
  const body = new TextDecoder().decode(await incoming.bytes());
  return answerText(JSON.stringify({ method, path, query, headers, body }));
}

export function answerText(text: string, status = 200): Answer {
  const body: Bytes = new TextEncoder().encode(text);
  return { status, headers: [["content-type", "text/plain"]], body };
}

function answerInner(request: Request): Response {
  return new Response(`inner ${request.method} ${new URL(request.url).pathname}`);
}
