import type { Bytes } from "../core/http.ts";
import type { Ticker, Watched } from "../core/watch.ts";
import type { FrontLimits } from "./connection_host.ts";
import type { Placed } from "./crowd.ts";
import type { InnerServer } from "./inner_server.ts";

const BUFFER_BYTES = 16_384;
const LINGER_MS = 2_000;
/** Without a byte for so long it gives its place up to others. */
const SILENT_MS = 5_000;

/** What a handover needs of its front. */
export interface HandoverHost {
  readonly server: InnerServer;
  readonly ticker: Ticker;
  readonly limits: Pick<FrontLimits, "handoverIdleMs" | "upgradedIdleMs">;
}

/**
 * A caller's connection that goes on with the inner server: bytes pass both ways as they are. That server waits
 * for ever, so the time in which nothing passes is limited here.
 */
export class Handover implements Watched, Placed {
  dueMs: number;
  watchSeat = -1;
  /** Its front's own. */
  seat = -1;
  /** Whether it speaks another protocol by now, and so has no end of its own. */
  isUpgraded = false;
  readonly #conn: Deno.TcpConn;
  readonly #host: HandoverHost;
  #inner: Deno.TcpConn | undefined;
  #passedMs: number;
  #isEnding = false;
  #isClosed = false;

  constructor(conn: Deno.TcpConn, host: HandoverHost) {
    this.#conn = conn;
    this.#host = host;
    this.#passedMs = host.ticker.now();
    this.dueMs = this.#passedMs + host.limits.handoverIdleMs;
    host.ticker.watch(this);
  }

  /** Whether it has neither switched protocols nor said anything lately. */
  get isIdle(): boolean {
    return !this.#isClosed && !this.isUpgraded && this.#host.ticker.now() - this.#passedMs >= SILENT_MS;
  }

  /** Resolves when both sides are closed; never rejects. */
  async run(replay: Bytes): Promise<void> {
    const { server } = this.#host;
    try {
      const inner = await server.connect(this.#conn.remoteAddr);
      this.#inner = inner;
      if (this.#isClosed) return;
      inner.setNoDelay(true);
      await writeAll(inner, replay);
      await Promise.all([this.#pass(this.#conn, inner), this.#passBack(inner)]);
    } catch {
      // One side has broken off, and so does the other.
    } finally {
      this.close();
      if (this.#inner !== undefined) {
        server.leave(this.#inner);
        closeQuietly(this.#inner);
      }
    }
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#host.ticker.unwatch(this);
    closeQuietly(this.#conn);
    if (this.#inner !== undefined) closeQuietly(this.#inner);
  }

  expire(): void {
    this.close();
  }

  /** When the server has ended, the caller has a moment left to do so. */
  async #passBack(inner: Deno.TcpConn): Promise<void> {
    await this.#pass(inner, this.#conn);
    if (this.#isClosed) return;
    this.#isEnding = true;
    this.dueMs = this.#host.ticker.now() + LINGER_MS;
  }

  async #pass(from: Deno.TcpConn, to: Deno.TcpConn): Promise<void> {
    const buffer = new Uint8Array(BUFFER_BYTES);
    for (let count = await from.read(buffer); count !== null; count = await from.read(buffer)) {
      const bytes = buffer.subarray(0, count);
      if (from === this.#inner && saysSwitched(bytes)) this.isUpgraded = true;
      this.#note();
      await writeAll(to, bytes);
    }
    await to.closeWrite();
  }

  #note(): void {
    if (this.#isEnding) return;
    const { ticker, limits } = this.#host;
    this.#passedMs = ticker.now();
    this.dueMs = this.#passedMs + (this.isUpgraded ? limits.upgradedIdleMs : limits.handoverIdleMs);
  }
}

/** Our own server begins each head with a write of its own, so that a look at the beginning is enough. */
function saysSwitched(bytes: Bytes): boolean {
  if (bytes.length < SWITCHED.length) return false;
  for (let at = 0; at < SWITCHED.length; at++) if (bytes[at] !== SWITCHED.charCodeAt(at)) return false;
  return true;
}

const SWITCHED = "HTTP/1.1 101 ";

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
