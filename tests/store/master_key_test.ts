import assert from "node:assert/strict";
import { Secret } from "../../src/core/secret.ts";
import { loadMasterKey, MasterKeyError } from "../../src/store/master_key.ts";
import { withFolder } from "./support.ts";

const RANDOM = "q83vEjRWeJCrze8SNFZ4kAECAwQFBgcICQoLDA0ODxA=";

Deno.test("loadMasterKey() makes the file on the first start, for its owner only, and reads it afterwards", () =>
  withFolder(async (folder) => {
    const path = `${folder}/master.key`;

    const first = await loadMasterKey({ path });
    const second = await loadMasterKey({ path });

    assert.deepEqual([first.origin, second.origin], ["created", "file"]);
    assert.deepEqual(first.masterKey.export(), second.masterKey.export());
    assert.equal(((await Deno.stat(path)).mode ?? 0) & 0o777, 0o600);
    assert.deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name), ["master.key"]);
  }));

Deno.test("loadMasterKey() prefers the environment, in base64, base64url or hex", () =>
  withFolder(async (folder) => {
    const hex = Array.from(atob(RANDOM), (char) => char.charCodeAt(0).toString(16).padStart(2, "0")).join("");
    const forms = [RANDOM, RANDOM.replace("=", ""), hex, hex.toUpperCase(), `${RANDOM}\n`];

    const loaded = await Promise.all(
      forms.map((form) => loadMasterKey({ fromEnv: new Secret(form), path: `${folder}/master.key` })),
    );

    assert.ok(loaded.every(({ origin }) => origin === "environment"));
    assert.equal(new Set(loaded.map(({ masterKey }) => masterKey.export().toString("hex"))).size, 1);
    assert.deepEqual([...Deno.readDirSync(folder)], []);
  }));

Deno.test("loadMasterKey() refuses values that are short, default or no 32 bytes, and does not repeat them", async () => {
  const values = [
    "",
    "changeme",
    "0".repeat(64),
    "0123456789abcdef".repeat(4),
    "A".repeat(43),
    RANDOM + RANDOM,
  ];

  for (const value of values) {
    await assert.rejects(loadMasterKey({ fromEnv: new Secret(value) }), (error: Error) => {
      assert.ok(error instanceof MasterKeyError);
      assert.ok(value === "" || !error.message.includes(value));
      return true;
    });
  }
});

Deno.test("loadMasterKey() never replaces a file that it cannot use", () =>
  withFolder(async (folder) => {
    const path = `${folder}/master.key`;
    await Deno.writeTextFile(path, "cut sho");

    await assert.rejects(loadMasterKey({ path }), MasterKeyError);

    assert.equal(await Deno.readTextFile(path), "cut sho");
  }));

Deno.test("loadMasterKey() refuses to go on with neither environment nor file", async () => {
  await assert.rejects(loadMasterKey({}), MasterKeyError);
});
