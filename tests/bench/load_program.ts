/**
 * The load generator's own program: raw TCP with one request at a time on a connection.
 * `deno run --allow-net tests/bench/load_program.ts MODE PORT PATH BODY NUMBER SECONDS`, one line of JSON out:
 *
 * - `closed`: NUMBER connections, each sends as soon as it has its answer (when `wrk` is not installed)
 * - `rate`: NUMBER requests a second, at even distances, whether or not the answers come
 * - `hold`: NUMBER streams, open for SECONDS
 */
import process from "node:process";
import { CLIENT_KEY } from "./keyturn_relay.ts";

/** What one run of load showed. */
export interface LoadResult {
  readonly requests: number;
  readonly failures: number;
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

function requestBytes(path: string, body: string): Uint8Array {
  return new TextEncoder().encode(
    `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer ${CLIENT_KEY}\r\n` +
      "content-type: application/json\r\naccept: application/json\r\nuser-agent: OpenAI/JS 7.55.0\r\n" +
      `content-length: ${body.length}\r\n\r\n${body}`,
  );
}

class Load {
  readonly #port: number;
  readonly #request: Uint8Array;
  readonly #latencies: number[] = [];
  readonly #idle: Deno.TcpConn[] = [];
  #failures = 0;
  #tookMs = 0;

  constructor(port: number, request: Uint8Array) {
    this.#port = port;
    this.#request = request;
  }

  async closed(connections: number, forMs: number): Promise<void> {
    const startMs = performance.now();
    await Promise.all(Array.from({ length: connections }, async () => {
      while (performance.now() - startMs < forMs) await this.#once();
    }));
    this.#tookMs = performance.now() - startMs;
  }

  async atRate(rate: number, forMs: number): Promise<void> {
    const startMs = performance.now();
    const pending: Promise<void>[] = [];
    for (let sent = 0; sent < rate * forMs / 1000; sent++) {
      const waitMs = startMs + sent * 1000 / rate - performance.now();
      if (waitMs > 0) await pause(waitMs);
      pending.push(this.#once());
    }
    await Promise.all(pending);
    this.#tookMs = performance.now() - startMs;
  }

  async hold(streams: number, forMs: number): Promise<void> {
    const open = Array.from({ length: streams }, async () => {
      const conn = await this.#connect();
      await writeAll(conn, this.#request);
      await conn.read(new Uint8Array(4096));
      return conn;
    });
    // So many connections at once overflow the queue of a listener only now and then.
    const settled = await Promise.allSettled(open);
    this.#failures = settled.filter(({ status }) => status === "rejected").length;
    await pause(forMs);
    for (const each of settled) if (each.status === "fulfilled") each.value.close();
  }

  result(): LoadResult {
    const sorted = this.#latencies.toSorted((one, other) => one - other);
    const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
    return {
      requests: sorted.length,
      failures: this.#failures,
      seconds: this.#tookMs / 1000,
      p50Ms: at(0.5),
      p99Ms: at(0.99),
    };
  }

  async #once(): Promise<void> {
    const conn = this.#idle.pop() ?? await this.#connect();
    const startMs = performance.now();
    try {
      await writeAll(conn, this.#request);
      if (!await readAnswer(conn)) this.#failures++;
      else this.#latencies.push(performance.now() - startMs);
      this.#idle.push(conn);
    } catch {
      // Counted; the next request opens a new connection.
      this.#failures++;
      conn.close();
    }
  }

  async #connect(): Promise<Deno.TcpConn> {
    const conn = await Deno.connect({ hostname: "127.0.0.1", port: this.#port });
    conn.setNoDelay(true);
    return conn;
  }
}

const decoder = new TextDecoder("latin1");
const LAST_CHUNK = "\r\n0\r\n\r\n";

/** Reads one answer to its end; gives whether it was a success. */
async function readAnswer(conn: Deno.TcpConn): Promise<boolean> {
  const buffer = new Uint8Array(32_768);
  let text = "";
  for (;;) {
    const count = await conn.read(buffer);
    if (count === null) throw new Error("connection closed");
    text += decoder.decode(buffer.subarray(0, count));
    const headEnd = text.indexOf("\r\n\r\n");
    if (headEnd === -1) continue;
    const length = /\r\ncontent-length: *(\d+)/i.exec(text.slice(0, headEnd))?.[1];
    const isWhole = length === undefined
      ? text.endsWith(LAST_CHUNK)
      : text.length >= headEnd + 4 + Number(length);
    if (isWhole) return text.startsWith("HTTP/1.1 200");
  }
}

async function writeAll(conn: Deno.TcpConn, bytes: Uint8Array): Promise<void> {
  let written = await conn.write(bytes);
  while (written < bytes.length) written += await conn.write(bytes.subarray(written));
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

if (import.meta.main) {
  const [mode, port, path = "", body = "", number, seconds] = process.argv.slice(2);
  const request = requestBytes(path, body);
  const load = new Load(Number(port), request);
  if (mode === "closed") await load.closed(Number(number), Number(seconds) * 1000);
  else if (mode === "rate") await load.atRate(Number(number), Number(seconds) * 1000);
  else await load.hold(Number(number), Number(seconds) * 1000);
  process.stdout.write(JSON.stringify(load.result()) + "\n");
  process.exit(0);
}
