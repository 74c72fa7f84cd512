import assert from "node:assert/strict";
import { createSecretKey } from "node:crypto";
import { Secret } from "../../src/core/secret.ts";
import { createKeyring, SealError } from "../../src/store/keyring.ts";
import { testKeyring } from "./support.ts";

const PLAIN = new Secret("sk-test-0123456789");
const sealError = (fault: string) => ({ name: SealError.name, fault });

Deno.test("open() gives back what seal() was given, whatever its length", () => {
  const keyring = testKeyring();

  for (const plain of ["", "k", "ключ 🔑", "x".repeat(4096)]) {
    assert.equal(keyring.open(keyring.seal(new Secret(plain), "row"), "row").reveal(), plain);
  }
});

Deno.test("seal() takes a fresh nonce each time and shows nothing of the secret", () => {
  const keyring = testKeyring();

  const sealed = Array.from({ length: 2000 }, () => keyring.seal(PLAIN, "row"));

  const nonces = sealed.map((text) => text.split(".")[2]?.slice(0, 16));
  assert.equal(new Set(nonces).size, 2000);
  assert.ok(sealed.every((text) => /^v1\.[0-9a-f]{8}\.[\w-]+$/.test(text) && !text.includes("sk-test")));
});

Deno.test("open() refuses a sealed text that was moved to another row", () => {
  const keyring = testKeyring();
  const sealed = keyring.seal(PLAIN, "row-a");

  assert.throws(() => keyring.open(sealed, "row-b"), sealError("broken"));
});

Deno.test("open() refuses a text of which any one character was changed", () => {
  const keyring = testKeyring();
  const sealed = keyring.seal(PLAIN, "row");

  for (let at = 0; at < sealed.length - 1; at++) {
    const changed = sealed.slice(0, at) + (sealed[at] === "A" ? "B" : "A") + sealed.slice(at + 1);
    assert.throws(() => keyring.open(changed, "row"), SealError);
  }
});

Deno.test("open() refuses plaintext, other versions and cut texts", () => {
  const keyring = testKeyring();
  const sealed = keyring.seal(PLAIN, "row");

  for (
    const text of ["", "sk-test-0123456789", sealed.replace("v1", "v2"), sealed.slice(0, 30), sealed + ".x"]
  ) {
    assert.throws(() => keyring.open(text, "row"), sealError("format"));
  }
});

Deno.test("open() names another master key as the cause", () => {
  const sealed = testKeyring().seal(PLAIN, "row");

  assert.throws(() => testKeyring().open(sealed, "row"), sealError("other_key"));
});

Deno.test("createKeyring() opens what a previous master key has sealed, and seals with the newest", () => {
  const [oldest, newest] = [masterKey(), masterKey()];
  const sealed = createKeyring(oldest).seal(PLAIN, "row");
  const keyring = createKeyring(newest, [oldest]);

  const renewed = keyring.seal(keyring.open(sealed, "row"), "row");

  assert.deepEqual([keyring.isCurrent(sealed), keyring.isCurrent(renewed)], [false, true]);
  assert.equal(createKeyring(newest).open(renewed, "row").reveal(), PLAIN.reveal());
});

Deno.test("fingerprint() is the same for the same secret, and differs by master key and from other purposes", () => {
  const keyring = testKeyring();

  const print = keyring.fingerprint(PLAIN);

  assert.equal(keyring.fingerprint(new Secret(PLAIN.reveal())), print);
  assert.notEqual(keyring.fingerprint(new Secret("sk-test-0123456780")), print);
  assert.notEqual(testKeyring().fingerprint(PLAIN), print);
  assert.notDeepEqual(keyring.deriveKey("client_key_hash"), keyring.deriveKey("session"));
});

Deno.test("a master key and a keyring show nothing when they are printed", () => {
  const bytes = new Uint8Array(32).fill(0xab);
  const key = createSecretKey(bytes);

  const printed = Deno.inspect([key, createKeyring(key)]) + JSON.stringify([key, createKeyring(key)]);

  assert.doesNotMatch(printed, /171|abab|q6ur/);
});

function masterKey() {
  return createSecretKey(crypto.getRandomValues(new Uint8Array(32)));
}
