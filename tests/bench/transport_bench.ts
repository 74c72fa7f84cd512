/**
 * How many requests a second each transport does against a canned upstream in another process, one core's worth
 * of load generator included: `deno run -A tests/bench/transport_bench.ts [rounds]`. About ten seconds.
 */
import process from "node:process";
import { FetchTransport } from "../../src/transport/fetch.ts";
import { Http1Transport } from "../../src/transport/http1.ts";
import type { Origin, SendLimits, Transport, UpstreamRequest } from "../../src/transport/transport.ts";
import { SystemTicker } from "../../src/ticker.ts";
import { isBytes } from "../../src/core/http.ts";

const CONCURRENCY = 64;
const ROUND_MS = 1_000;

if (import.meta.main) {
  if (process.argv[2] === "upstream") serveCanned();
  else await main(Number(process.argv[2] ?? "4"));
}

async function main(rounds: number): Promise<void> {
  const upstream = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--allow-net", import.meta.filename ?? "", "upstream"],
    stdout: "piped",
  }).spawn();
  const ticker = new SystemTicker();
  const transports: [string, Transport][] = [
    ["http1", new Http1Transport({ ticker })],
    ["fetch", new FetchTransport({ ticker })],
  ];
  try {
    const origin = await readOrigin(upstream.stdout);
    const rates = new Map<string, number[]>(transports.map(([name]) => [name, []]));
    for (const [, transport] of transports) await load(transport, origin, ROUND_MS / 2);
    for (let round = 0; round < rounds; round++) {
      for (const [name, transport] of transports) {
        rates.get(name)?.push(await load(transport, origin, ROUND_MS));
      }
    }
    const medians = [...rates].map(([name, values]) => [name, median(values)] as const);
    for (const [name, rate] of medians) print(`${name} ${Math.round(rate)} requests/s`);
    print(`ratio ${((medians[0]?.[1] ?? 0) / (medians[1]?.[1] ?? 1)).toFixed(2)}`);
  } finally {
    for (const [, transport] of transports) transport.close();
    ticker.close();
    upstream.kill();
    await upstream.status;
  }
}

async function load(transport: Transport, origin: Origin, forMs: number): Promise<number> {
  const body = new TextEncoder().encode(JSON.stringify({ model: "m", input: "x".repeat(1_000) }));
  const request: UpstreamRequest = {
    origin,
    method: "POST",
    path: "/v1/chat/completions",
    headers: [
      ["authorization", "Bearer sk-0123456789abcdef0123456789abcdef"],
      ["content-type", "application/json"],
      ["accept", "application/json"],
      ["user-agent", "bench/1"],
    ],
    body,
  };
  const limits: SendLimits = {
    connectTimeoutMs: 5_000,
    firstByteTimeoutMs: 5_000,
    idleTimeoutMs: 5_000,
    deadlineMs: Date.now() + 60_000,
  };
  let count = 0;
  const startMs = performance.now();
  const endMs = startMs + forMs;
  await Promise.all(Array.from({ length: CONCURRENCY }, async () => {
    while (performance.now() < endMs) {
      const answer = await transport.send(request, limits).answer;
      if (answer.status !== 200 || !isBytes(answer.body)) throw new Error("unexpected answer");
      count++;
    }
  }));
  return count * 1_000 / (performance.now() - startMs);
}

/** Answers every piece of bytes that it reads, which is a request each, since ours come with one write. */
function serveCanned(): void {
  const text = JSON.stringify({ id: "x", object: "chat.completion", text: "y".repeat(550) });
  const answer = new TextEncoder().encode(
    "HTTP/1.1 200 OK\r\ndate: Mon, 02 Mar 2026 00:00:00 GMT\r\ncontent-type: application/json\r\n" +
      "x-request-id: req_0123456789abcdef\r\nx-ratelimit-limit-requests: 5000\r\n" +
      `x-ratelimit-remaining-requests: 4999\r\nvary: origin\r\ncontent-length: ${text.length}\r\n\r\n${text}`,
  );
  const listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  print(String(listener.addr.port));
  accept(listener, async (conn) => {
    const buffer = new Uint8Array(16_384);
    const tail = new TextEncoder().encode('"}');
    for (;;) {
      const count = await conn.read(buffer);
      if (count === null) break;
      // Fetch may write head and body apart: only the end of a body is the end of a request.
      if (buffer[count - 2] === tail[0] && buffer[count - 1] === tail[1]) await conn.write(answer);
    }
  });
}

async function accept(listener: Deno.Listener, serve: (conn: Deno.Conn) => Promise<void>): Promise<void> {
  for await (const conn of listener) serve(conn).catch(() => {}).finally(() => conn.close());
}

async function readOrigin(output: ReadableStream<Uint8Array>): Promise<Origin> {
  const reader = output.getReader();
  const { value } = await reader.read();
  await reader.cancel();
  return { isTls: false, hostname: "127.0.0.1", port: Number(new TextDecoder().decode(value)) };
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
}

function print(line: string): void {
  process.stdout.write(line + "\n");
}
