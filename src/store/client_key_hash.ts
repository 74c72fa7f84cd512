import { Buffer } from "node:buffer";
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";

/**
 * The hash under which a client key is stored and looked up: HMAC-SHA-256 (RFC 2104) in base64url, 43 chars.
 * A fast hash is right here: a client key has 128 random bits or more, and each request pays for it. The
 * platform's own HMAC makes native objects each call, which cost a relay under load some 9 µs; this one begins
 * at the state behind its key, in objects that are there already, and takes one.
 * `hashKey` is `keyring.deriveKey("client_key_hash")`.
 */
export function createClientKeyHash(hashKey: Uint8Array): (clientKey: string) => string {
  const keyed = hmac.create(sha256, hashKey);
  const work = keyed.clone();
  const digest = new Uint8Array(32);
  const text = Buffer.from(digest.buffer);
  return (clientKey) => {
    keyed._cloneInto(work);
    work.update(encoder.encode(clientKey)).digestInto(digest);
    return text.toString("base64url");
  };
}

const encoder = new TextEncoder();
