import { Buffer } from "node:buffer";
import { createHmac, timingSafeEqual } from "node:crypto";

/**
 * The hash under which a client key is stored and looked up: HMAC-SHA-256 (RFC 2104) in base64url, 43 chars.
 * A fast hash is right here: a client key has 128 random bits or more, and each request pays for it (3 µs).
 * `hashKey` is `keyring.deriveKey("client_key_hash")`.
 */
export function createClientKeyHash(hashKey: Uint8Array): (clientKey: string) => string {
  return (clientKey) => createHmac("sha256", hashKey).update(clientKey).digest("base64url");
}

/** Compares two hashes in a time that tells nothing about where they differ. */
export function isSameHash(one: string, other: string): boolean {
  const left = Buffer.from(one);
  const right = Buffer.from(other);
  return left.length === right.length && timingSafeEqual(left, right);
}
