import assert from "node:assert/strict";
import fc from "fast-check";
import { ImportError } from "../../src/imports/imported.ts";
import { readImport } from "../../src/imports/read_import.ts";
import { fixture, fixtureNames, readFixture } from "./support.ts";

Deno.test("readImport() recognises every product by its shape", async () => {
  const recognised: Record<string, string> = {};
  for (const name of await fixtureNames()) recognised[name] = (await readFixture(name)).product;

  assert.deepEqual(recognised, {
    "api_key_pool.json": "api-key-pool",
    "api_key_rotator.json": "api-key-rotator",
    "api_proxy_system.json": "api-proxy-system",
    "cli_proxy_api.yaml": "cli-proxy-api",
    "gemini_balance.env": "gemini-balance",
    "gemini_balance.json": "gemini-balance",
    "gemini_pool.json": "gemini-pool",
    "gpt_load.json": "gpt-load",
    "gpt_load_export.json": "gpt-load",
    "keys.csv": "csv",
    "litellm.yaml": "litellm",
    "new_api.csv": "new-api",
    "new_api.json": "new-api",
    "one_api.json": "one-api",
    "openrouter_polling.json": "openrouter-polling",
    "plain.env": "env",
    "text.txt": "text",
  });
});

Deno.test("readImport() keeps secrets as secrets: what is not a key and what is printed hold none", async () => {
  for (const name of await fixtureNames()) {
    const imported = await readFixture(name);
    const secrets = [
      ...imported.providers.flatMap(({ keys }) => keys),
      ...imported.clientKeys,
    ].map(({ secret }) => secret.reveal());

    const printed = JSON.stringify(imported);

    assert.ok(secrets.length > 0, name);
    for (const secret of secrets) assert.ok(!printed.includes(secret), `${name} shows ${secret}`);
  }
});

Deno.test("readImport() names the line of broken JSON and YAML, and repeats nothing of it", async () => {
  const cases: [text: string, code: string, line: number | undefined][] = [
    ['{"key": "sk-planted-0001"}\n{"key": "sk-planted-0002"', "bad_json", 2],
    ["{oops sk-planted-0003", "bad_json", undefined],
    ["model_list:\n  - model_name: a\n   bad: [sk-planted-0004\n", "bad_yaml", 3],
    ["  \n\t\n", "empty", undefined],
    ['{"hello": "world"}', "unknown_shape", undefined],
    ["[]", "unknown_shape", undefined],
    ["42", "", undefined],
  ];

  for (const [text, code, line] of cases) {
    const error = await readImport(text).then(() => undefined, (thrown: unknown) => thrown);

    if (code === "") {
      assert.equal(error, undefined, "a lone word is a line of text");
      continue;
    }
    assert.ok(error instanceof ImportError, text);
    assert.deepEqual([error.code, error.line], [code, line], text);
    assert.ok(!`${error.message}${error.stack}`.includes("planted"), "a broken file holds keys, too");
  }
});

Deno.test("readImport() does not let a small YAML grow without bound", async () => {
  const bomb = ["model_list:", "  - &a0 [x, x, x, x, x, x, x, x, x, x]"];
  for (let at = 1; at < 12; at++) bomb.push(`  - &a${at} [${Array(10).fill(`*a${at - 1}`).join(", ")}]`);

  await assert.rejects(readImport(bomb.join("\n")), ImportError);
});

Deno.test("readImport() reads the envelope of an API's answer, one object a line, and a byte order mark", async () => {
  const row = '{"provider": "groq", "key": "gsk_fixture_0001"}';
  const texts = [
    `{"success": true, "data": [${row}]}`,
    `{"success": true, "data": {"items": [${row}]}}`,
    `{"code": 0, "message": "", "data": {"keys": [${row}]}}`,
    `${row}\n${row.replace("0001", "0002")}\n`,
    `\uFEFF[${row}]`,
  ];

  for (const text of texts) {
    const { providers } = await readImport(text);

    assert.deepEqual(providers.map(({ slug }) => slug), ["groq"], text);
    assert.equal(providers[0]?.keys[0]?.secret.reveal(), "gsk_fixture_0001");
  }
});

Deno.test("readImport() reads lists of keys by provider", async () => {
  const text =
    '{"openai": ["sk-proj-fixture-1", "sk-proj-fixture-2:7"], "gemini": "AIzaFixture3", "house": ["abc-0004"]}';

  const { providers } = await readImport(text);

  assert.deepEqual(
    providers.map(({ slug, preset, keys }) => [slug, preset, keys.map(({ weight }) => weight)]),
    [["openai", "openai", [undefined, 7]], ["gemini", "gemini", [undefined]], ["house", undefined, [
      undefined,
    ]]],
  );
});

Deno.test("readImport() never throws anything but ImportError, whatever it is given", async () => {
  const pieces = fc.constantFrom(
    "{",
    "[",
    "]",
    "}",
    '"key":',
    '"api_keys":',
    "model_list:",
    "api-keys:",
    "API_KEYS=",
    "key,weight\n",
    "sk-abc:5",
    "\n",
    ",",
    '"',
    "null",
    "\u0000",
    "- ",
    "&a ",
    "*a",
    "groups",
    ":",
    " ",
  );

  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.string(), fc.array(pieces).map((all) => all.join(""))), async (text) => {
      const error = await readImport(text).then(() => undefined, (thrown: unknown) => thrown);
      assert.ok(error === undefined || error instanceof ImportError, String(error));
    }),
    { numRuns: 500 },
  );
});

Deno.test("readImport() reads 100,000 lines in less than two seconds", async () => {
  const lines = Array.from(
    { length: 100_000 },
    (_, index) => `sk-or-v1-fixture-${index}:${index % 1000 + 1}`,
  );
  const startedMs = performance.now();

  const { providers } = await readImport(lines.join("\n"));

  const tookMs = performance.now() - startedMs;
  assert.equal(providers[0]?.keys.length, 100_000);
  assert.ok(tookMs < 2_000, `${Math.round(tookMs)} ms`);
});

Deno.test("readImport() takes text that only resembles another form as text", async () => {
  const { product, providers } = await readImport("my key is here\nsk-ant-fixture-0001\n");

  assert.equal(product, "text");
  assert.deepEqual(providers.map(({ slug }) => slug), ["anthropic"]);
  assert.equal(await fixture("text.txt").then((text) => text.length > 0), true);
});
