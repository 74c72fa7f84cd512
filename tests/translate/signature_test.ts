import assert from "node:assert/strict";
import fc from "fast-check";
import { tagged, untagged } from "../../src/translate/signature.ts";

const issuer = fc.constantFrom("openai", "anthropic", "gemini");
const value = fc.oneof(
  fc.base64String(),
  fc.tuple(issuer, fc.string()).map(([whose, rest]) => `kt.${whose}.${rest}`),
  fc.string(),
);

Deno.test("tagged() leaves a dialect's own value as it is", () => {
  const text = tagged({ issuer: "anthropic", value: "EqQB+/=" }, "anthropic");

  assert.equal(text, "EqQB+/=");
});

Deno.test("tagged() names the issuer of a foreign value", () => {
  const text = tagged({ issuer: "gemini", value: "AbC" }, "anthropic");

  assert.equal(text, "kt.gemini.AbC");
});

Deno.test("untagged() takes a value for the dialect's own when the tag names nobody known", () => {
  const signature = untagged("kt.mistral.AbC", "anthropic");

  assert.deepEqual(signature, { issuer: "anthropic", value: "kt.mistral.AbC" });
});

Deno.test("untagged() gives what tagged() was given, whatever the value looks like", () => {
  fc.assert(fc.property(issuer, issuer, value, (from, own, text) => {
    const signature = { issuer: from, value: text };

    const back = untagged(tagged(signature, own), own);

    assert.deepEqual(back, signature);
  }));
});
