import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import fc from "fast-check";
import { createClientKeyHash } from "../../src/store/client_key_hash.ts";

const HASH_KEY = new TextEncoder().encode("key");

Deno.test("createClientKeyHash() is HMAC-SHA-256 (the example of RFC 2104's Wikipedia page)", () => {
  const hash = createClientKeyHash(HASH_KEY);

  const hashed = hash("The quick brown fox jumps over the lazy dog");

  const hex = "f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8";
  assert.equal(
    hashed,
    btoa(String.fromCharCode(...hex.match(/../g)?.map((byte) => parseInt(byte, 16)) ?? []))
      .replaceAll("+", "-").replaceAll("/", "_").replace("=", ""),
  );
});

Deno.test("createClientKeyHash() tells case, prefixes and Unicode forms apart, and depends on its key", () => {
  const hash = createClientKeyHash(HASH_KEY);
  const keys = [
    "kt-abc",
    "kt-ABC",
    "kt-ab",
    "kt-abc\u0000",
    "kt-\u00e9",
    "kt-e\u0301",
    "",
    "null",
    "undefined",
  ];

  assert.equal(new Set(keys.map(hash)).size, keys.length);
  assert.notEqual(createClientKeyHash(new Uint8Array(32))("kt-abc"), hash("kt-abc"));
});

Deno.test("createClientKeyHash() equals the library's HMAC for keys of any length and script", () => {
  const hash = createClientKeyHash(HASH_KEY);

  fc.assert(
    fc.property(fc.string({ unit: "grapheme", maxLength: 900 }), (clientKey) => {
      assert.equal(hash(clientKey), createHmac("sha256", HASH_KEY).update(clientKey).digest("base64url"));
    }),
    { numRuns: 500 },
  );
});
