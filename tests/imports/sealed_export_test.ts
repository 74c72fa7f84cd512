import assert from "node:assert/strict";
import { Secret } from "../../src/core/secret.ts";
import { ImportError } from "../../src/imports/imported.ts";
import { readImport } from "../../src/imports/read_import.ts";
import { sealExport } from "../../src/imports/sealed_export.ts";
import { keysOf, providerOf } from "./support.ts";

const TEXT = JSON.stringify({
  format: "keyturn",
  version: 1,
  providers: [{
    slug: "openai",
    name: "OpenAI",
    baseUrl: "https://api.openai.com/v1",
    keys: [{ key: "sk-fixture-0001", weight: 3 }],
  }],
});

Deno.test("sealExport() is opened by its passphrase and shows nothing without", async () => {
  const sealed = await sealExport(TEXT, new Secret("correct horse"));

  const imported = await readImport(sealed, { passphrase: new Secret("correct horse") });

  assert.deepEqual(keysOf(providerOf(imported, "openai")), { "0001": { weight: 3 } });
  assert.ok(!sealed.includes("openai") && !sealed.includes("sk-fixture"));
});

Deno.test("readImport() refuses a sealed export without its passphrase, with another, and one that was changed", async () => {
  const sealed = await sealExport(TEXT, new Secret("correct horse"));
  const changed = sealed.replace(
    /("body": ")(.)/,
    (_, head: string, first: string) => head + (first === "A" ? "B" : "A"),
  );
  const cases: [text: string, passphrase: string | undefined, code: string][] = [
    [sealed, undefined, "passphrase_needed"],
    [sealed, "battery staple", "passphrase_wrong"],
    [changed, "correct horse", "passphrase_wrong"],
  ];

  for (const [text, passphrase, code] of cases) {
    const options = passphrase === undefined ? {} : { passphrase: new Secret(passphrase) };
    const error = await readImport(text, options).then(() => undefined, (thrown: unknown) => thrown);

    assert.ok(error instanceof ImportError);
    assert.equal(error.code, code);
  }
});

Deno.test("readImport() computes no more for a stranger's sealed file than for ours", async () => {
  const greedy = JSON.stringify({
    format: "keyturn",
    version: 1,
    sealed: { kdf: "scrypt", cost: { N: 2 ** 24, r: 8, p: 1 }, salt: "AAAA", body: "AAAA" },
  });

  const error = await readImport(greedy, { passphrase: new Secret("x") }).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );

  assert.ok(error instanceof ImportError);
});

Deno.test("readKeyturnExport() refuses an export of a newer form", async () => {
  const newer = TEXT.replace('"version":1', '"version":2');

  await assert.rejects(readImport(newer), { code: "newer_version" });
});
