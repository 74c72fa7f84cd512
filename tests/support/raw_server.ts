import type { Origin } from "../../src/transport/transport.ts";

/** What a test's upstream does with one connection; it is closed when the promise settles. */
export type Script = (connection: RawConnection, index: number) => Promise<void>;

export interface RawServerOptions {
  readonly hostname?: string;
  /** PEM texts: the server then speaks TLS. */
  readonly tls?: { readonly cert: string; readonly key: string; readonly alpn?: string };
  /** Name that the origin carries, when it differs from the address. */
  readonly name?: string;
}

/** An upstream on a loopback port that sends exactly the bytes of its script. */
export class RawServer {
  readonly origin: Origin;
  readonly #listener: Deno.TcpListener | Deno.TlsListener;
  readonly #open = new Set<RawConnection>();
  readonly #running: Promise<void>[] = [];
  readonly #accepting: Promise<void>;
  connectionCount = 0;
  #isClosed = false;

  constructor(script: Script, options: RawServerOptions = {}) {
    const hostname = options.hostname ?? "127.0.0.1";
    const { tls } = options;
    const listener = tls === undefined ? Deno.listen({ port: 0, hostname }) : Deno.listenTls({
      port: 0,
      hostname,
      cert: tls.cert,
      key: tls.key,
      alpnProtocols: [tls.alpn ?? "http/1.1"],
    });
    this.#listener = listener;
    this.origin = { isTls: tls !== undefined, hostname: options.name ?? hostname, port: listener.addr.port };
    this.#accepting = this.#accept(script);
  }

  /** Safe to call twice. */
  async close(): Promise<void> {
    if (!this.#isClosed) this.#listener.close();
    this.#isClosed = true;
    for (const connection of this.#open) connection.close();
    await this.#accepting;
    await Promise.all(this.#running);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #accept(script: Script): Promise<void> {
    for (;;) {
      let conn: Deno.TcpConn | Deno.TlsConn;
      try {
        conn = await this.#listener.accept();
      } catch (error) {
        // Closing the listener ends the loop; a failed handshake does not.
        if (error instanceof Deno.errors.BadResource || error instanceof Deno.errors.Interrupted) return;
        continue;
      }
      // Without it two writes in a row wait 40 ms for each other.
      if ("setNoDelay" in conn) conn.setNoDelay(true);
      const connection = new RawConnection(conn);
      this.#open.add(connection);
      this.#running.push(this.#run(script, connection, this.connectionCount++));
    }
  }

  async #run(script: Script, connection: RawConnection, index: number): Promise<void> {
    try {
      await script(connection, index);
    } catch (error) {
      // A client that goes away ends its script; anything else is a mistake in the test.
      if (!isConnectionError(error)) throw error;
    } finally {
      connection.close();
      this.#open.delete(connection);
    }
  }
}

/** One accepted connection, seen from the server. */
export class RawConnection {
  readonly #conn: Deno.Conn;
  #pending = "";

  constructor(conn: Deno.Conn) {
    this.#conn = conn;
  }

  /** The next request's head, its empty line included, one char a byte; `undefined` when the client has closed. */
  async readHead(): Promise<string | undefined> {
    for (;;) {
      const end = this.#pending.indexOf("\r\n\r\n");
      if (end !== -1) return this.#take(end + 4);
      if (!await this.#fill()) return undefined;
    }
  }

  /** Exactly so many bytes, one char a byte; fewer when the client has closed. */
  async readText(length: number): Promise<string> {
    while (this.#pending.length < length && await this.#fill()) { /* more */ }
    return this.#take(length);
  }

  /** One byte from the wire and no more: what follows stays unread. */
  async readByte(): Promise<void> {
    await this.#conn.read(new Uint8Array(1));
  }

  /** All up to and with `mark`, or to the client's end. */
  async readUntil(mark: string): Promise<string> {
    for (;;) {
      const at = this.#pending.indexOf(mark);
      if (at !== -1) return this.#take(at + mark.length);
      if (!await this.#fill()) return this.#take(this.#pending.length);
    }
  }

  /** Waits until the client closes (or resets), whatever it sends before. */
  async readToEnd(): Promise<void> {
    try {
      while (await this.#fill()) this.#pending = "";
    } catch (error) {
      if (!isConnectionError(error)) throw error;
    }
  }

  /** Text is written one byte a char. */
  async write(data: string | Uint8Array): Promise<void> {
    const bytes = typeof data === "string" ? latin1(data) : data;
    for (let at = 0; at < bytes.length;) at += await this.#conn.write(bytes.subarray(at));
  }

  async closeWrite(): Promise<void> {
    await this.#conn.closeWrite();
  }

  /** Closes; what was not read of the client's bytes makes this a reset (RST) instead of an end (FIN). */
  close(): void {
    try {
      this.#conn.close();
    } catch {
      // Closed before.
    }
  }

  #take(length: number): string {
    const text = this.#pending.slice(0, length);
    this.#pending = this.#pending.slice(length);
    return text;
  }

  async #fill(): Promise<boolean> {
    const buffer = new Uint8Array(16_384);
    const count = await this.#conn.read(buffer);
    if (count === null) return false;
    for (let i = 0; i < count; i++) this.#pending += String.fromCharCode(buffer[i] ?? 0);
    return true;
  }
}

/** One byte a char. */
export function latin1(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}

function isConnectionError(error: unknown): boolean {
  return error instanceof Deno.errors.ConnectionReset || error instanceof Deno.errors.BrokenPipe ||
    error instanceof Deno.errors.BadResource || error instanceof Deno.errors.Interrupted ||
    error instanceof Deno.errors.UnexpectedEof || error instanceof Deno.errors.ConnectionAborted;
}
