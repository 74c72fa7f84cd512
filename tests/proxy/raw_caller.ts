import { latin1 } from "../support/raw_server.ts";

/** An answer as its bytes came, one char a byte. */
export interface RawAnswer {
  readonly status: number;
  /** Status line and headers. */
  readonly head: string;
  readonly body: string;
}

/**
 * Sends exactly this text (one byte a char) to a server and reads until it closes; the text should ask for
 * `connection: close`.
 */
export async function callRaw(url: string, text: string): Promise<RawAnswer> {
  const { hostname, port } = new URL(url);
  using conn = await Deno.connect({ hostname, port: Number(port) });
  const bytes = latin1(text);
  let received = "";
  const reading = (async () => {
    const buffer = new Uint8Array(16_384);
    for (;;) {
      // A server that refuses early may reset the connection; what it said before counts.
      const count = await conn.read(buffer).catch(() => null);
      if (count === null) return;
      received += String.fromCharCode(...buffer.subarray(0, count));
    }
  })();
  try {
    for (let at = 0; at < bytes.length;) at += await conn.write(bytes.subarray(at));
  } catch {
    // It has refused before it read all.
  }
  await reading;
  const end = received.indexOf("\r\n\r\n");
  return {
    status: Number(/^HTTP\/1\.1 (\d{3})/.exec(received)?.[1] ?? 0),
    head: end === -1 ? received : received.slice(0, end),
    body: end === -1 ? "" : received.slice(end + 4),
  };
}
