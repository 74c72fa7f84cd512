/** How an answer names what it was shown as base64: `image/png of 3 bytes`. */
export function seenBytes(mediaType: string, base64: string): string {
  return `${mediaType} of ${base64Bytes(base64)} bytes`;
}

/** How an answer names what it was shown by its address or id. */
export function seenAt(kind: "image" | "file", address: string): string {
  return `${kind} at ${address}`;
}

/** Number of bytes that a base64 text stands for. */
export function base64Bytes(base64: string): number {
  return Math.floor(base64.replace(/=+$/, "").length * 3 / 4);
}

/** Whether it is base64 of whole bytes, standard or URL-safe. */
export function isBase64(text: string): boolean {
  return /^[A-Za-z0-9+/_-]*={0,2}$/.test(text) && text.replace(/=+$/, "").length % 4 !== 1;
}

/** A data URL in its parts, or `undefined` when it is none of base64. Source: RFC 2397 */
export function readDataUrl(
  url: string,
): { readonly mediaType: string; readonly base64: string } | undefined {
  const head = /^data:([\w.+-]+\/[\w.+-]+)(?:;[\w-]+=[^;,]*)*;base64,/.exec(url);
  if (head?.[1] === undefined) return undefined;
  const base64 = url.slice(head[0].length);
  return isBase64(base64) ? { mediaType: head[1], base64 } : undefined;
}
