import type { Bytes } from "../core/http.ts";
import type { Ticker, Watched } from "../core/watch.ts";
import type { InnerServer } from "./inner_server.ts";

const BUFFER_BYTES = 16_384;
const LINGER_MS = 2_000;

/** A caller's connection that goes on with the inner server: bytes pass both ways as they are. */
export class Handover implements Watched {
  dueMs = Infinity;
  watchSeat = -1;
  /** Its front's own. */
  seat = -1;
  /** Whether it may be more than requests and answers, and so has no end of its own. */
  readonly hasUpgrade: boolean;
  readonly #conn: Deno.TcpConn;
  readonly #server: InnerServer;
  readonly #ticker: Ticker;
  #inner: Deno.TcpConn | undefined;
  #isClosed = false;

  constructor(conn: Deno.TcpConn, server: InnerServer, ticker: Ticker, hasUpgrade: boolean) {
    this.#conn = conn;
    this.#server = server;
    this.#ticker = ticker;
    this.hasUpgrade = hasUpgrade;
  }

  /** Resolves when both sides are closed; never rejects. */
  async run(replay: Bytes): Promise<void> {
    try {
      const inner = await this.#server.connect(this.#conn.remoteAddr);
      this.#inner = inner;
      if (this.#isClosed) return;
      inner.setNoDelay(true);
      await writeAll(inner, replay);
      await Promise.all([pass(this.#conn, inner), this.#passBack(inner)]);
    } catch {
      // One side has broken off, and so does the other.
    } finally {
      this.close();
      if (this.#inner !== undefined) {
        this.#server.leave(this.#inner);
        closeQuietly(this.#inner);
      }
    }
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#ticker.unwatch(this);
    closeQuietly(this.#conn);
    if (this.#inner !== undefined) closeQuietly(this.#inner);
  }

  expire(): void {
    this.close();
  }

  /** When the server has ended, the caller has a moment left to do so. */
  async #passBack(inner: Deno.TcpConn): Promise<void> {
    await pass(inner, this.#conn);
    if (this.#isClosed) return;
    this.dueMs = this.#ticker.now() + LINGER_MS;
    this.#ticker.watch(this);
  }
}

async function pass(from: Deno.TcpConn, to: Deno.TcpConn): Promise<void> {
  const buffer = new Uint8Array(BUFFER_BYTES);
  for (let count = await from.read(buffer); count !== null; count = await from.read(buffer)) {
    await writeAll(to, buffer.subarray(0, count));
  }
  await to.closeWrite();
}

async function writeAll(conn: Deno.TcpConn, bytes: Bytes): Promise<void> {
  let written = await conn.write(bytes);
  while (written < bytes.length) written += await conn.write(bytes.subarray(written));
}

function closeQuietly(conn: Deno.TcpConn): void {
  try {
    conn.close();
  } catch {
    // Broken connections are closed by the platform.
  }
}
