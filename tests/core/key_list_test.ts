import assert from "node:assert/strict";
import { keyFault, parseKeyEntry, parseKeyList } from "../../src/core/key_list.ts";

const shown = (text: string) =>
  parseKeyList(text).seeds.map(({ secret, weight }) => `${secret.reveal()}*${weight ?? "-"}`);

Deno.test("parseKeyList() reads newlines, commas, weights and comments", () => {
  const text = "sk-a, sk-b:3\r\n# a comment, with a comma\n\n  sk-c:1000\n,sk-d,";

  assert.deepEqual(shown(text), ["sk-a*-", "sk-b*3", "sk-c*1000", "sk-d*-"]);
});

Deno.test("parseKeyList() keeps a colon that is no weight", () => {
  assert.deepEqual(shown("user:pass,user:pass:2,a:"), ["user:pass*-", "user:pass*2", "a:*-"]);
});

Deno.test("parseKeyList() tells which entries are no keys, and why, without their text", () => {
  const { seeds, invalid } = parseKeyList("good\ntwo words\nb\u0007ell\nsk-a:0\nsk-b:1001\nschlüssel");

  assert.equal(seeds.length, 1);
  assert.deepEqual(invalid.map(({ position }) => position), [2, 3, 4, 5, 6]);
  assert.doesNotMatch(JSON.stringify(invalid), /two words|schl|sk-/);
});

Deno.test("parseKeyEntry() does not cut a key that is digits behind a colon only", () => {
  const seed = parseKeyEntry(":5");

  assert.equal(typeof seed === "string" ? seed : seed.secret.reveal(), ":5");
});

Deno.test("keyFault() refuses what no header can carry", () => {
  for (const key of ["", "a b", "a\nb", "a\u0000", "é", "x".repeat(4097)]) {
    assert.notEqual(keyFault(key), undefined, JSON.stringify(key.slice(0, 10)));
  }
  assert.equal(keyFault("sk-proj_A.b~c+/="), undefined);
});
