/**
 * The canned upstream as a program: raw TCP, so that it is never the slow part.
 * `deno run --allow-net tests/bench/canned_upstream.ts PORT`
 */
import process from "node:process";
import { ANSWER_HEADERS, COMPLETION, EVENTS, PACE_MS } from "./canned_answers.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder("latin1");

const COMMON = ANSWER_HEADERS.map(([name, value]) => `${name}: ${value}\r\n`).join("");
const PLAIN = encoder.encode(
  `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n${COMMON}` +
    `content-length: ${COMPLETION.length}\r\n\r\n${COMPLETION}`,
);
const STREAM_HEAD = encoder.encode(
  `HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\n${COMMON}transfer-encoding: chunked\r\n\r\n`,
);
const CHUNKS = EVENTS.map((event, index) => {
  const frame = `${event.length.toString(16)}\r\n${event}\r\n`;
  return encoder.encode(index === EVENTS.length - 1 ? `${frame}0\r\n\r\n` : frame);
});
/** The body of every request ends with it. */
const END_OF_REQUEST = 0x7d;

if (import.meta.main) await serve(Number(process.argv[2]));

async function serve(port: number): Promise<void> {
  for await (const conn of Deno.listen({ hostname: "127.0.0.1", port })) {
    conn.setNoDelay(true);
    // A relay that closes a connection in the middle is its own business.
    serveConnection(conn).catch(() => {}).finally(() => conn.close());
  }
}

/** One request after the other: relays do not send the next one before the answer. */
async function serveConnection(conn: Deno.TcpConn): Promise<void> {
  const buffer = new Uint8Array(16_384);
  let end = 0;
  for (;;) {
    const count = await conn.read(buffer.subarray(end));
    if (count === null) return;
    end += count;
    if (!isWhole(buffer, end)) continue;
    const request = decoder.decode(buffer.subarray(0, end));
    end = 0;
    if (!request.includes('"stream":true')) await writeAll(conn, PLAIN);
    else await stream(conn, request);
  }
}

/** Head and body may come in pieces; a body of ours ends with the last brace of its JSON, or of its last chunk. */
function isWhole(buffer: Uint8Array, end: number): boolean {
  if (buffer[end - 1] === END_OF_REQUEST) return true;
  return end > 6 && decoder.decode(buffer.subarray(end - 7, end)) === "\r\n0\r\n\r\n";
}

async function stream(conn: Deno.TcpConn, request: string): Promise<void> {
  const isPaced = request.includes('"user":"paced"');
  const isHeld = request.includes('"user":"held"');
  await writeAll(conn, STREAM_HEAD);
  for (const [index, chunk] of CHUNKS.entries()) {
    await writeAll(conn, chunk);
    if (isPaced) await pause(PACE_MS);
    if (isHeld && index === 2) await pause(30_000);
  }
}

async function writeAll(conn: Deno.TcpConn, bytes: Uint8Array): Promise<void> {
  let written = await conn.write(bytes);
  while (written < bytes.length) written += await conn.write(bytes.subarray(written));
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
