import { Buffer } from "node:buffer";
import { createHmac, timingSafeEqual } from "node:crypto";

/**
 * A mark of a text that only the owner of the key can make, so that it need not be stored: of a session, it is the
 * token that its forms carry; of an account, it shows that a browser has been signed in with it before.
 */
export function keyedMark(key: Uint8Array, text: string): string {
  return createHmac("sha256", key).update(text).digest("base64url");
}

/** Takes the same time wherever the two differ. */
export function isKeyedMark(key: Uint8Array, text: string, presented: string): boolean {
  const expected = Buffer.from(keyedMark(key, text));
  const given = Buffer.from(presented);
  return expected.length === given.length && timingSafeEqual(expected, given);
}
