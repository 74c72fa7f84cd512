import type { Origin } from "./transport.ts";

/** Opens a connection, TLS handshake included. A connection that opens after the abort must be closed by it. */
export type Dial = (origin: Origin, signal: AbortSignal) => Promise<Deno.Conn>;

export interface DialOptions {
  /** Certificates in PEM form that are trusted beside the built-in ones. */
  readonly caCerts?: readonly string[];
  /**
   * Gives the addresses to connect to, in order; throws when the origin must not be reached. What is connected
   * to is what was checked here, so a name cannot change its mind in between. Without it, the platform resolves
   * and nothing is refused.
   */
  readonly resolve?: (origin: Origin) => Promise<readonly string[]>;
}

/** Connects by TCP and, where the origin asks for it, TLS with ALPN `http/1.1` and the origin's own name. */
export function createDial(options: DialOptions = {}): Dial {
  const caCerts = [...(options.caCerts ?? [])];
  return async (origin, signal) => {
    const addresses = options.resolve === undefined ? [origin.hostname] : await options.resolve(origin);
    const tcp = await connectFirst(addresses, origin.port, signal);
    if (!origin.isTls) return tcp;
    // Closing the connection makes a handshake fail. Deno 2.9 keeps the socket of an unfinished handshake until
    // the other side closes it; there is no way to it from here.
    let open: Deno.Conn = tcp;
    const abandon = () => close(open);
    signal.addEventListener("abort", abandon);
    try {
      const tls = await Deno.startTls(tcp, {
        hostname: origin.hostname,
        caCerts,
        alpnProtocols: ["http/1.1"],
      });
      open = tls;
      if (signal.aborted) throw new Error("connect was given up");
      const { alpnProtocol } = await tls.handshake();
      if (alpnProtocol !== null && alpnProtocol !== "http/1.1") {
        throw new Error("upstream does not speak HTTP/1.1");
      }
      return tls;
    } catch (error) {
      close(open);
      throw error;
    } finally {
      signal.removeEventListener("abort", abandon);
    }
  };
}

async function connectFirst(
  addresses: readonly string[],
  port: number,
  signal: AbortSignal,
): Promise<Deno.TcpConn> {
  let failure: unknown = new Error("name has no address");
  for (const hostname of addresses) {
    try {
      const conn = await Deno.connect({ hostname, port, signal });
      if (signal.aborted) {
        close(conn);
        throw new Error("connect was given up");
      }
      conn.setNoDelay(true);
      return conn;
    } catch (error) {
      failure = error;
      if (signal.aborted) break;
    }
  }
  throw failure;
}

function close(conn: Deno.Conn): void {
  try {
    conn.close();
  } catch {
    // Closed already: `startTls` and a failed handshake take the connection with them.
  }
}
