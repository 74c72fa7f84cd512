import { type Body, type Bytes, isBytes } from "../core/http.ts";
import { concat } from "./request_body.ts";

/** The first bytes of a body, at most so many; the rest is given up. Rejects as the source does when it breaks. */
export async function collect(body: Body, maxBytes: number): Promise<Bytes> {
  if (isBytes(body)) return body.subarray(0, maxBytes);
  const chunks: Bytes[] = [];
  let size = 0;
  while (size < maxBytes) {
    const chunk = await body.read();
    if (chunk === undefined) return concat(chunks, size);
    chunks.push(chunk);
    size += chunk.byteLength;
  }
  body.cancel();
  return concat(chunks, size).subarray(0, maxBytes);
}
