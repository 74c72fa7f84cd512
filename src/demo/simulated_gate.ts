const BUFFER_BYTES = 16_384;

/**
 * A TCP door in front of an HTTP server: passes bytes both ways, and can break a connection off without an
 * answer, which `Deno.serve` cannot. Costs some 20 µs a request.
 */
export class SimulatedGate {
  readonly #listener: Deno.TcpListener;
  readonly #targetPort: number;
  /** By the port from which the server behind the door sees the connection come. */
  readonly #pairs = new Map<number, Pair>();
  readonly #pumps = new Set<Promise<void>>();
  readonly #accepting: Promise<void>;
  #isClosed = false;

  /** Listens on a free loopback port. */
  constructor(targetPort: number) {
    this.#targetPort = targetPort;
    this.#listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    this.#accepting = this.#accept();
  }

  get port(): number {
    return this.#listener.addr.port;
  }

  /** Breaks off the connection that the server behind the door sees come from `innerPort`. */
  drop(innerPort: number): void {
    const pair = this.#pairs.get(innerPort);
    if (pair !== undefined) closeBoth(pair);
  }

  /** Takes no more connections, breaks off those that are open, and waits until all is at rest. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#listener.close();
    for (const pair of this.#pairs.values()) closeBoth(pair);
    await this.#accepting;
    await Promise.all(this.#pumps);
  }

  async #accept(): Promise<void> {
    while (!this.#isClosed) {
      let outer: Deno.TcpConn;
      try {
        outer = await this.#listener.accept();
      } catch {
        return; // The listener was closed.
      }
      const passing = this.#pass(outer).finally(() => this.#pumps.delete(passing));
      this.#pumps.add(passing);
    }
  }

  async #pass(outer: Deno.TcpConn): Promise<void> {
    const inner = await this.#connect();
    if (inner === undefined || this.#isClosed) {
      outer.close();
      inner?.close();
      return;
    }
    outer.setNoDelay();
    inner.setNoDelay();
    const innerPort = inner.localAddr.port;
    const pair = { outer, inner, isClosed: false };
    this.#pairs.set(innerPort, pair);
    // A caller that closes is gone, whole or half: the server must hear of it at once.
    const up = pump(outer, inner).finally(() => closeBoth(pair));
    const down = pump(inner, outer).finally(() => closeBoth(pair));
    await Promise.all([up, down]);
    this.#pairs.delete(innerPort);
  }

  async #connect(): Promise<Deno.TcpConn | undefined> {
    try {
      return await Deno.connect({ hostname: "127.0.0.1", port: this.#targetPort });
    } catch {
      return undefined; // The server behind the door is closing.
    }
  }
}

interface Pair {
  readonly outer: Deno.TcpConn;
  readonly inner: Deno.TcpConn;
  isClosed: boolean;
}

function closeBoth(pair: Pair): void {
  if (pair.isClosed) return;
  pair.isClosed = true;
  pair.outer.close();
  pair.inner.close();
}

async function pump(from: Deno.TcpConn, to: Deno.TcpConn): Promise<void> {
  const buffer = new Uint8Array(BUFFER_BYTES);
  try {
    for (;;) {
      const count = await from.read(buffer);
      if (count === null) return;
      for (let at = 0; at < count;) at += await to.write(buffer.subarray(at, count));
    }
  } catch {
    // Either side is closed: so is the other, by the caller of this function.
  }
}
