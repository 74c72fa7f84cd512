/** Answers what is not for the proxy path. */
export type Fallback = (
  request: Request,
  info: { readonly remoteAddr: Deno.Addr },
) => Response | Promise<Response>;

/**
 * The platform's own server on a loopback port, for connections that the front hands over. It serves those
 * only: another program of this machine that finds the port is refused.
 */
export class InnerServer {
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #aborter = new AbortController();
  /** Callers by the local port of the connection that they were handed over to. */
  readonly #callers = new Map<number, Deno.Addr>();

  constructor(fallback: Fallback) {
    const options = { hostname: "127.0.0.1", port: 0, signal: this.#aborter.signal, onListen: () => {} };
    this.#server = Deno.serve(options, (request, { remoteAddr }) => {
      const caller = this.#callers.get(remoteAddr.port);
      if (caller === undefined) return new Response(null, { status: 403 });
      return fallback(request, { remoteAddr: caller });
    });
  }

  /** A connection to it in the name of a caller; `leave` when it is over. */
  async connect(caller: Deno.Addr): Promise<Deno.TcpConn> {
    const { hostname, port } = this.#server.addr;
    const conn = await Deno.connect({ hostname, port });
    this.#callers.set(portOf(conn), caller);
    return conn;
  }

  leave(conn: Deno.TcpConn): void {
    this.#callers.delete(portOf(conn));
  }

  /** Resolves when all answers under way are complete. */
  shutdown(): Promise<void> {
    return this.#server.shutdown();
  }

  abort(): void {
    this.#aborter.abort();
  }
}

function portOf(conn: Deno.TcpConn): number {
  return conn.localAddr.port;
}
